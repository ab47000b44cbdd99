// Model files come from elsewhere: what was written reads back, the half floats are right for every bit
// pattern, and no header however false makes the reader look outside the file.
#include "schemas/safetensors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace bgm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text));
}

std::string file_with(const std::string& header, std::size_t data_bytes = 0) {
    const std::uint64_t length = header.size();
    std::string file(reinterpret_cast<const char*>(&length), sizeof length);
    return file + header + std::string(data_bytes, '\0');
}

template <typename T>
std::string raw(std::initializer_list<T> values) {
    std::string bytes;
    for (const T value : values)
        bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    return bytes;
}

TEST(SafeTensorsFile, ReadsBackWhatWasWritten) {
    const std::string file = write_safetensors(
        {{.name = "weights", .dtype = "F32", .shape = {2, 3}, .data = raw<float>({1, 2, 3, 4, 5, -6.5F})},
         {.name = "halves", .dtype = "F16", .shape = {2}, .data = raw<std::uint16_t>({0x3C00, 0xC000})},
         {.name = "brains", .dtype = "BF16", .shape = {2}, .data = raw<std::uint16_t>({0x3F80, 0xC000})},
         {.name = "nothing", .dtype = "I64", .shape = {0, 7}, .data = ""},
         {.name = "scalar", .dtype = "U8", .shape = {}, .data = "\x07"}},
        {{"model", "m1"}, {"made of", "한"}});
    const auto read = SafeTensors::parse(bytes_of(file));
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(read->tensors().size(), 5U);
    EXPECT_EQ(read->metadata().at("model"), "m1");
    EXPECT_EQ(read->metadata().at("made of"), "한");
    EXPECT_THAT(read->find("weights")->shape, ElementsAre(2, 3));
    EXPECT_THAT(*to_floats(*read->find("weights")), ElementsAre(1, 2, 3, 4, 5, -6.5F));
    EXPECT_THAT(*to_floats(*read->find("halves")), ElementsAre(1, -2));
    EXPECT_THAT(*to_floats(*read->find("brains")), ElementsAre(1, -2));
    EXPECT_EQ(read->find("nothing")->elements(), 0);
    EXPECT_EQ(read->find("scalar")->elements(), 1);
    EXPECT_EQ(to_floats(*read->find("scalar")).error().code, ErrorCode::unsupported);
    EXPECT_EQ(read->find("absent").error().code, ErrorCode::not_found);
    std::uint64_t header_bytes = 0;
    std::memcpy(&header_bytes, file.data(), sizeof header_bytes);
    EXPECT_EQ((sizeof header_bytes + header_bytes) % 64, 0U);
}

TEST(SafeTensorsFile, CutAtAnyByteIsCorrupt) {
    const std::string file = write_safetensors(
        {{.name = "w", .dtype = "F32", .shape = {3}, .data = raw<float>({1, 2, 3})}}, {{"k", "v"}});
    for (std::size_t length = 0; length < file.size(); ++length) {
        // A copy of exactly this length, so that a memory checker sees a read behind it.
        const std::string cut = file.substr(0, length);
        const auto read = SafeTensors::parse(bytes_of(cut));
        ASSERT_FALSE(read) << length;
        EXPECT_EQ(read.error().code, ErrorCode::corrupt);
    }
}

struct Hostile {
    const char* title;
    std::string header;
    const char* reason;
};

TEST(SafeTensorsFile, WithAFalseHeaderIsCorruptAndSaysWhere) {
    const std::vector<Hostile> cases{
        {"no JSON", "not json", "JSON"},
        {"no object", "[]", "JSON object"},
        {"two values", "{}{}", "JSON"},
        {"not UTF-8", "{\"\xFF\":{}}", "JSON"},
        {"metadata not an object", R"({"__metadata__":[]})", "__metadata__"},
        {"metadata not text", R"({"__metadata__":{"a":1}})", "__metadata__"},
        {"tensor not an object", R"({"w":3})", "'w'"},
        {"no dtype", R"({"w":{"shape":[4],"data_offsets":[0,4]}})", "lacks"},
        {"dtype a number", R"({"w":{"dtype":4,"shape":[4],"data_offsets":[0,4]}})", "lacks"},
        {"dtype unknown", R"({"w":{"dtype":"F8","shape":[4],"data_offsets":[0,4]}})", "dtype 'F8'"},
        {"no shape", R"({"w":{"dtype":"U8","data_offsets":[0,4]}})", "lacks"},
        {"shape negative", R"({"w":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}})", "bad shape"},
        {"shape broken", R"({"w":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]}})", "bad shape"},
        {"shape text", R"({"w":{"dtype":"U8","shape":["4"],"data_offsets":[0,4]}})", "bad shape"},
        {"offsets one", R"({"w":{"dtype":"U8","shape":[4],"data_offsets":[0]}})", "lacks"},
        {"offsets negative", R"({"w":{"dtype":"U8","shape":[4],"data_offsets":[-1,3]}})", "data_offsets"},
        {"offsets turned", R"({"w":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}})", "outside"},
        {"offsets outside", R"({"w":{"dtype":"U8","shape":[4],"data_offsets":[13,17]}})", "outside"},
        {"offsets far",
         R"({"w":{"dtype":"U8","shape":[4],"data_offsets":[18446744073709551612,18446744073709551615]}})",
         "outside"},
        {"shape too small", R"({"w":{"dtype":"U8","shape":[3],"data_offsets":[0,4]}})", "does not fit"},
        {"shape too large", R"({"w":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}})", "does not fit"},
        {"shape wraps to 0", R"({"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})",
         "overflows"},
        {"shape wraps to 4", R"({"w":{"dtype":"U8","shape":[4611686018427387905,4],"data_offsets":[0,4]}})",
         "overflows"},
        {"shape huge behind 0",
         R"({"w":{"dtype":"U8","shape":[0,18446744073709551615],"data_offsets":[0,0]}})", "overflows"},
        {"overlap",
         R"({"v":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"w":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}})",
         "overlap"},
        {"same place",
         R"({"v":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
         "overlap"},
        {"overlap not sorted",
         R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[9,11]},"b":{"dtype":"U8","shape":[10],"data_offsets":[0,10]}})",
         "overlap"},
    };
    for (const Hostile& hostile : cases) {
        SCOPED_TRACE(hostile.title);
        const std::string file = file_with(hostile.header, 16);
        const auto read = SafeTensors::parse(bytes_of(file));
        if (read.ok()) {
            ADD_FAILURE() << "was taken";
            continue;
        }
        EXPECT_EQ(read.error().code, ErrorCode::corrupt);
        EXPECT_THAT(read.error().message, HasSubstr(hostile.reason));
    }
}

