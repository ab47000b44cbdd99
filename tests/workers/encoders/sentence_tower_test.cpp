// The sentence tower against a naive implementation in double precision: every pooling, dense layers, names
// with and without their prefix, and folders as modules.json lays them out.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/workers/encoders/naive_transformer.hpp"
#include "workers/encoders/sentence_tower.hpp"
#include "workers/encoders/text_tower.hpp"
#include "workers/encoders/threads.hpp"
#include "workers/encoders/tower_rows.hpp"

namespace bgm {
namespace {

using naive::Row;
using naive::Rows;
using nlohmann::json;
using Texts = std::vector<std::vector<std::int64_t>>;

constexpr double kNear = 1e-5;
constexpr std::int64_t kWidth = 21, kHeads = 7, kMlpWidth = 30, kLayers = 2, kVocabulary = 40,
                       kPositions = 12;

class SentenceTowers : public testing::Test {
 protected:
    void SetUp() override {
        use_threads(1);
        config = {{"model_type", "distilbert"}, {"dim", kWidth},
                  {"n_heads", kHeads},          {"hidden_dim", kMlpWidth},
                  {"n_layers", kLayers},        {"vocab_size", kVocabulary},
                  {"activation", "gelu"},       {"max_position_embeddings", kPositions}};
        add_trunk("");
    }
    void add_trunk(const std::string& prefix) {
        weights.add(prefix + "embeddings.word_embeddings.weight", {kVocabulary, kWidth}, 1, 0, "BF16");
        weights.add(prefix + "embeddings.position_embeddings.weight", {kPositions, kWidth}, 1, 0, "F16");
        weights.add_norm(prefix + "embeddings.LayerNorm", kWidth);
        weights.add_blocks(prefix + "transformer.layer", kLayers, kWidth, kMlpWidth, kDistilBertParts);
    }
    void write() const {
        write_file(folder.path() / trunk_folder / "config.json", config.dump());
        weights.write(folder.path() / trunk_folder / "model.safetensors");
        if (!modules.empty()) write_file(folder.path() / "modules.json", modules.dump());
    }
    void add_module(const std::string& type, const std::string& path, const json& settings = {}) {
        modules.push_back({{"idx", modules.size()},
                           {"name", std::to_string(modules.size())},
                           {"path", path},
                           {"type", "sentence_transformers.models." + type}});
        if (!settings.is_null()) write_file(folder.path() / path / "config.json", settings.dump());
    }
    void add_dense(const std::string& path, std::int64_t in, std::int64_t out, const json& more) {
        json settings = {{"in_features", in}, {"out_features", out}};
        settings.update(more);
        add_module("Dense", path, settings);
        RandomCheckpoint dense(static_cast<std::uint32_t>(modules.size()));
        dense.add_linear("linear", in, out, settings.value("bias", true));
        dense.write(folder.path() / path / "model.safetensors");
        denses.push_back(std::move(dense));
    }
    // What DistilBERT makes of one text.
    Rows trunk(const std::vector<std::int64_t>& ids, const std::string& prefix = "") const {
        const auto wide = static_cast<std::size_t>(kWidth);
        const auto& table = weights[prefix + "embeddings.word_embeddings.weight"];
        const auto& places = weights[prefix + "embeddings.position_embeddings.weight"];
        Rows rows(ids.size(), Row(wide));
        for (std::size_t i = 0; i < ids.size(); ++i) {
            for (std::size_t j = 0; j < wide; ++j)
                rows[i][j] = table[static_cast<std::size_t>(ids[i]) * wide + j] + places[i * wide + j];
            rows[i] = naive::layer_norm(rows[i], weights, prefix + "embeddings.LayerNorm", 1e-12);
        }
        const naive::Blocks blocks{prefix + "transformer.layer",
                                   kLayers,
                                   kDistilBertParts,
                                   kHeads,
                                   config["activation"],
                                   1e-12,
                                   false};
        return naive::run(blocks, weights, rows, [](auto, auto) { return true; });
    }
    static Row mean(const Rows& rows, double count) {
        Row out(rows[0].size(), 0);
        for (const Row& row : rows)
            out = naive::sum(out, row);
        for (double& value : out)
            value /= count;
        return out;
    }
    std::vector<float> features(const Texts& given, bool fused) const {
        const auto tower = SentenceTower::load(folder.path(), {.fused = fused});
        if (!tower) throw std::runtime_error(tower.error().to_string());
        const auto batch = token_batch(given, tower->tokens_max(), tower->vocabulary());
        const torch::Tensor rows = tower->features(batch->ids, batch->mask).contiguous();
        return {rows.data_ptr<float>(), rows.data_ptr<float>() + rows.numel()};
    }

