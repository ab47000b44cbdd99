#include "fusion/mood/head.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <set>

#include "schemas/safetensors.hpp"
#include "tests/fusion/random_cases.hpp"

namespace bgm {
namespace {

using testing::RandomCases;

/// A head as a file, each part of which a test can spoil before it is written.
struct HeadFile {
    std::int64_t width = 2;
    std::map<std::string, std::vector<std::int64_t>> shapes{
        {"mood.weight", {13, 2}}, {"mood.bias", {13}}, {"affect.weight", {2, 2}}, {"affect.bias", {2}}};
    std::map<std::string, std::vector<float>> values{{"mood.weight", std::vector<float>(26)},
                                                     {"mood.bias", std::vector<float>(13)},
                                                     {"affect.weight", std::vector<float>(4)},
                                                     {"affect.bias", std::vector<float>(2)}};
    std::map<std::string, std::string> metadata{
        {"model", "tiny"}, {"modality", "image"}, {"temperature", "2.0"}, {"precision", "0.5"}};

    std::string bytes() const {
        std::vector<TensorToWrite> tensors;
        for (const auto& [name, shape] : shapes) {
            const auto& floats = values.at(name);
            tensors.push_back({name, "F32", shape,
                               std::string(reinterpret_cast<const char*>(floats.data()), floats.size() * 4)});
        }
        return write_safetensors(tensors, metadata);
    }
    Result<LinearHead> parse() const {
        const std::string file = bytes();
        return LinearHead::parse(std::as_bytes(std::span(file)));
    }
};

// Idea: numbers by hand. x = (1, 2); mood.weight is 0 but for joyful = (0.5, 0.75), so its logit is 2,
// temperature 2 makes it 1: p(joyful) = e / (e + 12) = 0.18468. Valence 0.25 * 1 + 0.1 = 0.35; arousal 2 * 2
// is cut to 1. Precision 0.5 * 0.6.
TEST(LinearHead, ReadsAnEmbeddingByHand) {
    HeadFile file;
    file.values["mood.weight"][9 * 2] = 0.5F;
    file.values["mood.weight"][9 * 2 + 1] = 0.75F;
    file.values["affect.weight"] = {0.25F, 0.0F, 0.0F, 2.0F};
    file.values["affect.bias"] = {0.1F, 0.0F};
    const auto head = file.parse();
    ASSERT_TRUE(head.ok()) << head.error().to_string();
    EXPECT_EQ(head->model(), "tiny");
    EXPECT_EQ(head->modality(), Modality::image);
    EXPECT_EQ(head->width(), 2U);
    const auto evidence = head->read(std::array{1.0F, 2.0F}, 0.6F);
    ASSERT_TRUE(evidence.ok());
    EXPECT_NEAR(evidence->mood[9], 0.18468, 1e-5);
    EXPECT_NEAR(evidence->mood[0], (1 - 0.18468) / 12, 1e-5);
    EXPECT_NEAR(evidence->affect.valence, 0.35, 1e-6);
    EXPECT_EQ(evidence->affect.arousal, 1.0F);
    EXPECT_FLOAT_EQ(evidence->precision, 0.3F);
    EXPECT_EQ(evidence->modality, Modality::image);
}

// Idea: a head may say whether there is anything to feel: x = (1, 2), logit 1 + 2 * -1 + 0.5 = -0.5,
// 1 / (1 + e^0.5) = 0.37754. One that does not has no opinion, half of the two tensors is no head, and
// neither is a number that is not finite.
TEST(LinearHead, SaysWhetherThereIsAnythingToFeel) {
    HeadFile file;
    EXPECT_EQ(file.parse()->read(std::array{1.0F, 2.0F}, 1.0F)->felt, 1.0F);
    file.shapes["felt.weight"] = {1, 2};
    file.values["felt.weight"] = {1.0F, -1.0F};
    EXPECT_FALSE(file.parse().ok());
    file.shapes["felt.bias"] = {1};
    file.values["felt.bias"] = {0.5F};
    EXPECT_NEAR(file.parse()->read(std::array{1.0F, 2.0F}, 1.0F)->felt, 0.37754, 1e-5);
    file.values["felt.bias"] = {std::numeric_limits<float>::quiet_NaN()};
    EXPECT_FALSE(file.parse().ok());
    file.values["felt.bias"] = {0.5F};
    file.shapes["felt.weight"] = {2, 1};
    EXPECT_FALSE(file.parse().ok());
}

// Idea: the heads that ship are heads, each of the modality that its file's name says.
TEST(LinearHead, ReadsEveryShippedHead) {
    std::set<Modality> read;
    for (const auto& entry : std::filesystem::directory_iterator(BGM_SOURCE_DIR "/data/builtin")) {
        const std::string path = entry.path().string();
        if (!path.ends_with("_head.safetensors")) continue;
        std::ifstream file(path, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        const auto head = LinearHead::parse(std::as_bytes(std::span(bytes)));
        ASSERT_TRUE(head.ok()) << path << ": " << head.error().to_string();
        const auto evidence = head->read(std::vector<float>(head->width()), 1.0F);
        ASSERT_TRUE(evidence.ok());
        EXPECT_GT(evidence->precision, 0.0F);
        read.insert(head->modality());
    }
    EXPECT_EQ(read.size(), kModalityCount) << "one at least of each";
}

// Idea: temperature and precision are optional and default to 1.
TEST(LinearHead, DefaultsTemperatureAndPrecision) {
    HeadFile file;
    file.metadata.erase("temperature");
    file.metadata.erase("precision");
    const auto head = file.parse();
    ASSERT_TRUE(head.ok());
    EXPECT_EQ(head->temperature(), 1.0F);
    EXPECT_EQ(head->precision(), 1.0F);
}

// Idea: an embedding that cannot be trusted is an error, never an evidence: wrong width, NaN, infinity,
// overflow.
TEST(LinearHead, RefusesUnusableEmbeddings) {
    HeadFile file;
    file.values["mood.weight"].assign(26, 3.0F);
    const auto head = file.parse();
    ASSERT_TRUE(head.ok());
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    for (const auto& bad :
         std::vector<std::vector<float>>{{}, {1}, {1, 2, 3}, {kNan, 1}, {1, kInfinity}, {3e38F, 3e38F}}) {
        const auto evidence = head->read(bad, 1.0F);
        ASSERT_FALSE(evidence.ok());
        EXPECT_EQ(evidence.error().code, ErrorCode::invalid_argument);
    }
    EXPECT_FALSE(head->read(std::array{1.0F, 2.0F}, kNan).ok());
    EXPECT_EQ(head->read(std::array{1.0F, 2.0F}, -1.0F)->precision, 0.0F);
    EXPECT_EQ(head->read(std::array{1.0F, 2.0F}, 7.0F)->precision, 0.5F);
}

// Idea: every part of the file is checked, and the message names it.
TEST(LinearHead, NamesWhatIsWrongWithAFile) {
    const auto expect_refused = [](const HeadFile& file, const std::string& named) {
        const auto head = file.parse();
        ASSERT_FALSE(head.ok()) << named;
        EXPECT_NE(head.error().message.find(named), std::string::npos) << head.error().message;
    };
    for (const char* name : {"mood.weight", "mood.bias", "affect.weight", "affect.bias"}) {
        HeadFile missing;
        missing.shapes.erase(name);
        expect_refused(missing, name);
        HeadFile poisoned;
        poisoned.values[name].back() = std::numeric_limits<float>::quiet_NaN();
        expect_refused(poisoned, name);
        HeadFile reshaped;
        reshaped.shapes[name] = {1, static_cast<std::int64_t>(reshaped.values[name].size())};
        expect_refused(reshaped, name);
    }
    for (const auto& [key, value] : std::map<std::string, std::string>{
             {"temperature", "0"}, {"precision", "-1"}, {"modality", "smell"}, {"model", ""}}) {
        HeadFile file;
        file.metadata[key] = value;
        expect_refused(file, key);
    }
    for (const char* bad : {"nan", "inf", "1e99", "2.0x", ""}) {
        HeadFile file;
        file.metadata["temperature"] = bad;
        expect_refused(file, "temperature");
    }
}

// Idea: no prefix and no flipped byte of a good file crashes the parser or yields a head that gives NaN.
TEST(LinearHead, SurvivesDamagedFiles) {
    const std::string good = HeadFile{}.bytes();
    for (std::size_t length = 0; length < good.size(); ++length) {
        EXPECT_FALSE(LinearHead::parse(std::as_bytes(std::span(good.data(), length))).ok());
    }
    RandomCases random(7);
    for (int i = 0; i < 2000; ++i) {
        std::string bad = good;
        bad[random.below(bad.size())] = static_cast<char>(random.bits());
        const auto head = LinearHead::parse(std::as_bytes(std::span(bad)));
        if (!head || head->width() != 2) continue;
        const auto evidence = head->read(std::array{0.5F, -0.5F}, 1.0F);
        if (!evidence) continue;
        for (float mood : evidence->mood)
            EXPECT_TRUE(std::isfinite(mood));
    }
}

// Idea: the same embedding gives the same bits wherever in memory it lies (vector code may not depend on
// alignment).
TEST(LinearHead, AlignmentDoesNotChangeABit) {
    RandomCases random(8);
    HeadFile file;
    file.shapes["mood.weight"] = {13, 67};
    file.shapes["affect.weight"] = {2, 67};
    file.values["mood.weight"].resize(13 * 67);
    file.values["affect.weight"].resize(2 * 67);
    for (auto& [name, floats] : file.values) {
        for (float& value : floats)
            value = random.between(-1, 1);
    }
    const auto head = file.parse();
    ASSERT_TRUE(head.ok());
    std::vector<float> buffer(67 + 16);
    std::vector<float> embedding(67);
    for (float& value : embedding)
        value = random.between(-1, 1);
    const auto first = head->read(embedding, 1.0F);
    for (std::size_t offset = 0; offset < 16; ++offset) {
        std::copy(embedding.begin(), embedding.end(), buffer.begin() + static_cast<std::ptrdiff_t>(offset));
        const auto again = head->read(std::span(buffer).subspan(offset, 67), 1.0F);
        EXPECT_EQ(std::memcmp(&again->mood, &first->mood, sizeof first->mood), 0);
        EXPECT_EQ(std::memcmp(&again->affect, &first->affect, sizeof first->affect), 0);
    }
}

}  // namespace
}  // namespace bgm