TEST(SafeTensorsFile, ThatClaimsAHugeHeaderIsRefusedBeforeMemoryIsTaken) {
    std::string file = raw<std::uint64_t>({100'000'001}) + "{}";
    EXPECT_EQ(SafeTensors::parse(bytes_of(file)).error().code, ErrorCode::too_large);
    file = raw<std::uint64_t>({std::numeric_limits<std::uint64_t>::max()}) + "{}";
    EXPECT_EQ(SafeTensors::parse(bytes_of(file)).error().code, ErrorCode::too_large);
    file = raw<std::uint64_t>({3}) + "{}";
    EXPECT_EQ(SafeTensors::parse(bytes_of(file)).error().code, ErrorCode::corrupt);
}

TEST(SafeTensorsFile, WithADeepHeaderIsRefused) {
    const std::string file = file_with(std::string(1'000'000, '['));
    EXPECT_EQ(SafeTensors::parse(bytes_of(file)).error().code, ErrorCode::corrupt);
}

// The value of a half float straight from its definition.
double defined_half(std::uint32_t half) {
    const double sign = (half & 0x8000U) != 0 ? -1 : 1;
    const auto exponent = static_cast<int>(half >> 10U & 0x1FU);
    const double mantissa = half & 0x3FFU;
    if (exponent == 0) return sign * mantissa * std::exp2(-24);
    if (exponent == 31)
        return mantissa == 0 ? sign * std::numeric_limits<double>::infinity()
                             : std::numeric_limits<double>::quiet_NaN();
    return sign * (1 + mantissa / 1024) * std::exp2(exponent - 15);
}

TEST(HalfFloats, AreRightForEveryBitPattern) {
    for (std::uint32_t half = 0; half <= 0xFFFF; ++half) {
        const float value = half_to_float(static_cast<std::uint16_t>(half));
        const double defined = defined_half(half);
        if (std::isnan(defined)) {
            ASSERT_TRUE(std::isnan(value)) << half;
            ASSERT_TRUE(std::isnan(half_to_float(float_to_half(value)))) << half;
            continue;
        }
        ASSERT_EQ(value, defined) << half;
        ASSERT_EQ(float_to_half(value), half);
    }
}

// Between two neighbours the nearer one is chosen, and half way the even one.
TEST(HalfFloats, RoundToTheNearestAndToEvenHalfWay) {
    for (std::uint32_t half = 0; half < 0x7BFF; ++half) {
        const float low = half_to_float(static_cast<std::uint16_t>(half));
        const float high = half_to_float(static_cast<std::uint16_t>(half + 1));
        const float middle = low + (high - low) / 2;  // exact: a float has 13 bits more
        const std::uint32_t even = half % 2 == 0 ? half : half + 1;
        ASSERT_EQ(float_to_half(middle), even) << half;
        ASSERT_EQ(float_to_half(-middle), 0x8000U | even) << half;
        ASSERT_EQ(float_to_half(std::nextafter(middle, low)), half);
        ASSERT_EQ(float_to_half(std::nextafter(middle, high)), half + 1);
    }
    EXPECT_EQ(float_to_half(65519.0F), 0x7BFFU);
    EXPECT_EQ(float_to_half(65520.0F), 0x7C00U);
    EXPECT_EQ(float_to_half(std::numeric_limits<float>::max()), 0x7C00U);
    EXPECT_EQ(float_to_half(-std::numeric_limits<float>::infinity()), 0xFC00U);
    EXPECT_EQ(float_to_half(std::numeric_limits<float>::denorm_min()), 0U);
}

}  // namespace
}  // namespace bgm
