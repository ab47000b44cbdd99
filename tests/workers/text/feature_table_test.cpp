// The table is read in place from bytes that may be anything: right files give the right sums, broken ones an
// error.
#include "workers/text/feature_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>

#include "schemas/mapped_file.hpp"
#include "workers/text/text_network.hpp"

namespace bgm {
namespace {

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
    std::string bytes(values.size() * sizeof(T), '\0');
    if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

struct Parts {
    std::vector<std::uint32_t> features{5, 0x40000000, 0xFFFFFFFF};
    std::string rows_dtype = "I8";
    std::vector<std::int8_t> rows{1, 2, 3, 4, -5, 6};
    std::vector<std::int64_t> rows_shape{3, 2};
    std::vector<std::uint16_t> scales{float_to_half(1), float_to_half(0.5F), float_to_half(2)};
};

// Keeps the bytes on even addresses, as a mapped file is.
class TableFile {
 public:
    explicit TableFile(const Parts& parts) {
        const auto n = static_cast<std::int64_t>(parts.features.size());
        const std::string file = write_safetensors(
            {{.name = "words.features", .dtype = "U32", .shape = {n}, .data = bytes_of(parts.features)},
             {.name = "words.scales", .dtype = "F16", .shape = {n}, .data = bytes_of(parts.scales)},
             {.name = "words.rows",
              .dtype = parts.rows_dtype,
              .shape = parts.rows_shape,
              .data = bytes_of(parts.rows)}},
            {});
        storage_.resize(file.size() / 8 + 1);
        std::memcpy(storage_.data(), file.data(), file.size());
        index_ = SafeTensors::parse(std::as_bytes(std::span(storage_)).first(file.size())).value();
    }
    Result<FeatureTable> parse() const { return FeatureTable::parse(index_, "words"); }

