// Model directories that are broken or made to break: each is refused when it is opened, before memory is
// taken for what it claims, with the file and the key or tensor in the message.
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "tests/workers/encoders/random_checkpoint.hpp"
#include "workers/encoders/image_tower.hpp"
#include "workers/encoders/text_tower.hpp"

namespace bgm {
namespace {

using nlohmann::json;

class HostileModels : public testing::Test {
 protected:
    void SetUp() override {
        config = json::parse(R"({
            "model_type": "clip", "projection_dim": 6,
            "vision_config": {"hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 12,
                              "num_hidden_layers": 2, "image_size": 8, "patch_size": 4},
            "text_config": {"hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 12,
                            "num_hidden_layers": 1, "vocab_size": 10, "max_position_embeddings": 5}})");
        weights.add("vision_model.embeddings.class_embedding", {8}, 1);
        weights.add("vision_model.embeddings.patch_embedding.weight", {8, 3, 4, 4}, 1);
        weights.add("vision_model.embeddings.position_embedding.weight", {5, 8}, 1);
        weights.add_norm("vision_model.pre_layrnorm", 8);
        weights.add_blocks("vision_model.encoder.layers", 2, 8, 12, kClipParts);
        weights.add_norm("vision_model.post_layernorm", 8);
        weights.add_linear("visual_projection", 8, 6, false);
        weights.add("text_model.embeddings.token_embedding.weight", {10, 8}, 1);
        weights.add("text_model.embeddings.position_embedding.weight", {5, 8}, 1);
        weights.add_blocks("text_model.encoder.layers", 1, 8, 12, kClipParts);
        weights.add_norm("text_model.final_layer_norm", 8);
        weights.add_linear("text_projection", 8, 6, false);
        write();
    }
    void write() const {
        write_file(folder.path() / "config.json", config.dump());
        weights.write(folder.path() / "model.safetensors");
    }
    std::string image_error() const {
        const auto tower = open_image_tower(folder.path(), kOneThread);
        return tower ? "" : tower.error().to_string();
    }
    std::string text_error() const {
        const auto tower = open_text_tower(folder.path(), kOneThread);
        return tower ? "" : tower.error().to_string();
    }
    // The file, what in it is wrong, and why.
    static void expect_told(const std::string& error, const std::vector<std::string>& parts) {
        for (const std::string& part : parts)
            EXPECT_NE(error.find(part), std::string::npos) << "'" << part << "' is not in '" << error << "'";
    }

