// BLIP captioning: the reference's numbers, what the caches must not change, and files that are not what they
// claim to be.
#include "workers/encoders/blip.hpp"

#include <ATen/ops/rand.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "ops/lab/parity/blip_cases.hpp"
#include "tests/shared_folder.hpp"
#include "tests/workers/encoders/tiny_blip.hpp"

namespace bgm {
namespace {

using testing::HasSubstr;
using Tokens = std::vector<std::int64_t>;

class BlipTest : public testing::Test {
 protected:
    BlipTest()
        : folder_(std::filesystem::path(testing::TempDir()) / ("bgm_blip_" + std::to_string(::getpid()))) {}
    ~BlipTest() override { std::filesystem::remove_all(folder_); }

    Result<Blip> try_open(const TinyBlip& tiny) const {
        tiny.write(folder_);
        return Blip::open(folder_, {});
    }
    Blip open(const TinyBlip& tiny = TinyBlip()) const {
        auto blip = try_open(tiny);
        if (!blip) throw std::runtime_error(blip.error().to_string());
        return std::move(*blip);
    }
    std::string error_of(const TinyBlip& tiny) const {
        const auto blip = try_open(tiny);
        return blip ? "opened" : blip.error().to_string();
    }
    static torch::Tensor image(const Blip& blip, std::int64_t count) {
        torch::manual_seed(7);
        return blip.vision.forward(at::rand({count, 3, 8, 8}) * 2 - 1);
    }
    static std::vector<Tokens> captions(const Blip& blip, const torch::Tensor& image, std::size_t beams) {
        TokenSearch search = blip.config.text.search;
        search.beams = beams;
        const std::vector<Tokens> prompts(static_cast<std::size_t>(image.size(0)), {blip.config.text.bos_id});
        const auto ids = blip.generate(image, prompts, search);
        EXPECT_TRUE(ids.ok()) << (ids.ok() ? "" : ids.error().to_string());
        return ids.ok() ? *ids : std::vector<Tokens>{};
    }
    static torch::Tensor rows(const std::vector<Tokens>& tokens) {
        torch::Tensor all = at::tensor(tokens.front()).unsqueeze(0);
        for (std::size_t i = 1; i < tokens.size(); ++i)
            all = torch::cat({all, at::tensor(tokens[i]).unsqueeze(0)});
        return all;
    }
    static double distance(const torch::Tensor& a, const torch::Tensor& b) {
        return (a - b).abs().max().item<double>();
    }

