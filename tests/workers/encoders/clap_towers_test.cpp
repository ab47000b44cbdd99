// CLAP's towers against naive implementations in double precision: windows that fit the grid and that do not,
// shifted and not, spectra that are stretched both ways, patches that overlap, every type of weight; prompts
// of several lengths.
#include <ATen/ops/from_blob.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/workers/encoders/naive_swin.hpp"
#include "workers/encoders/audio_tower.hpp"
#include "workers/encoders/clap_audio_tower.hpp"
#include "workers/encoders/clap_text_tower.hpp"
#include "workers/encoders/text_tower.hpp"
#include "workers/encoders/tower_rows.hpp"

namespace bgm {
namespace {

using naive::Row;
using naive::Rows;
using nlohmann::json;

constexpr double kNear = 1e-5;

// Two spectra in decibels, one after the other.
std::vector<float> spectra(std::int64_t frames, std::int64_t bands) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < 2 * frames * bands; ++i) {
        const auto t = static_cast<double>(i);
        values.push_back(static_cast<float>(-35 + 20 * std::sin(0.37 * t) + 9 * std::cos(t * t * 0.01)));
    }
    return values;
}

Rows spectrum(const std::vector<float>& values, std::int64_t frames, std::int64_t bands, std::int64_t which) {
    Rows rows;
    for (std::int64_t frame = 0; frame < frames; ++frame) {
        const auto first = values.begin() + (which * frames + frame) * bands;
        rows.emplace_back(first, first + bands);
    }
    return rows;
}

class ClapAudioTowers : public testing::Test {
 protected:
    void write(const naive::AudioTower& tower) const {
        json config = {{"model_type", "clap"},
                       {"projection_dim", tower.dimensions},
                       {"projection_hidden_act", tower.projection_activation},
                       {"audio_config", json::parse(tower.section())}};
        write_file(folder.path() / "config.json", config.dump());
        tower.checkpoint().write(folder.path() / "model.safetensors");
    }
    void expect_as_naive(const naive::AudioTower& shape, std::int64_t frames) const {
        write(shape);
        const RandomCheckpoint weights = shape.checkpoint();
        const auto values = spectra(frames, shape.bands);
        Rows expected;
        for (const std::int64_t which : {0, 1})
            expected.push_back(shape.features(weights, spectrum(values, frames, shape.bands, which)));
        for (const bool fused : {false, true}) {
            const auto tower = ClapAudioTower::load(folder.path(), {.fused = fused});
            ASSERT_TRUE(tower) << tower.error().to_string();
            const torch::Tensor mel =
                at::from_blob(const_cast<float*>(values.data()), {2, frames, shape.bands}, torch::kFloat32);
            const torch::Tensor rows = tower->features(mel).contiguous();
            const std::vector<float> ours(rows.data_ptr<float>(), rows.data_ptr<float>() + rows.numel());
            EXPECT_LT(naive::difference(ours, expected), kNear) << "fused: " << fused;
        }
    }

    ScratchFolder folder;
};

TEST_F(ClapAudioTowers, WindowsThatFitShiftedAndNot) {
    expect_as_naive({}, 32);
}

TEST_F(ClapAudioTowers, ShorterSpectraAreStretched) {
    expect_as_naive({}, 29);
    expect_as_naive({}, 1);
}

TEST_F(ClapAudioTowers, WindowsThatReachBeyondTheGridSeeZeros) {
    naive::AudioTower shape;
    shape.window = 3;
    expect_as_naive(shape, 32);
    shape.window = 4;
    shape.side = 24;  // 12 x 12, then 6 x 6
    shape.depths = {1, 3};
    expect_as_naive(shape, 70);
}

TEST_F(ClapAudioTowers, AGridThatIsNotSquare) {
    naive::AudioTower shape;
    shape.patch[0] = shape.stride[0] = 4;
    shape.window = 2;
    expect_as_naive(shape, 32);
    shape.window = 4;  // as high as the grid: nothing is shifted, though the grid is wider
    shape.depths = {2};
    expect_as_naive(shape, 32);
}

TEST_F(ClapAudioTowers, PatchesThatOverlap) {
    naive::AudioTower shape;
    shape.patch[0] = 4;
    shape.patch[1] = 4;
    expect_as_naive(shape, 32);
}