    ScratchFolder folder;
    json config;
    RandomCheckpoint weights{3};
};

TEST_F(HostileModels, TheWholeOneOpens) {
    EXPECT_EQ(image_error(), "");
    EXPECT_EQ(text_error(), "");
}

TEST_F(HostileModels, AFileCutShortIsNamed) {
    const auto file = folder.path() / "model.safetensors";
    const auto whole = std::filesystem::file_size(file);
    for (const auto size :
         {std::uintmax_t{0}, std::uintmax_t{7}, std::uintmax_t{100}, whole / 2, whole - 1}) {
        write();
        std::filesystem::resize_file(file, size);
        expect_told(image_error(), {"model.safetensors", "corrupt"});
        expect_told(text_error(), {"model.safetensors", "corrupt"});
    }
}

TEST_F(HostileModels, AMissingFileIsNamed) {
    std::filesystem::remove(folder.path() / "model.safetensors");
    expect_told(image_error(), {"model.safetensors", "not_found"});
    std::filesystem::remove(folder.path() / "config.json");
    expect_told(image_error(), {"config.json", "not_found"});
    expect_told(text_error(), {"config.json", "not_found"});
}

TEST_F(HostileModels, AMissingTensorIsNamed) {
    weights.erase("vision_model.encoder.layers.1.mlp.fc2.bias");
    weights.erase("text_projection.weight");
    write();
    expect_told(image_error(),
                {"model.safetensors", "vision_model.encoder.layers.1.mlp.fc2.bias", "missing"});
    expect_told(text_error(), {"model.safetensors", "text_projection.weight", "missing"});
}

TEST_F(HostileModels, ATensorOfAnotherShapeIsNamed) {
    weights.add("vision_model.pre_layrnorm.weight", {9}, 1);
    weights.add("text_model.embeddings.token_embedding.weight", {8, 10}, 1);
    write();
    expect_told(image_error(), {"model.safetensors", "vision_model.pre_layrnorm.weight", "[9]", "[8]"});
    expect_told(text_error(), {"model.safetensors", "token_embedding.weight", "[8, 10]", "[10, 8]"});
}

TEST_F(HostileModels, ConfigValuesOutOfBoundsAreNamed) {
    const json sound = config;
    const std::vector<std::pair<std::string, json>> cases = {
        {"hidden_size", 1'000'000'000}, {"hidden_size", -8},
        {"hidden_size", "8"},           {"hidden_size", 8.5},
        {"hidden_size", {8}},           {"num_hidden_layers", 1'000'000'000},
        {"num_hidden_layers", 0},       {"num_attention_heads", 0},
        {"num_attention_heads", 3},     {"intermediate_size", 18446744073709551615ULL},
        {"layer_norm_eps", -1},         {"layer_norm_eps", "small"},
        {"hidden_act", "swiglu"},       {"hidden_act", 5},
    };
    for (const auto& [key, value] : cases) {
        config = sound;
        config["vision_config"][key] = value;
        config["text_config"][key] = value;
        write();
        expect_told(image_error(), {"config.json", "vision_config", key});
        expect_told(text_error(), {"config.json", "text_config", key});
    }
    const std::vector<std::pair<std::string, json>> vision_cases = {{"image_size", 1'000'000},
                                                                    {"image_size", 0},
                                                                    {"patch_size", 0},
                                                                    {"patch_size", 9},
                                                                    {"num_channels", 100}};
    for (const auto& [key, value] : vision_cases) {
        config = sound;
        config["vision_config"][key] = value;
        write();
        expect_told(image_error(), {"config.json", key == "image_size" ? "size" : key});
    }
    for (const char* key : {"vocab_size", "max_position_embeddings"}) {
        config = sound;
        config["text_config"][key] = 1'000'000'000;
        write();
        expect_told(text_error(), {"config.json", key});
    }
}

TEST_F(HostileModels, TooManyPatchesAreRefusedBeforeTheirMemoryIsTaken) {
    config["vision_config"]["image_size"] = 4000;
    config["vision_config"]["patch_size"] = 1;
    write();
    expect_told(image_error(), {"config.json", "patch_size", "16000000 patches"});
}

TEST_F(HostileModels, WhatIsNoConfigIsNamed) {
    for (const char* text :
         {"", "[]", "{", "null", "{\"model_type\": 5}", "{\"model_type\": \"llama\"}", "{}"}) {
        write_file(folder.path() / "config.json", text);
        expect_told(image_error(), {"config.json"});
        expect_told(text_error(), {"config.json"});
    }
    write_file(folder.path() / "config.json", std::string(500'000, '['));
    expect_told(image_error(), {"config.json", "corrupt"});
    write_file(folder.path() / "config.json", std::string(2'000'000, ' '));
    expect_told(image_error(), {"config.json", "too_large"});
}

TEST_F(HostileModels, WeightsThatAreNoNumbersGiveAnErrorAndNoEmbedding) {
    weights.add("visual_projection.weight", {6, 8}, 0, std::numeric_limits<double>::quiet_NaN());
    weights.add("text_projection.weight", {6, 8}, 0, std::numeric_limits<double>::infinity());
    write();
    const auto images = open_image_tower(folder.path(), kOneThread);
    ASSERT_TRUE(images) << images.error().to_string();
    EXPECT_EQ((*images)->embed(std::vector<float>(3 * 8 * 8, 0.5F), 1).error().code, ErrorCode::corrupt);
    const auto texts = open_text_tower(folder.path(), kOneThread);
    ASSERT_TRUE(texts) << texts.error().to_string();
    EXPECT_EQ((*texts)->embed(std::vector<std::vector<std::int64_t>>{{1, 2}}).error().code,
              ErrorCode::corrupt);
}

TEST_F(HostileModels, AScaleOfLogitsThatIsNoNumberIsNamed) {
    weights.add("logit_scale", {}, 0, std::numeric_limits<double>::infinity());
    write();
    expect_told(image_error(), {"logit_scale"});
}

TEST_F(HostileModels, ADeviceThatIsNotThereIsNamed) {
    for (const char* device : {"cuda:99", "nonsense", "", "meta"}) {
        const auto tower = open_image_tower(folder.path(), {.device = device});
        ASSERT_FALSE(tower) << device;
        expect_told(tower.error().to_string(), {std::string("'") + device + "'"});
    }
}

class HostileSentenceModels : public HostileModels {
 protected:
    void SetUp() override {
        config = json::parse(
            R"({"model_type": "distilbert", "dim": 8, "n_heads": 2, "hidden_dim": 12, "n_layers": 1,
                                 "vocab_size": 10, "max_position_embeddings": 5})");
        weights.add("embeddings.word_embeddings.weight", {10, 8}, 1);
        weights.add("embeddings.position_embeddings.weight", {5, 8}, 1);
        weights.add_norm("embeddings.LayerNorm", 8);
        weights.add_blocks("transformer.layer", 1, 8, 12, kDistilBertParts);
        dense.add_linear("linear", 8, 4, false);
        write();
        modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}, {"Dense", "2_Dense"}});
        write_file(folder.path() / "1_Pooling/config.json", R"({"word_embedding_dimension": 8})");
        write_file(folder.path() / "2_Dense/config.json", kDense.dump());
        dense.write(folder.path() / "2_Dense/model.safetensors");
    }
    void modules(const std::vector<std::pair<std::string, std::string>>& list) const {
        json entries = json::array();
        for (const auto& [type, path] : list)
            entries.push_back({{"type", "sentence_transformers.models." + type}, {"path", path}});
        write_file(folder.path() / "modules.json", entries.dump());
    }

    const json kDense = {{"in_features", 8},
                         {"out_features", 4},
                         {"bias", false},
                         {"activation_function", "torch.nn.modules.linear.Identity"}};
    RandomCheckpoint dense{5};
};

TEST_F(HostileSentenceModels, TheWholeOneOpens) {
    EXPECT_EQ(text_error(), "");
}

TEST_F(HostileSentenceModels, NoModuleLeadsOutOfTheDirectory) {
    for (const char* path : {"..", "../other", "/etc", "1_Pooling/../.."}) {
        modules({{"Transformer", ""}, {"Pooling", path}});
        expect_told(text_error(), {"modules.json", "path"});
    }
}

TEST_F(HostileSentenceModels, ModulesOutOfOrderOrUnknownAreNamed) {
    modules({});
    expect_told(text_error(), {"modules.json"});
    modules({{"Pooling", "1_Pooling"}});
    expect_told(text_error(), {"modules.json", "Transformer"});
    modules({{"Transformer", ""}, {"Dense", "2_Dense"}});
    expect_told(text_error(), {"modules.json", "Pooling"});
    modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}, {"Pooling", "1_Pooling"}});
    expect_told(text_error(), {"modules.json", "Pooling"});
    modules({{"Transformer", ""}, {"Pooling", "1_Pooling"}, {"LSTM", "2_Dense"}});
    expect_told(text_error(), {"LSTM"});
    write_file(folder.path() / "modules.json", R"({"0": "Transformer"})");
    expect_told(text_error(), {"modules.json", "corrupt"});
}