    const std::filesystem::path folder_;
    const torch::NoGradGuard no_gradients_;
};

TEST_F(BlipTest, EqualsTheReferenceOutputs) {
    const auto directory = shared_folder() / "parity/blip_tiny_a";
    if (!std::filesystem::exists(directory)) GTEST_SKIP() << directory << " is not there";
    for (const bool fused : {true, false}) {
        const auto lines = check_blip(directory, {.fused = fused});
        ASSERT_TRUE(lines.ok()) << lines.error().to_string();
        EXPECT_EQ(lines->size(), 10U);
        for (const ParityLine& line : *lines)
            EXPECT_TRUE(line.ok) << line.name << ": " << line.difference << " " << line.detail;
    }
}

TEST_F(BlipTest, TokensFedOneByOneGiveTheSameAsAllAtOnce) {
    const Blip blip = open();
    const torch::Tensor seen = image(blip, 2);
    const torch::Tensor ids = rows({{22, 5, 9, 3, 7}, {22, 1, 1, 8, 4}});
    auto at_once = blip.decoder.begin(seen);
    const torch::Tensor expected = blip.decoder.feed(at_once, ids);
    auto stepwise = blip.decoder.begin(seen);
    EXPECT_LT(distance(blip.decoder.feed(stepwise, ids.narrow(1, 0, 2)), expected.narrow(1, 0, 2)), 1e-5);
    for (std::int64_t i = 2; i < 5; ++i)
        EXPECT_LT(distance(blip.decoder.feed(stepwise, ids.narrow(1, i, 1)), expected.narrow(1, i, 1)), 1e-5);
}

TEST_F(BlipTest, ALaterTokenChangesNothingBeforeIt) {
    const Blip blip = open();
    const torch::Tensor seen = image(blip, 2);
    auto state = blip.decoder.begin(seen);
    const torch::Tensor hidden = blip.decoder.feed(state, rows({{22, 5, 9}, {22, 5, 4}}));
    auto same = blip.decoder.begin(seen.narrow(0, 0, 1).expand_as(seen));
    const torch::Tensor one_image = blip.decoder.feed(same, rows({{22, 5, 9}, {22, 5, 4}}));
    EXPECT_LT(distance(one_image[0].narrow(0, 0, 2), one_image[1].narrow(0, 0, 2)), 1e-6);
    EXPECT_GT(distance(hidden[0].narrow(0, 0, 2), hidden[1].narrow(0, 0, 2)), 1e-3)
        << "the two images must tell";
}

TEST_F(BlipTest, RowsThatGoOnFromOthersTakeTheirPastAndTheirImage) {
    const Blip blip = open();
    const torch::Tensor seen = image(blip, 3);
    auto state = blip.decoder.begin(seen);
    (void)blip.decoder.feed(state, rows({{22, 5}, {22, 6}, {22, 7}}));
    // The first image is done; two rows each go on for the others.
    const std::vector<std::size_t> from_start = {1, 1, 2, 2};
    blip.decoder.select(state, from_start);
    (void)blip.decoder.feed(state, rows({{3}, {4}, {8}, {9}}));
    const std::vector<std::size_t> crossed = {1, 0, 3, 3};
    blip.decoder.select(state, crossed);
    const torch::Tensor ours = blip.decoder.feed(state, rows({{10}, {11}, {12}, {13}}));

    const std::vector<Tokens> whole = {{22, 6, 4, 10}, {22, 6, 3, 11}, {22, 7, 9, 12}, {22, 7, 9, 13}};
    auto fresh = blip.decoder.begin(seen.index_select(0, at::tensor(Tokens{1, 1, 2, 2})));
    const torch::Tensor expected = blip.decoder.feed(fresh, rows(whole)).narrow(1, 3, 1);
    EXPECT_LT(distance(ours, expected), 1e-5);
}

TEST_F(BlipTest, HiddenTokensAreSeenByNoLaterOne) {
    const Blip blip = open();
    const torch::Tensor seen = image(blip, 1);
    const torch::Tensor hidden = rows({{0, 1, 0}});
    const auto after = [&](std::int64_t middle, const torch::Tensor& mask) {
        auto state = blip.decoder.begin(seen);
        (void)blip.decoder.feed(state, rows({{22, middle, 9}}), mask);
        return blip.decoder.feed(state, rows({{4}}));
    };
    EXPECT_LT(distance(after(0, hidden), after(5, hidden)), 1e-6);
    EXPECT_GT(distance(after(0, {}), after(5, {})), 1e-3);
}

TEST_F(BlipTest, WhatIsHiddenGoesWithItsRow) {
    const Blip blip = open();
    const torch::Tensor seen = image(blip, 1);
    const auto second_step = [&](const std::vector<Tokens>& tokens, const std::vector<Tokens>& hidden,
                                 const std::vector<std::size_t>& parents) {
        auto state = blip.decoder.begin(seen);
        (void)blip.decoder.feed(state, rows(tokens), rows(hidden));
        blip.decoder.select(state, parents);
        return blip.decoder.feed(state, rows(std::vector<Tokens>(parents.size(), {4})));
    };
    const auto crossed = second_step({{22, 6, 9}, {22, 5, 9}}, {{0, 1, 0}, {0, 0, 0}}, {1, 0});
    EXPECT_LT(distance(crossed.narrow(0, 0, 1), second_step({{22, 5, 9}}, {{0, 0, 0}}, {0})), 1e-5);
    EXPECT_LT(distance(crossed.narrow(0, 1, 1), second_step({{22, 6, 9}}, {{0, 1, 0}}, {0})), 1e-5);
}

TEST_F(BlipTest, PaddingInsideAPromptIsHidden) {
    TinyBlip tiny;
    const auto generated = [&] {
        const Blip blip = open(tiny);
        const std::vector<Tokens> prompts = {{22, 0, 9}};
        return blip.generate(image(blip, 1), prompts, blip.config.text.search);
    };
    const auto before = generated();
    auto& words = tiny.tensors["text_decoder.bert.embeddings.word_embeddings.weight"].values;
    for (std::size_t i = 0; i < 16; ++i)
        words[i] *= i % 2 == 0 ? -5.0F : 5.0F;
    const auto after = generated();
    ASSERT_TRUE(before.ok() && after.ok());
    EXPECT_EQ(*before, *after);
}

TEST_F(BlipTest, ImagesAreCaptionedAsIfAlone) {
    const Blip blip = open();
    const torch::Tensor seen = image(blip, 4);
    for (const std::size_t beams : {std::size_t{1}, std::size_t{3}}) {
        const auto together = captions(blip, seen, beams);
        ASSERT_EQ(together.size(), 4U);
        for (std::size_t i = 0; i < 4; ++i) {
            const auto alone = captions(blip, seen.narrow(0, static_cast<std::int64_t>(i), 1), beams);
            ASSERT_GE(together[i].size(), alone[0].size());
            EXPECT_TRUE(std::equal(alone[0].begin(), alone[0].end(), together[i].begin())) << i;
        }
    }
}

TEST_F(BlipTest, BeamsFindLikelierCaptionsThanGreedy) {
    const auto mean_log_probability = [](const Blip& blip, const torch::Tensor& seen, const Tokens& ids) {
        auto state = blip.decoder.begin(seen);
        const torch::Tensor fed = rows({ids}).narrow(1, 0, static_cast<std::int64_t>(ids.size()) - 1);
        const torch::Tensor scores = blip.decoder.logits(blip.decoder.feed(state, fed)).log_softmax(-1)[0];
        double sum = 0;
        for (std::size_t i = 1; i < ids.size(); ++i)
            sum += scores[static_cast<std::int64_t>(i) - 1][ids[i]].item<double>();
        return sum / static_cast<double>(ids.size());
    };
    int better = 0;
    for (std::uint32_t seed = 1; seed <= 4; ++seed) {
        TinyBlip tiny(seed);
        tiny.config["text_config"]["sep_token_id"] = 0;  // seldom chosen: all captions are of one length
        tiny.tensors["text_decoder.cls.predictions.bias"].values[0] = -50;
        const Blip blip = open(tiny);
        const torch::Tensor seen = image(blip, 1);
        const double greedy = mean_log_probability(blip, seen, captions(blip, seen, 1)[0]);
        const double beams = mean_log_probability(blip, seen, captions(blip, seen, 6)[0]);
        EXPECT_GE(beams, greedy - 1e-6) << seed;
        better += beams > greedy + 1e-3 ? 1 : 0;
    }
    EXPECT_GE(better, 1);
}

TEST_F(BlipTest, WithoutOutputWeightsTheWordEmbeddingsServe) {
    TinyBlip tiny;
    auto& tensors = tiny.tensors;
    tensors.erase("text_decoder.cls.predictions.decoder.weight");
    const auto tied = captions(open(tiny), image(open(tiny), 2), 1);
    tensors["text_decoder.cls.predictions.decoder.weight"] =
        tensors["text_decoder.bert.embeddings.word_embeddings.weight"];
    const Blip blip = open(tiny);
    EXPECT_EQ(captions(blip, image(blip, 2), 1), tied);
}

TEST_F(BlipTest, TheOutputBiasHasTwoNames) {
    TinyBlip tiny;
    const Blip usual = open(tiny);
    const auto expected = captions(usual, image(usual, 2), 1);
    auto node = tiny.tensors.extract("text_decoder.cls.predictions.bias");
    node.key() = "text_decoder.cls.predictions.decoder.bias";
    tiny.tensors.insert(std::move(node));
    const Blip other = open(tiny);
    EXPECT_EQ(captions(other, image(other, 2), 1), expected);
}

TEST_F(BlipTest, PixelsBeyondTheLastWholePatchAreNotSeen) {
    TinyBlip tiny;
    tiny.config["vision_config"]["image_size"] = 11;
    const Blip blip = open(tiny);
    torch::Tensor pixels = at::rand({1, 3, 11, 11});
    const torch::Tensor before = blip.vision.forward(pixels);
    pixels.narrow(2, 8, 3).fill_(9);
    pixels.narrow(3, 8, 3).fill_(9);
    EXPECT_EQ(before.size(1), 5);
    EXPECT_LT(distance(blip.vision.forward(pixels), before), 1e-6);
}

TEST_F(BlipTest, PromptsThatDoNotSuitTheModelAreRefused) {
    const Blip blip = open();
    const torch::Tensor seen = image(blip, 1);
    const auto message = [&](std::vector<Tokens> prompts) {
        return blip.generate(seen, prompts, blip.config.text.search).error().message;
    };
    EXPECT_THAT(message({{22}, {22}}), HasSubstr("one prompt per image"));
    EXPECT_THAT(message({{24}}), HasSubstr("outside the vocabulary"));
    EXPECT_THAT(message({{-1}}), HasSubstr("outside the vocabulary"));
    EXPECT_THAT(message({Tokens(13, 22)}), HasSubstr("positions"));
}

TEST_F(BlipTest, CaptionsGoNoFurtherThanThePositions) {
    TinyBlip tiny;
    tiny.config["text_config"]["max_length"] = 1000;
    tiny.tensors["text_decoder.cls.predictions.bias"].values[2] = -50;  // no separator
    const Blip blip = open(tiny);
    EXPECT_EQ(captions(blip, image(blip, 1), 1)[0].size(), 13U);
}

TEST_F(BlipTest, ASeparatorOutsideTheVocabularyIsNeverSaid) {
    TinyBlip tiny;
    tiny.config["text_config"].erase("sep_token_id");  // then it is 102
    const Blip blip = open(tiny);
    EXPECT_EQ(captions(blip, image(blip, 2), 1)[0].size(), 10U);
}

struct BadKey {
    const char* part;
    const char* key;
    nlohmann::json value;
    const char* reason;
};

TEST_F(BlipTest, AHostileConfigurationIsNamedByItsKey) {
    const std::vector<BadKey> bad_keys = {
        {"vision_config", "hidden_size", 1'000'000'000, "must be 1 to"},
        {"vision_config", "hidden_size", "wide", "whole number"},
        {"vision_config", "num_attention_heads", 5, "does not divide"},
        {"vision_config", "num_hidden_layers", 1'000'000, "must be 1 to"},
        {"vision_config", "patch_size", 0, "must be 1 to"},
        {"vision_config", "patch_size", 9, "larger than image_size"},
        {"vision_config", "image_size", 100'000, "must be 1 to"},
        {"vision_config", "num_channels", 1, "must be 3"},
        {"vision_config", "hidden_act", "mish", "is not known"},
        {"vision_config", "layer_norm_eps", -1, "must be a number"},
        {"text_config", "vocab_size", -24, "must be 2 to"},
        {"text_config", "bos_token_id", 24, "must be 0 to 23"},
        {"text_config", "bos_token_id", nullptr, "outside the vocabulary"},
        {"text_config", "sep_token_id", -1, "must be 0 to"},
        {"text_config", "pad_token_id", -1, "must be 0 to"},
        {"text_config", "num_attention_heads", 3, "does not divide"},
        {"text_config", "max_position_embeddings", 1 << 30, "must be 1 to"},
        {"text_config", "num_beams", 1000, "must be 1 to"},
        {"text_config", "repetition_penalty", 1.5, "not supported"},
        {"text_config", "no_repeat_ngram_size", 3, "not supported"},
        {"text_config", "do_sample", true, "not supported"},
    };
    for (const BadKey& bad : bad_keys) {
        TinyBlip tiny;
        tiny.config[bad.part][bad.key] = bad.value;
        const std::string error = error_of(tiny);
        EXPECT_THAT(error, HasSubstr(bad.reason)) << bad.key;
        EXPECT_THAT(error, HasSubstr("config.json: " + std::string(bad.part) + ": " + bad.key));
    }
}

TEST_F(BlipTest, ThereMayBeOnlySoManyPatches) {
    TinyBlip tiny;
    tiny.config["vision_config"]["image_size"] = 2048;
    EXPECT_THAT(error_of(tiny), HasSubstr("patch_size: makes more than 4096 patches"));
}

TEST_F(BlipTest, AnotherFamilyIsRefused) {
    TinyBlip tiny;
    tiny.config["model_type"] = "clip";
    EXPECT_THAT(error_of(tiny), HasSubstr("'clip' is not blip"));
}

TEST_F(BlipTest, EveryTensorIsAskedForByNameAndShape) {
    const TinyBlip whole;
    for (const auto& [name, tensor] : whole.tensors) {
        // Its absence means that it is tied.
        const bool may_be_absent = name == "text_decoder.cls.predictions.decoder.weight";
        TinyBlip tiny;
        tiny.tensors.erase(name);
        if (!may_be_absent) {
            EXPECT_THAT(error_of(tiny), HasSubstr("tensor " + name.substr(0, 29))) << name;
        }
        tiny.tensors[name] = tensor;
        tiny.tensors[name].shape.push_back(1);
        EXPECT_THAT(error_of(tiny), HasSubstr("tensor " + name + ": has the shape")) << name;
    }
}

TEST_F(BlipTest, AFileCutShortIsCorrupt) {
    TinyBlip().write(folder_);
    const auto file = folder_ / "model.safetensors";
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
    const auto blip = Blip::open(folder_, {});
    ASSERT_FALSE(blip.ok());
    EXPECT_EQ(blip.error().code, ErrorCode::corrupt);
    EXPECT_THAT(blip.error().message, HasSubstr("model.safetensors"));
}

}  // namespace
}  // namespace bgm
