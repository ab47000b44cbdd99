// CLAP directories that are broken or made to break: each is refused when it is opened, before memory is
// taken for what it claims, with the file and the key or tensor in the message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/workers/encoders/naive_swin.hpp"
#include "workers/encoders/audio_tower.hpp"
#include "workers/encoders/clap_audio_tower.hpp"
#include "workers/encoders/clap_text_tower.hpp"
#include "workers/encoders/text_tower.hpp"

namespace bgm {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class HostileClap : public testing::Test {
 protected:
    void SetUp() override {
        config = {{"model_type", "clap"},
                  {"projection_dim", 5},
                  {"audio_config", json::parse(shape.section())},
                  {"text_config",
                   {{"hidden_size", 8},
                    {"num_attention_heads", 2},
                    {"intermediate_size", 12},
                    {"num_hidden_layers", 1},
                    {"vocab_size", 10},
                    {"max_position_embeddings", 6}}}};
        const std::string embeddings = "text_model.embeddings.";
        weights.add(embeddings + "word_embeddings.weight", {10, 8}, 1);
        weights.add(embeddings + "position_embeddings.weight", {6, 8}, 1);
        weights.add(embeddings + "token_type_embeddings.weight", {1, 8}, 1);
        weights.add_norm(embeddings + "LayerNorm", 8);
        weights.add_blocks(
            "text_model.encoder.layer", 1, 8, 12,
            {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
             "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"});
        weights.add_linear("text_model.pooler.dense", 8, 8);
        weights.add_linear("text_projection.linear1", 8, 5);
        weights.add_linear("text_projection.linear2", 5, 5);
        write_config();
        write_weights();
    }
    void write_config() const { write_file(folder.path() / "config.json", config.dump()); }
    void write_weights() const { weights.write(folder.path() / "model.safetensors"); }
    Error audio_error() const {
        const auto tower = open_audio_tower(folder.path(), {.precision = PrecisionChoice::fp32});
        return tower ? Error{.message = "it opened"} : tower.error();
    }
    Error text_error() const {
        const auto tower = open_text_tower(folder.path(), {.precision = PrecisionChoice::fp32});
        return tower ? Error{.message = "it opened"} : tower.error();
    }
    // The same without what oneDNN compiles.
    Error load_error(bool of_text) const {
        const Error opened{.message = "it opened"};
        if (of_text) {
            const auto tower = ClapTextTower::load(folder.path(), {.fused = false});
            return tower ? opened : tower.error();
        }
        const auto tower = ClapAudioTower::load(folder.path(), {.fused = false});
        return tower ? opened : tower.error();
    }