TEST_F(HostileSentenceModels, ADenseLayerThatDoesNotFitIsNamed) {
    for (const auto& [key, value] :
         std::vector<std::pair<std::string, json>>{{"in_features", 9},
                                                   {"out_features", 1'000'000'000},
                                                   {"out_features", nullptr},
                                                   {"activation_function", "os.system"},
                                                   {"bias", "no"}}) {
        json settings = kDense;
        settings[key] = value;
        write_file(folder.path() / "2_Dense/config.json", settings.dump());
        expect_told(text_error(), {"2_Dense/config.json", key});
    }
    json settings = kDense;
    settings["bias"] = true;
    write_file(folder.path() / "2_Dense/config.json", settings.dump());
    expect_told(text_error(), {"2_Dense/model.safetensors", "linear.bias", "missing"});
}

TEST_F(HostileSentenceModels, APoolingThatDoesNotFitIsNamed) {
    for (const char* text : {R"({"word_embedding_dimension": 9})", R"({"pooling_mode_mean_tokens": false})",
                             R"({"pooling_mode_lasttoken": true})", R"({"pooling_mode_cls_token": 1})"}) {
        write_file(folder.path() / "1_Pooling/config.json", text);
        expect_told(text_error(), {"1_Pooling/config.json"});
    }
}

TEST_F(HostileSentenceModels, HeadsThatDoNotDivideTheWidthAreNamed) {
    config["n_heads"] = 3;
    write();
    expect_told(text_error(), {"config.json", "n_heads", "3 heads"});
}

}  // namespace
}  // namespace bgm
