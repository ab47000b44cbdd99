// CLIP's towers against a naive implementation in double precision, for shapes that no fixture has: heads,
// widths and patches that divide nothing evenly, every way to name the end token, and old files' ways to
// write config.json.
#include <gtest/gtest.h>

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/workers/encoders/naive_transformer.hpp"
#include "workers/encoders/clip_image_tower.hpp"
#include "workers/encoders/clip_text_tower.hpp"
#include "workers/encoders/image_tower.hpp"
#include "workers/encoders/layers.hpp"
#include "workers/encoders/text_tower.hpp"
#include "workers/encoders/threads.hpp"

namespace bgm {
namespace {

using naive::Row;
using naive::Rows;
using nlohmann::json;

constexpr double kNear = 1e-5;

std::vector<float> floats(const torch::Tensor& tensor) {
    const torch::Tensor flat = tensor.contiguous();
    return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

// 30 pixels in patches of 7: four a side, and two pixels that nothing sees.
struct TinyVision {
    std::int64_t width = 24, heads = 3, mlp_width = 40, layers = 2, image = 30, patch = 7, projection = 10;
    std::string activation = "gelu_new";
    double epsilon = 1e-3;

    json section() const {
        return {
            {"hidden_size", width},        {"num_attention_heads", heads}, {"intermediate_size", mlp_width},
            {"num_hidden_layers", layers}, {"image_size", image},          {"patch_size", patch},
            {"hidden_act", activation},    {"layer_norm_eps", epsilon},    {"projection_dim", 99}};
    }
    void add_to(RandomCheckpoint& weights) const {
        const std::string model = "vision_model.";
        const std::int64_t grid = image / patch;
        weights.add(model + "embeddings.class_embedding", {width}, 1);
        weights.add(model + "embeddings.patch_embedding.weight", {width, 3, patch, patch}, 0.2, 0, "F16");
        weights.add(model + "embeddings.position_embedding.weight", {1 + grid * grid, width}, 1, 0, "BF16");
        weights.add_norm(model + "pre_layrnorm", width);
        weights.add_blocks(model + "encoder.layers", layers, width, mlp_width, kClipParts, "BF16");
        weights.add_norm(model + "post_layernorm", width, "F16");
        weights.add_linear("visual_projection", width, projection, false);
    }
    Row embed(const RandomCheckpoint& weights, const float* pixels) const {
        const std::string model = "vision_model.";
        const auto& filters = weights[model + "embeddings.patch_embedding.weight"];
        const auto& places = weights[model + "embeddings.position_embedding.weight"];
        const auto wide = static_cast<std::size_t>(width);
        Rows rows = {weights[model + "embeddings.class_embedding"]};
        for (std::int64_t top = 0; top + patch <= image; top += patch) {
            for (std::int64_t left = 0; left + patch <= image; left += patch) {
                Row row(wide, 0);
                for (std::int64_t i = 0; i < width * 3 * patch * patch; ++i) {
                    const std::int64_t x = i % patch, y = i / patch % patch,
                                       channel = i / (patch * patch) % 3;
                    row[static_cast<std::size_t>(i / (3 * patch * patch))] +=
                        filters[static_cast<std::size_t>(i)] *
                        double{pixels[(channel * image + top + y) * image + left + x]};
                }
                rows.push_back(row);
            }
        }
        for (std::size_t i = 0; i < rows.size(); ++i) {
            for (std::size_t j = 0; j < wide; ++j)
                rows[i][j] += places[i * wide + j];
            rows[i] = naive::layer_norm(rows[i], weights, model + "pre_layrnorm", epsilon);
        }
        const naive::Blocks blocks{model + "encoder.layers",
                                   layers,
                                   kClipParts,
                                   static_cast<std::size_t>(heads),
                                   activation,
                                   epsilon,
                                   true};
        rows = naive::run(blocks, weights, rows, [](auto, auto) { return true; });
        return naive::linear(naive::layer_norm(rows[0], weights, model + "post_layernorm", epsilon), weights,
                             "visual_projection", false);
    }
};

struct TinyText {
    std::int64_t width = 20, heads = 5, mlp_width = 33, layers = 3, vocabulary = 50, tokens_max = 9,
                 projection = 10;
    std::int64_t end_id = 49;
    std::string activation = "relu";

    json section() const {
        return {{"hidden_size", width},           {"num_attention_heads", heads},
                {"intermediate_size", mlp_width}, {"num_hidden_layers", layers},
                {"vocab_size", vocabulary},       {"max_position_embeddings", tokens_max},
                {"hidden_act", activation},       {"eos_token_id", end_id}};
    }
    void add_to(RandomCheckpoint& weights) const {
        const std::string model = "text_model.";
        weights.add(model + "embeddings.token_embedding.weight", {vocabulary, width}, 1, 0, "F16");
        weights.add(model + "embeddings.position_embedding.weight", {tokens_max, width}, 1);
        weights.add_blocks(model + "encoder.layers", layers, width, mlp_width, kClipParts, "F16");
        weights.add_norm(model + "final_layer_norm", width);
        weights.add_linear("text_projection", width, projection, false, "BF16");
    }
    // `end`: the position that is pooled.
    Row embed(const RandomCheckpoint& weights, const std::vector<std::int64_t>& ids, std::size_t end,
              const std::vector<std::int64_t>& mask = {}) const {
        const std::string model = "text_model.";
        const auto& table = weights[model + "embeddings.token_embedding.weight"];
        const auto& places = weights[model + "embeddings.position_embedding.weight"];
        const auto wide = static_cast<std::size_t>(width);
        Rows rows(ids.size(), Row(wide));
        for (std::size_t i = 0; i < ids.size(); ++i) {
            for (std::size_t j = 0; j < wide; ++j)
                rows[i][j] = table[static_cast<std::size_t>(ids[i]) * wide + j] + places[i * wide + j];
        }
        const naive::Blocks blocks{model + "encoder.layers",
                                   layers,
                                   kClipParts,
                                   static_cast<std::size_t>(heads),
                                   activation,
                                   1e-5,
                                   true};
        rows = naive::run(blocks, weights, rows, [&](std::size_t query, std::size_t key) {
            return key <= query && (mask.empty() || mask[key] != 0);
        });
        return naive::linear(naive::layer_norm(rows[end], weights, model + "final_layer_norm", 1e-5), weights,
                             "text_projection", false);
    }
};

class ClipTowers : public testing::Test {
 protected:
    void SetUp() override { use_threads(1); }
    void write(const json& config) const {
        write_file(folder.path() / "config.json", config.dump());
        weights.write(folder.path() / "model.safetensors");
    }
    static json whole(const TinyVision& vision, const TinyText& text) {
        return {{"model_type", "clip"},
                {"projection_dim", vision.projection},
                {"vision_config", vision.section()},
                {"text_config", text.section()}};
    }
    static std::vector<float> waves(std::int64_t count) {
        std::vector<float> pixels;
        for (std::int64_t i = 0; i < count; ++i)
            pixels.push_back(std::sin(0.37F * static_cast<float>(i)) +
                             std::sin(0.011F * static_cast<float>(i)));
        return pixels;
    }
    torch::Tensor text_features(const std::vector<std::int64_t>& ids, const std::vector<std::int64_t>& mask,
                                bool fused) const {
        const auto tower = ClipTextTower::load(folder.path(), {.fused = fused});
        if (!tower) throw std::runtime_error(tower.error().to_string());
        const auto tensor = [](std::vector<std::int64_t> values) {
            return at::from_blob(values.data(), {1, static_cast<std::int64_t>(values.size())}, torch::kInt64)
                .clone();
        };
        return tower->features(tensor(ids), mask.empty() ? torch::Tensor() : tensor(mask));
    }

    ScratchFolder folder;
    TinyVision vision;
    TinyText text;
    RandomCheckpoint weights{7};
};

TEST_F(ClipTowers, ImagesAreAsTheFormulasSay) {
    vision.add_to(weights);
    write(
        {{"model_type", "clip"}, {"projection_dim", vision.projection}, {"vision_config", vision.section()}});
    std::vector<float> pixels = waves(2 * 3 * vision.image * vision.image);
    const Rows expected = {vision.embed(weights, pixels.data()),
                           vision.embed(weights, pixels.data() + 3 * vision.image * vision.image)};
    for (const bool fused : {false, true}) {
        const auto tower = ClipImageTower::load(folder.path(), {.fused = fused});
        ASSERT_TRUE(tower) << tower.error().to_string();
        const torch::Tensor batch =
            at::from_blob(pixels.data(), {2, 3, vision.image, vision.image}, torch::kFloat32);
        EXPECT_LT(naive::difference(floats(tower->features(batch)), expected), kNear) << "fused: " << fused;
    }
}

TEST_F(ClipTowers, TextsArePooledAtTheFirstEndToken) {
    text.end_id = 17;  // not the largest
    text.add_to(weights);
    write({{"model_type", "clip"}, {"projection_dim", 10}, {"text_config", text.section()}});
    const std::vector<std::int64_t> ids = {3, 49, 17, 0, 17};
    for (const bool fused : {false, true})
        EXPECT_LT(naive::difference(floats(text_features(ids, {}, fused)), {text.embed(weights, ids, 2)}),
                  kNear);
}

TEST_F(ClipTowers, TextsArePooledAtTheLargestIdWhereTheConfigNamesTokenTwo) {
    text.end_id = 2;
    text.add_to(weights);
    write({{"model_type", "clip"}, {"projection_dim", 10}, {"text_config", text.section()}});
    const std::vector<std::int64_t> ids = {2, 17, 5, 48, 48, 1};
    for (const bool fused : {false, true})
        EXPECT_LT(naive::difference(floats(text_features(ids, {}, fused)), {text.embed(weights, ids, 3)}),
                  kNear);
}

TEST_F(ClipTowers, TextsWithoutAnEndTokenArePooledAtTheirBeginning) {
    text.add_to(weights);
    write({{"model_type", "clip"}, {"projection_dim", 10}, {"text_config", text.section()}});
    const std::vector<std::int64_t> ids = {3, 17, 5};
    EXPECT_LT(naive::difference(floats(text_features(ids, {}, false)), {text.embed(weights, ids, 0)}), kNear);
}

TEST_F(ClipTowers, MaskedTokensAreNotSeen) {
    text.add_to(weights);
    write({{"model_type", "clip"}, {"projection_dim", 10}, {"text_config", text.section()}});
    const std::vector<std::int64_t> ids = {3, 17, 5, 49, 7};
    const std::vector<std::int64_t> mask = {1, 0, 1, 1, 0};
    for (const bool fused : {false, true}) {
        EXPECT_LT(
            naive::difference(floats(text_features(ids, mask, fused)), {text.embed(weights, ids, 3, mask)}),
            kNear);
    }
}

TEST_F(ClipTowers, OldFilesReplaceASectionAsAWhole) {
    TinyText real = text;
    real.activation = "quick_gelu";  // the default
    real.end_id = 49407;             // the default: none of the ids
    real.add_to(weights);
    json config = whole(vision, text);
    config["text_config_dict"] = real.section();
    config["text_config_dict"].erase("hidden_act");
    config["text_config_dict"].erase("eos_token_id");
    config["vision_config_dict"] = nullptr;
    write(config);
    const std::vector<std::int64_t> ids = {3, 17, 49};
    EXPECT_LT(naive::difference(floats(text_features(ids, {}, false)), {real.embed(weights, ids, 0)}), kNear);
}

TEST_F(ClipTowers, ATowerMayComeAlone) {
    vision.add_to(weights);
    json config = vision.section();
    config["model_type"] = "clip_vision_model";
    config["projection_dim"] = vision.projection;
    write(config);
    EXPECT_TRUE(open_image_tower(folder.path(), kOneThread));
    const auto none = open_text_tower(folder.path(), kOneThread);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::unsupported) << none.error().to_string();
}

TEST_F(ClipTowers, WithoutTheOtherTowersTensorsOneWorks) {
    vision.add_to(weights);
    write(whole(vision, text));
    EXPECT_TRUE(open_image_tower(folder.path(), kOneThread));
    const auto none = open_text_tower(folder.path(), kOneThread);
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message.find("text_model.encoder.layers.0"), std::string::npos)
        << none.error().message;
}

TEST_F(ClipTowers, TheScaleOfLogitsIsTheCheckpoints) {
    vision.add_to(weights);
    json config = whole(vision, text);
    config["logit_scale_init_value"] = 1;
    write(config);
    EXPECT_NEAR((*open_image_tower(folder.path(), kOneThread))->logit_scale(), std::exp(1.0), 1e-6);
    weights.add("logit_scale", {}, 0, 2);
    write(config);
    EXPECT_NEAR((*open_image_tower(folder.path(), kOneThread))->logit_scale(), std::exp(2.0), 1e-6);
}

TEST_F(ClipTowers, EmbeddingsAreRowsOfLengthOne) {
    vision.add_to(weights);
    write(whole(vision, text));
    const auto tower = open_image_tower(folder.path(), {.precision = PrecisionChoice::fp32, .threads = 1});
    ASSERT_TRUE(tower) << tower.error().to_string();
    const std::vector<float> pixels = waves(2 * 3 * vision.image * vision.image);
    const auto rows = (*tower)->embed(pixels, 2);
    ASSERT_TRUE(rows) << rows.error().to_string();
    const Rows expected = {naive::unit(vision.embed(weights, pixels.data())),
                           naive::unit(vision.embed(weights, pixels.data() + pixels.size() / 2))};
    EXPECT_LT(naive::difference(*rows, expected), kNear);
    for (const std::int64_t count : {0, 1, 3, -1})
        EXPECT_EQ((*tower)->embed(pixels, count).error().code, ErrorCode::invalid_argument) << count;
}

TEST_F(ClipTowers, TextsOfDifferentLengthsDoNotDisturbEachOther) {
    text.add_to(weights);
    write(whole(vision, text));
    const auto tower = open_text_tower(folder.path(), {.precision = PrecisionChoice::fp32, .threads = 1});
    ASSERT_TRUE(tower) << tower.error().to_string();
    const std::vector<std::vector<std::int64_t>> texts = {
        {3, 17, 5, 49}, {8, 49}, {1, 2, 3, 4, 5, 6, 7, 8, 49}, {5}};
    const auto rows = (*tower)->embed(texts);
    ASSERT_TRUE(rows) << rows.error().to_string();
    EXPECT_LT(naive::difference(*rows, {naive::unit(text.embed(weights, texts[0], 3)),
                                        naive::unit(text.embed(weights, texts[1], 1)),
                                        naive::unit(text.embed(weights, texts[2], 8)),
                                        naive::unit(text.embed(weights, texts[3], 0))}),
              kNear);
}

TEST_F(ClipTowers, IdsThatTheModelDoesNotHaveAreRefused) {
    text.add_to(weights);
    write(whole(vision, text));
    const auto tower = open_text_tower(folder.path(), kOneThread);
    ASSERT_TRUE(tower) << tower.error().to_string();
    using Texts = std::vector<std::vector<std::int64_t>>;
    for (const Texts& texts :
         {Texts{{1}, {50}}, Texts{{-1}}, Texts{{}}, Texts{}, Texts{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}})
        EXPECT_EQ((*tower)->embed(texts).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace bgm
