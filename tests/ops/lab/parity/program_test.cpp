// bgm-parity as it is run: a fixture that the test makes from a naive transformer's numbers passes, and
// whatever is changed in what it expects makes it fail. The reference outputs, where they are at hand, pass
// whole.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "tests/ops/bgmctl/child_program.hpp"
#include "tests/shared_folder.hpp"
#include "tests/workers/encoders/naive_transformer.hpp"

namespace bgm {
namespace {

using naive::Row;
using naive::Rows;
using nlohmann::json;

template <typename Number>
std::string npy(const std::string& type, const std::vector<std::int64_t>& shape,
                const std::vector<Number>& numbers) {
    std::string extents;
    for (const std::int64_t extent : shape)
        extents += std::to_string(extent) + ", ";
    std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + extents + "), }";
    header.append(63 - (10 + header.size()) % 64, ' ');
    header += '\n';
    std::string bytes = std::string("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(header.size() % 256);
    bytes += static_cast<char>(header.size() / 256);
    bytes += header;
    const std::size_t begin = bytes.size();
    bytes.resize(begin + numbers.size() * sizeof(Number));
    std::memcpy(bytes.data() + begin, numbers.data(), numbers.size() * sizeof(Number));
    return bytes;
}

std::vector<float> flat(const Rows& rows) {
    std::vector<float> numbers;
    for (const Row& row : rows)
        std::transform(row.begin(), row.end(), std::back_inserter(numbers),
                       [](double value) { return static_cast<float>(value); });
    return numbers;
}

// A sentence tower of width 6 over two texts of three ids, and its arrays.
class ParityProgram : public testing::Test {
 protected:
    void SetUp() override {
        setenv("OMP_NUM_THREADS", "1", 1);  // nothing here is large enough to share
        const json config = {{"model_type", "distilbert"},
                             {"dim", 6},
                             {"n_heads", 2},
                             {"hidden_dim", 10},
                             {"n_layers", 2},
                             {"vocab_size", 12},
                             {"activation", "gelu"},
                             {"max_position_embeddings", 4}};
        RandomCheckpoint weights(21);
        weights.add("embeddings.word_embeddings.weight", {12, 6}, 1);
        weights.add("embeddings.position_embeddings.weight", {4, 6}, 1);
        weights.add_norm("embeddings.LayerNorm", 6);
        weights.add_blocks("transformer.layer", 2, 6, 10, kDistilBertParts);
        write_file(fixture() / "model/config.json", config.dump());
        weights.write(fixture() / "model/model.safetensors");

        const std::vector<std::int64_t> ids = {1, 7, 2, 3, 11, 2};
        Rows last;
        Rows pooled;
        for (std::size_t text = 0; text < 2; ++text) {
            Rows rows(3, Row(6));
            for (std::size_t i = 0; i < 3; ++i) {
                for (std::size_t j = 0; j < 6; ++j)
                    rows[i][j] = weights["embeddings.word_embeddings.weight"]
                                        [static_cast<std::size_t>(ids[text * 3 + i]) * 6 + j] +
                                 weights["embeddings.position_embeddings.weight"][i * 6 + j];
                rows[i] = naive::layer_norm(rows[i], weights, "embeddings.LayerNorm", 1e-12);
            }
            rows = naive::run({"transformer.layer", 2, kDistilBertParts, 2, "gelu", 1e-12, false}, weights,
                              rows, [](auto, auto) { return true; });
            Row mean(6, 0);
            for (const Row& row : rows)
                mean = naive::sum(mean, row);
            for (double& value : mean)
                value /= 3;
            last.insert(last.end(), rows.begin(), rows.end());
            pooled.push_back(mean);
        }
        last_ = flat(last);
        pooled_ = flat(pooled);
        write_file(fixture() / "io/input_ids.npy", npy("<i8", {2, 3}, ids));
        write_outputs();
        manifest_ = {{"inputs", {{{"name", "input_ids"}}}},
                     {"outputs", {{{"name", "last_hidden_state"}}, {{"name", "sentence_embedding"}}}}};
        write_manifest();
    }
    void write_outputs() const {
        write_file(fixture() / "io/last_hidden_state.npy", npy("<f4", {2, 3, 6}, last_));
        write_file(fixture() / "io/sentence_embedding.npy", npy("<f4", {2, 6}, pooled_));
    }
    void write_manifest() const { write_file(fixture() / "manifest.json", manifest_.dump()); }
    std::filesystem::path fixture() const { return folder_.path() / "inside" / "any_name"; }

    int run(const std::vector<std::string>& arguments) {
        ChildProgram program(std::string(BGM_BINARY_DIR) + "/bgm-parity", arguments);
        const int code = program.wait();
        out_ = program.out() + program.err();
        return code;
    }
    int run() { return run({fixture().string()}); }
    void expect_told(const std::string& part) const {
        EXPECT_NE(out_.find(part), std::string::npos) << "'" << part << "' is not in\n" << out_;
    }

    ScratchFolder folder_;
    std::vector<float> last_;
    std::vector<float> pooled_;
    json manifest_;
    std::string out_;
};

TEST_F(ParityProgram, PassesWhatAgrees) {
    EXPECT_EQ(run(), 0) << out_;
    expect_told("any_name/last_hidden_state");
    expect_told("2 lines from 1 directories: 2 ok, 0 not");
    EXPECT_EQ(run({"--unfused", folder_.path().string() + "/"}), 0) << out_;  // which holds it
    expect_told("any_name/sentence_embedding");
}

TEST_F(ParityProgram, FailsWhereOneNumberIsOff) {
    const float largest = *std::max_element(pooled_.begin(), pooled_.end(),
                                            [](float a, float b) { return std::abs(a) < std::abs(b); });
    pooled_[4] += 4e-5F * std::abs(largest);  // final: at most 3e-5
    write_outputs();
    EXPECT_EQ(run(), 1) << out_;
    expect_told("2 lines from 1 directories: 1 ok, 1 not");
}

TEST_F(ParityProgram, AllowsMoreOfIntermediates) {
    const float largest = *std::max_element(last_.begin(), last_.end(),
                                            [](float a, float b) { return std::abs(a) < std::abs(b); });
    last_[4] += 4e-5F * std::abs(largest);
    write_outputs();
    EXPECT_EQ(run(), 0) << out_;
    last_[4] += 8e-5F * std::abs(largest);
    write_outputs();
    EXPECT_EQ(run(), 1) << out_;
}

TEST_F(ParityProgram, FailsWhereTheModelGivesNoNumbers) {
    RandomCheckpoint broken(21);
    broken.add("embeddings.word_embeddings.weight", {12, 6}, 0, std::numeric_limits<double>::quiet_NaN());
    broken.add("embeddings.position_embeddings.weight", {4, 6}, 1);
    broken.add_norm("embeddings.LayerNorm", 6);
    broken.add_blocks("transformer.layer", 2, 6, 10, kDistilBertParts);
    broken.write(fixture() / "model/model.safetensors");
    EXPECT_EQ(run(), 1) << out_;
    expect_told("not finite");
}

TEST_F(ParityProgram, FailsWhereNothingIsHeldAgainstAnArray) {
    manifest_["outputs"].push_back({{"name", "attention_of_layer_3"}});
    write_manifest();
    EXPECT_EQ(run(), 1) << out_;
    expect_told("any_name/attention_of_layer_3");
    expect_told("not checked");
}

TEST_F(ParityProgram, FailsWhereAnArrayIsMissingOrOfAnotherShape) {
    write_file(fixture() / "io/sentence_embedding.npy", npy("<f4", {6, 2}, pooled_));
    EXPECT_EQ(run(), 1) << out_;
    expect_told("2x6");
    std::filesystem::remove(fixture() / "io/sentence_embedding.npy");
    EXPECT_EQ(run(), 1) << out_;
    expect_told("sentence_embedding.npy");
}

TEST_F(ParityProgram, FailsWhereTheInputDoesNotSuitTheModel) {
    write_file(fixture() / "io/input_ids.npy", npy("<i8", {1, 2}, std::vector<std::int64_t>{1, 12}));
    EXPECT_EQ(run(), 1) << out_;
    expect_told("input_ids");
}

TEST_F(ParityProgram, FailsOnAModelThatItDoesNotKnow) {
    write_file(fixture() / "model/config.json", R"({"model_type": "llama"})");
    EXPECT_EQ(run(), 1) << out_;
    expect_told("not checked");
}

TEST_F(ParityProgram, RefusesACommandLineThatItCannotUse) {
    EXPECT_EQ(run(std::vector<std::string>{}), 2);
    EXPECT_EQ(run({"--precision", "bf16", "--unfused", fixture().string()}), 2);
    EXPECT_EQ(run({fixture().string(), (folder_.path() / "absent").string()}), 2);
    expect_told("absent");
    std::filesystem::create_directory(folder_.path() / "empty");
    EXPECT_EQ(run({(folder_.path() / "empty").string()}), 2);
    expect_told("nothing of the parity format");
    EXPECT_EQ(run({"--help"}), 0);
}

class SharedParity : public ParityProgram, public testing::WithParamInterface<const char*> {};

TEST_P(SharedParity, OfEveryReferenceOutput) {
    const auto reference = shared_folder() / "parity";
    if (!std::filesystem::exists(reference)) GTEST_SKIP() << "no reference outputs in " << reference;
    std::vector<std::string> arguments = {reference.string()};
    if (*GetParam() != '\0') arguments.emplace_back(GetParam());
    EXPECT_EQ(run(arguments), 0) << out_;
}

INSTANTIATE_TEST_SUITE_P(Ways, SharedParity, testing::Values("", "--unfused"), [](const auto& way) {
    return std::string(*way.param == '\0' ? "Product" : "Operators");
});

}  // namespace
}  // namespace bgm