TEST_F(ClapAudioTowers, BandsThatAreStretched) {
    naive::AudioTower shape;
    shape.bands = 4;
    shape.side = 10;  // two stretches of time of five bands
    shape.window = 2;
    shape.stride[0] = shape.stride[1] = shape.patch[0] = shape.patch[1] = 1;
    shape.depths = {2};
    expect_as_naive(shape, 20);
}

TEST_F(ClapAudioTowers, EverySwitchAndActivation) {
    naive::AudioTower shape;
    shape.patch_norm = false;
    shape.projection_bias = false;
    shape.mlp_ratio = 2.5;
    shape.epsilon = 0.1;
    for (const char* activation : {"gelu_new", "quick_gelu", "relu", "silu"}) {
        shape.activation = activation;
        shape.projection_activation = activation;
        expect_as_naive(shape, 32);
    }
}

TEST_F(ClapAudioTowers, EveryTypeOfWeight) {
    naive::AudioTower shape;
    for (const char* dtype : {"F16", "BF16"}) {
        shape.dtype = dtype;
        expect_as_naive(shape, 31);
    }
}

TEST_F(ClapAudioTowers, GiveAWorkerRowsOfLengthOne) {
    const naive::AudioTower shape;
    write(shape);
    const auto tower = open_audio_tower(folder.path(), {.precision = PrecisionChoice::fp32});
    ASSERT_TRUE(tower) << tower.error().to_string();
    EXPECT_EQ((*tower)->bands(), 8);
    EXPECT_EQ((*tower)->frames_max(), 32);
    EXPECT_EQ((*tower)->dimensions(), 5);
    EXPECT_NEAR((*tower)->logit_scale(), std::exp(1.5), 1e-6);
    EXPECT_EQ((*tower)->arithmetic().precision, "fp32");
    const auto values = spectra(30, 8);
    const auto rows = (*tower)->embed(values, 2);
    ASSERT_TRUE(rows) << rows.error().to_string();
    const RandomCheckpoint weights = shape.checkpoint();
    const Rows expected = {naive::unit(shape.features(weights, spectrum(values, 30, 8, 0))),
                           naive::unit(shape.features(weights, spectrum(values, 30, 8, 1)))};
    EXPECT_LT(naive::difference(*rows, expected), kNear);
}

TEST_F(ClapAudioTowers, RefuseWhatIsNoSpectrum) {
    write({});
    const auto tower = open_audio_tower(folder.path(), {.precision = PrecisionChoice::fp32});
    ASSERT_TRUE(tower) << tower.error().to_string();
    const std::vector<float> values(33 * 8 * 2, -40.0F);
    const auto refused = [&](std::size_t size, std::int64_t count) {
        const auto rows = (*tower)->embed(std::span(values).first(size), count);
        return !rows.ok() && rows.error().code == ErrorCode::invalid_argument;
    };
    EXPECT_TRUE(refused(0, 1));
    EXPECT_TRUE(refused(8, 0));
    EXPECT_TRUE(refused(8, -1));
    EXPECT_TRUE(refused(8, 2));
    EXPECT_TRUE(refused(15, 1));
    EXPECT_TRUE(refused(33 * 8, 1)) << "more frames than the model has room for";
    EXPECT_FALSE(refused(8, 1));
}