    const Texts texts = {{1, 30, 2}, {1, 7, 39, 12, 5, 2}, {4}};
    ScratchFolder folder;
    std::string trunk_folder;
    json config;
    json modules = json::array();
    RandomCheckpoint weights{11};
    std::vector<RandomCheckpoint> denses;
};

TEST_F(SentenceTowers, WithoutModulesGiveTheMeanOfTheTokens) {
    write();
    for (const bool fused : {false, true}) {
        EXPECT_LT(
            naive::difference(features(texts, fused),
                              {mean(trunk(texts[0]), 3), mean(trunk(texts[1]), 6), mean(trunk(texts[2]), 1)}),
            kNear)
            << "fused: " << fused;
    }
}

TEST_F(SentenceTowers, ReadACheckpointWhoseNamesHaveAPrefix) {
    add_trunk("distilbert.");
    config["activation"] = "relu";
    write();
    EXPECT_LT(naive::difference(features({texts[1]}, false), {mean(trunk(texts[1], "distilbert."), 6)}),
              kNear);
}

TEST_F(SentenceTowers, PutSeveralPoolingsSideBySide) {
    add_module("Transformer", "");
    add_module("Pooling", "1_Pooling",
               {{"word_embedding_dimension", kWidth},
                {"pooling_mode_cls_token", true},
                {"pooling_mode_max_tokens", true},
                {"pooling_mode_mean_tokens", true},
                {"pooling_mode_mean_sqrt_len_tokens", true}});
    write();
    Rows expected;
    for (const auto& text : texts) {
        const Rows rows = trunk(text);
        Row largest = rows[0];
        for (const Row& row : rows)
            std::transform(row.begin(), row.end(), largest.begin(), largest.begin(),
                           [](double a, double b) { return std::max(a, b); });
        const auto count = static_cast<double>(rows.size());
        expected.insert(expected.end(), {rows[0], largest, mean(rows, count), mean(rows, std::sqrt(count))});
    }
    EXPECT_LT(naive::difference(features(texts, false), expected), kNear);
    EXPECT_EQ((*open_text_tower(folder.path(), kOneThread))->dimensions(), 4 * kWidth);
}

TEST_F(SentenceTowers, RunTheirModulesInOrder) {
    trunk_folder = "0_Transformer";
    add_module("Transformer", trunk_folder);
    add_module("Pooling", "1_Pooling", json::object());
    add_dense("2_Dense", kWidth, 13, json::object());  // a bias and tanh, where nothing is said
    add_module("Normalize", "3_Normalize");
    add_dense("4_Dense", 13, 6,
              {{"bias", false}, {"activation_function", "torch.nn.modules.linear.Identity"}});
    write();
    Rows expected;
    for (const auto& text : texts) {
        Row row = naive::linear(mean(trunk(text), static_cast<double>(text.size())), denses[0], "linear");
        for (double& value : row)
            value = std::tanh(value);
        expected.push_back(naive::linear(naive::unit(row), denses[1], "linear", false));
    }
    for (const bool fused : {false, true})
        EXPECT_LT(naive::difference(features(texts, fused), expected), kNear) << "fused: " << fused;
}

TEST_F(SentenceTowers, CutTextsWhereTheirFilesSaySo) {
    write();
    EXPECT_EQ((*open_text_tower(folder.path(), kOneThread))->tokens_max(), kPositions);
    write_file(folder.path() / "sentence_bert_config.json",
               R"({"max_seq_length": 5, "do_lower_case": false})");
    EXPECT_EQ((*open_text_tower(folder.path(), kOneThread))->tokens_max(), 5);
    write_file(folder.path() / "sentence_bert_config.json", R"({"max_seq_length": 128})");
    EXPECT_EQ((*open_text_tower(folder.path(), kOneThread))->tokens_max(), kPositions);
}

TEST_F(SentenceTowers, GiveTheSameToAWorkerOfLengthOne) {
    write();
    const auto tower = open_text_tower(folder.path(), {.precision = PrecisionChoice::fp32, .threads = 1});
    ASSERT_TRUE(tower) << tower.error().to_string();
    const auto rows = (*tower)->embed(texts);
    ASSERT_TRUE(rows) << rows.error().to_string();
    EXPECT_LT(naive::difference(*rows,
                                {naive::unit(mean(trunk(texts[0]), 3)), naive::unit(mean(trunk(texts[1]), 6)),
                                 naive::unit(mean(trunk(texts[2]), 1))}),
              kNear);
}

}  // namespace
}  // namespace bgm