    const naive::AudioTower shape;
    ScratchFolder folder;
    RandomCheckpoint weights = shape.checkpoint();
    json config;
};

TEST_F(HostileClap, TheWholeOneOpens) {
    EXPECT_EQ(audio_error().message, "it opened");
    EXPECT_EQ(text_error().message, "it opened");
}

struct BadKey {
    const char* key;
    json value;
    const char* why;
};

TEST_F(HostileClap, AnAudioConfigurationIsNamedByItsKey) {
    const json whole = config;
    const std::vector<BadKey> bad_keys = {
        {"num_mel_bins", 0, "must be 1 to"},
        {"num_mel_bins", "many", "whole number"},
        {"num_mel_bins", 17, ""},
        {"spec_size", 1'000'000'000, "must be 1 to"},
        {"spec_size", 7, "smaller than num_mel_bins"},
        {"spec_size", 17, "cannot be filled by 2"},
        {"patch_size", 1, "do not make a grid"},
        {"patch_size", 3, "do not make a grid"},
        {"patch_size", json{2, 2, 2}, "whole number or two"},
        {"patch_size", -1, "must be 1 to"},
        {"patch_stride", json{2, 0}, "from 1 to"},
        {"patch_stride", json{2, 3}, "do not make a grid"},
        {"patch_stride", "wide", "whole number"},
        {"patch_embed_input_channels", 4, "must be 1"},
        {"flatten_patch_embeds", false, "must be true"},
        {"patch_embeds_hidden_size", 0, "must be 1 to"},
        {"patch_embeds_hidden_size", 1 << 30, "must be 1 to"},
        {"hidden_size", 25, "must be that of the last stage, 24"},
        {"window_size", 0, "must be 1 to"},
        {"window_size", 5, "larger than the grid of 4 x 4 in stage 1"},
        {"window_size", 1 << 20, "must be 1 to"},
        {"depths", json::array(), "must be 1 to 8 stages"},
        {"depths", json{2, 2, 2}, "must be 1 to 8 stages"},
        {"depths", json{2, 1'000'000}, "from 0 to 64"},
        {"depths", json{2, -1}, "from 0 to 64"},
        {"num_attention_heads", json{2}, ""},
        {"num_attention_heads", json{5, 3}, "do not divide a width of 12 in stage 0"},
        {"num_attention_heads", json{2, 0}, "from 1 to"},
        {"mlp_ratio", 0, "leaves no perceptron"},
        {"mlp_ratio", 1e9, "must be a number from"},
        {"mlp_ratio", "wide", "must be a number"},
        {"layer_norm_eps", -1, "must be a number"},
        {"hidden_act", "swish2", "is not known"},
        {"qkv_bias", "yes", "true or false"},
        {"enable_patch_layer_norm", 3, "true or false"},
    };
    for (const BadKey& bad : bad_keys) {
        config = whole;
        config["audio_config"][bad.key] = bad.value;
        write_config();
        const Error error = audio_error();
        EXPECT_EQ(error.code, ErrorCode::invalid_argument) << bad.key << " " << bad.value;
        EXPECT_THAT(error.message, HasSubstr(bad.why)) << bad.key << " " << bad.value;
        EXPECT_THAT(error.message, HasSubstr("config.json: audio_config: ")) << bad.key;
    }
}

TEST_F(HostileClap, AGridThatCannotBeHalvedIsRefused) {
    config["audio_config"]["depths"] = {1, 1, 1, 1, 1};
    config["audio_config"]["num_attention_heads"] = {1, 1, 1, 1, 1};
    config["audio_config"]["window_size"] = 1;
    write_config();
    EXPECT_THAT(audio_error().message, HasSubstr("a grid of 1 x 1 cannot be halved in stage 3"));
}

TEST_F(HostileClap, TooManyPatchesOrScoresAreRefused) {
    auto& audio = config["audio_config"];
    audio["spec_size"] = 256;
    audio["patch_size"] = audio["patch_stride"] = 1;
    write_config();
    EXPECT_THAT(audio_error().message, HasSubstr("patch_stride: makes more than 16384 patches"));
    audio["patch_size"] = audio["patch_stride"] = 2;
    audio["window_size"] = 64;
    write_config();
    EXPECT_THAT(audio_error().message, HasSubstr("window_size: makes more than 4194304 scores"));
}

TEST_F(HostileClap, AModelWithFusionIsUnsupported) {
    config["audio_config"]["enable_fusion"] = true;
    write_config();
    EXPECT_EQ(audio_error().code, ErrorCode::unsupported);
    EXPECT_THAT(audio_error().message, HasSubstr("config.json: enable_fusion"));
    EXPECT_EQ(text_error().message, "it opened") << "the text tower has nothing to do with it";
}

TEST_F(HostileClap, ATextConfigurationIsNamedByItsKey) {
    const json whole = config;
    const std::vector<BadKey> bad_keys = {
        {"hidden_size", 1 << 30, "must be 1 to"},
        {"hidden_size", 9, ""},
        {"num_attention_heads", 3, "do not divide"},
        {"num_hidden_layers", 100'000, "must be 1 to"},
        {"intermediate_size", 0, "must be 1 to"},
        {"vocab_size", -1, "must be 1 to"},
        {"max_position_embeddings", 1 << 30, "must be 2 to"},
        {"max_position_embeddings", 2, "no position for a token"},
        {"type_vocab_size", 0, "must be 1 to"},
        {"pad_token_id", 5, "no position for a token"},
        {"pad_token_id", -1, "must be 0 to"},
        {"position_embedding_type", "relative_key", "not handled"},
        {"hidden_act", "tanh", "is not known"},
    };
    for (const BadKey& bad : bad_keys) {
        config = whole;
        config["text_config"][bad.key] = bad.value;
        write_config();
        const Error error = text_error();
        EXPECT_EQ(error.code, ErrorCode::invalid_argument) << bad.key << " " << bad.value;
        EXPECT_THAT(error.message, HasSubstr(bad.why)) << bad.key << " " << bad.value;
        EXPECT_THAT(error.message, HasSubstr("config.json: text_config: ")) << bad.key;
    }
}

TEST_F(HostileClap, EveryTensorIsAskedForByNameAndShape) {
    for (const std::string& name : weights.names()) {
        const bool of_text = name.starts_with("text");
        const RandomCheckpoint whole = weights;
        if (name != "logit_scale_a") {
            weights.erase(name);
            write_weights();
            const Error error = load_error(of_text);
            EXPECT_EQ(error.code, ErrorCode::corrupt) << name;
            EXPECT_THAT(error.message, HasSubstr("model.safetensors: tensor " + name + ": missing"));
        }
        weights.add(name, {3, 1, 2}, 1);
        write_weights();
        const Error error = load_error(of_text);
        EXPECT_THAT(error.message, HasSubstr("tensor " + name + ": has the shape [3, 1, 2]"));
        weights = whole;
    }
}

TEST_F(HostileClap, ATemperatureThatIsNoNumberIsRefused) {
    weights.add("logit_scale_a", {}, 0, 1e30);
    write_weights();
    EXPECT_THAT(audio_error().message, HasSubstr("logit_scale_a"));
}

TEST_F(HostileClap, WeightsThatGiveNoNumbersAreCorrupt) {
    weights.add("audio_projection.linear2.bias", {5}, 0, std::numeric_limits<double>::infinity());
    write_weights();
    const auto tower = open_audio_tower(folder.path(), {.precision = PrecisionChoice::fp32});
    ASSERT_TRUE(tower) << tower.error().to_string();
    const auto rows = (*tower)->embed(std::vector<float>(32 * 8, -40.0F), 1);
    ASSERT_FALSE(rows.ok());
    EXPECT_EQ(rows.error().code, ErrorCode::corrupt);
}

TEST_F(HostileClap, AnotherFamilyHasNoAudioTower) {
    config["model_type"] = "clip";
    write_config();
    EXPECT_EQ(audio_error().code, ErrorCode::unsupported);
    EXPECT_THAT(audio_error().message, HasSubstr("model_type: 'clip'"));
}

}  // namespace
}  // namespace bgm