class ClapTextTowers : public testing::Test {
 protected:
    static constexpr std::int64_t kWidth = 18, kVocabulary = 30, kPositions = 12;
    void SetUp() override {
        const std::string model = "text_model.", embeddings = model + "embeddings.";
        weights.add(embeddings + "word_embeddings.weight", {kVocabulary, kWidth}, 1, 0, "F16");
        weights.add(embeddings + "position_embeddings.weight", {kPositions, kWidth}, 1);
        weights.add(embeddings + "token_type_embeddings.weight", {2, kWidth}, 1);
        weights.add_norm(embeddings + "LayerNorm", kWidth);
        weights.add_blocks(model + "encoder.layer", 2, kWidth, 20, parts);
        weights.add_linear(model + "pooler.dense", kWidth, kWidth);
        weights.add_linear("text_projection.linear1", kWidth, 5);
        weights.add_linear("text_projection.linear2", 5, 5);
        weights.write(folder.path() / "model.safetensors");
        config = {{"model_type", "clap"},
                  {"projection_dim", 5},
                  {"text_config",
                   {{"hidden_size", kWidth},
                    {"num_attention_heads", 3},
                    {"intermediate_size", 20},
                    {"num_hidden_layers", 2},
                    {"vocab_size", kVocabulary},
                    {"max_position_embeddings", kPositions},
                    {"type_vocab_size", 2},
                    {"pad_token_id", padding},
                    {"layer_norm_eps", 1e-3}}}};
        write_file(folder.path() / "config.json", config.dump());
    }
    Row expected(const std::vector<std::int64_t>& ids) const {
        const std::string embeddings = "text_model.embeddings.";
        const auto wide = static_cast<std::size_t>(kWidth);
        Rows rows;
        std::size_t position = padding;
        for (const std::int64_t id : ids) {
            Row row;
            const std::size_t at = id == padding ? static_cast<std::size_t>(padding) : ++position;
            for (std::size_t i = 0; i < wide; ++i)
                row.push_back(
                    weights[embeddings + "word_embeddings.weight"][static_cast<std::size_t>(id) * wide + i] +
                    weights[embeddings + "position_embeddings.weight"][at * wide + i] +
                    weights[embeddings + "token_type_embeddings.weight"][i]);
            rows.push_back(naive::layer_norm(row, weights, embeddings + "LayerNorm", 1e-3));
        }
        const naive::Blocks blocks{"text_model.encoder.layer", 2, parts, 3, "gelu", 1e-3, false};
        rows = naive::run(blocks, weights, rows, [](auto, auto) { return true; });
        Row pooled = naive::linear(rows[0], weights, "text_model.pooler.dense");
        for (double& value : pooled)
            value = std::tanh(value);
        Row inner = naive::linear(pooled, weights, "text_projection.linear1");
        for (double& value : inner)
            value = std::max(value, 0.0);
        return naive::linear(inner, weights, "text_projection.linear2");
    }

    const std::vector<std::string> parts = {
        "attention.self.query",       "attention.self.key", "attention.self.value", "attention.output.dense",
        "attention.output.LayerNorm", "intermediate.dense", "output.dense",         "output.LayerNorm"};
    const std::int64_t padding = 3;
    ScratchFolder folder;
    RandomCheckpoint weights{17};
    json config;
};

TEST_F(ClapTextTowers, TextsOfSeveralLengthsTogetherAreAsEachAlone) {
    const std::vector<std::vector<std::int64_t>> texts = {{0, 7, 2}, {0, 9, 11, 25, 4, 29, 8, 2}, {5}};
    Rows whole;
    for (const auto& text : texts)
        whole.push_back(expected(text));
    for (const bool fused : {false, true}) {
        const auto tower = ClapTextTower::load(folder.path(), {.fused = fused});
        ASSERT_TRUE(tower) << tower.error().to_string();
        const auto batch = token_batch(texts, tower->tokens_max(), tower->vocabulary());
        const torch::Tensor rows = tower->features(batch->ids, batch->mask).contiguous();
        EXPECT_LT(naive::difference({rows.data_ptr<float>(), rows.data_ptr<float>() + rows.numel()}, whole),
                  kNear)
            << "fused: " << fused;
    }
}

TEST_F(ClapTextTowers, APaddingTokenInsideATextHasThePaddingsPosition) {
    const std::vector<std::vector<std::int64_t>> texts = {{0, 3, 9, 3, 2}};
    const auto tower = open_text_tower(folder.path(), {.precision = PrecisionChoice::fp32});
    ASSERT_TRUE(tower) << tower.error().to_string();
    const auto rows = (*tower)->embed(texts);
    ASSERT_TRUE(rows) << rows.error().to_string();
    EXPECT_LT(naive::difference(*rows, {naive::unit(expected(texts[0]))}), kNear);
}

TEST_F(ClapTextTowers, PositionsCountFromAfterThePaddingId) {
    const auto tower = open_text_tower(folder.path(), {.precision = PrecisionChoice::fp32});
    ASSERT_TRUE(tower) << tower.error().to_string();
    EXPECT_EQ((*tower)->tokens_max(), kPositions - padding - 1);
    const std::vector<std::vector<std::int64_t>> longest = {std::vector<std::int64_t>(8, 5), {0, 2}};
    const auto rows = (*tower)->embed(longest);
    ASSERT_TRUE(rows) << rows.error().to_string();
    EXPECT_LT(
        naive::difference(*rows, {naive::unit(expected(longest[0])), naive::unit(expected(longest[1]))}),
        kNear);
    const std::vector<std::vector<std::int64_t>> too_long(1, std::vector<std::int64_t>(9, 5));
    EXPECT_FALSE((*tower)->embed(too_long).ok());
}

}  // namespace
}  // namespace bgm