 private:
    std::vector<std::uint64_t> storage_;
    SafeTensors index_;
};

TEST(FeatureTable, SumsTheRowsItKnows) {
    const TableFile file(Parts{});
    const auto table = file.parse();
    ASSERT_TRUE(table) << table.error().to_string();
    std::vector<float> sum(2);
    const std::vector<std::uint32_t> features{5, 6, 0xFFFFFFFF, 5, 0};
    EXPECT_EQ(table->sum(features, {}, sum, {}), 3U);
    EXPECT_FLOAT_EQ(sum[0], (1 + 1 + 2 * -5) / std::sqrt(4.0F));
    EXPECT_FLOAT_EQ(sum[1], (2 + 2 + 2 * 6) / std::sqrt(4.0F));
}

// What is denied is summed once more, by the same share.
TEST(FeatureTable, SumsDeniedFeaturesOnceMore) {
    const TableFile file(Parts{});
    const auto table = file.parse();
    ASSERT_TRUE(table);
    std::vector<float> sum(2), denied_sum{9, 9};
    const std::vector<std::uint32_t> features{5, 6, 0xFFFFFFFF, 5, 0};
    const std::vector<FeatureRange> denied{{1, 3}, {4, 5}};
    EXPECT_EQ(table->sum(features, denied, sum, denied_sum), 3U);
    EXPECT_FLOAT_EQ(sum[0], (1 + 1 + 2 * -5) / std::sqrt(4.0F));
    EXPECT_FLOAT_EQ(denied_sum[0], 2 * -5 / std::sqrt(4.0F));
    EXPECT_FLOAT_EQ(denied_sum[1], 2 * 6 / std::sqrt(4.0F));
    EXPECT_EQ(table->sum(features, {}, sum, denied_sum), 3U);
    EXPECT_EQ(denied_sum, (std::vector<float>{0, 0}));
}

TEST(FeatureTable, NothingKnownSumsToZero) {
    const TableFile file(Parts{});
    const auto table = file.parse();
    ASSERT_TRUE(table);
    std::vector<float> sum{9, 9};
    EXPECT_EQ(table->sum(std::vector<std::uint32_t>{1, 2, 3}, {}, sum, {}), 0U);
    EXPECT_EQ(sum, (std::vector<float>{0, 0}));
}

TEST(FeatureTable, FindsEveryFeatureOfALargeTable) {
    Parts parts{.features = {}, .rows = {}, .rows_shape = {}, .scales = {}};
    for (std::uint32_t i = 0; i < 5000; ++i)
        parts.features.push_back(i * 858'993U + 7);
    parts.rows.assign(5000, 1);
    parts.rows_shape = {5000, 1};
    parts.scales.assign(5000, float_to_half(1));
    const TableFile file(parts);
    const auto table = file.parse();
    ASSERT_TRUE(table) << table.error().to_string();
    for (std::uint32_t feature : parts.features) {
        ASSERT_TRUE(table->contains(feature));
        ASSERT_FALSE(table->contains(feature + 1));
    }
}

TEST(FeatureTable, EmptyTableKnowsNothing) {
    const TableFile file(Parts{.features = {}, .rows = {}, .rows_shape = {0, 4}, .scales = {}});
    const auto table = file.parse();
    ASSERT_TRUE(table);
    EXPECT_FALSE(table->contains(0));
    EXPECT_FALSE(table->contains(0xFFFFFFFF));
}

TEST(FeatureTable, RefusesWhatDoesNotFit) {
    Parts unsorted;
    unsorted.features = {5, 4, 9};
    EXPECT_FALSE(TableFile(unsorted).parse());
    Parts twice;
    twice.features = {5, 5, 9};
    EXPECT_FALSE(TableFile(twice).parse());
    Parts wrong_shape;
    wrong_shape.rows_shape = {2, 3};
    EXPECT_FALSE(TableFile(wrong_shape).parse());
    Parts wrong_type;
    wrong_type.rows_dtype = "U8";
    EXPECT_FALSE(TableFile(wrong_type).parse());
    Parts endless;
    endless.scales[1] = 0x7C00;  // infinity
    EXPECT_FALSE(TableFile(endless).parse());
}

TEST(TextNetwork, MissingAndBrokenFilesAreErrors) {
    const std::filesystem::path folder = testing::TempDir();
    EXPECT_EQ(TextNetwork::open(folder / "no-such-file").error().code, ErrorCode::not_found);
    EXPECT_EQ(TextNetwork::open(folder).error().code, ErrorCode::unsupported);
    const auto shipped =
        MappedFile::open(std::filesystem::path(BGM_SOURCE_DIR) / "data/builtin/text.safetensors");
    ASSERT_TRUE(shipped);
    // Cut at many places: never a crash, never a network.
    for (std::size_t size = 1; size < shipped->bytes().size(); size = size * 3 + 1) {
        const auto file = folder / "bgm_text_cut.safetensors";
        {
            std::FILE* stream = std::fopen(file.c_str(), "wb");
            ASSERT_NE(stream, nullptr);
            std::fwrite(shipped->bytes().data(), 1, size, stream);
            std::fclose(stream);
        }
        EXPECT_FALSE(TextNetwork::open(file));
        std::filesystem::remove(file);
    }
}

// One word feature with the vector 1, and a hidden layer of one unit over `weights`.
Result<TextNetwork> network_of(const std::vector<float>& weights, std::uint32_t word) {
    const auto file = std::filesystem::path(testing::TempDir()) / "bgm_text_network.safetensors";
    std::vector<TensorToWrite> tensors{
        {.name = "hidden.weight",
         .dtype = "F32",
         .shape = {1, static_cast<std::int64_t>(weights.size())},
         .data = bytes_of(weights)},
        {.name = "hidden.bias", .dtype = "F32", .shape = {1}, .data = bytes_of(std::vector<float>{10})}};
    for (const std::string group : {"words", "characters"}) {
        tensors.push_back({.name = group + ".features",
                           .dtype = "U32",
                           .shape = {1},
                           .data = bytes_of(std::vector<std::uint32_t>{word})});
    }
    for (const std::string group : {"words", "characters"}) {
        tensors.push_back({.name = group + ".scales",
                           .dtype = "F16",
                           .shape = {1},
                           .data = bytes_of(std::vector<std::uint16_t>{float_to_half(1)})});
    }
    for (const std::string group : {"words", "characters"}) {
        tensors.push_back({.name = group + ".rows",
                           .dtype = "I8",
                           .shape = {1, 1},
                           .data = bytes_of(std::vector<std::int8_t>{1})});
    }
    const std::string bytes = write_safetensors(tensors, {{"format", "bgm-text-1"}, {"model", "made-up"}});
    std::FILE* stream = std::fopen(file.c_str(), "wb");
    std::fwrite(bytes.data(), 1, bytes.size(), stream);
    std::fclose(stream);
    auto network = TextNetwork::open(file);
    std::filesystem::remove(file);
    return network;
}

// A layer over both sums turns a denied word round; one of before, over the words alone, does not know it.
TEST(TextNetwork, TurnsDeniedWordsRound) {
    const auto value = [](const TextNetwork& network, std::string_view text) {
        TextFeatures features;
        extract_features(normalise(text), features);
        return network.embed(features).values.at(0);
    };
    const auto network = network_of({4, 0, -8, 0}, word_feature(U"happy"));
    ASSERT_TRUE(network) << network.error().to_string();
    const float share = 1 / std::sqrt(2.0F);
    EXPECT_FLOAT_EQ(value(*network, "so happy"), 10 + 4 * share);
    EXPECT_FLOAT_EQ(value(*network, "not happy"), 10 - 4 * share);
    const auto before = network_of({4, 0}, word_feature(U"happy"));
    ASSERT_TRUE(before) << before.error().to_string();
    EXPECT_FLOAT_EQ(value(*before, "not happy"), 10 + 4 * share);
    EXPECT_FALSE(network_of({4, 0, -8}, word_feature(U"happy")));
}

}  // namespace
}  // namespace bgm
