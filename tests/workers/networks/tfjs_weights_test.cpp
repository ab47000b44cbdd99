// Weights of TensorFlow.js are read as they were written, and nothing else is taken for some: no memory is
// taken for what the data does not hold, and every refusal names the tensor.
#include "workers/networks/tfjs_weights.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace {

using namespace bgm;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::byte> bytes(std::initializer_list<int> values) {
    std::vector<std::byte> all;
    for (const int value : values)
        all.push_back(static_cast<std::byte>(value));
    return all;
}

std::string one(const std::string& entry) {
    return R"([{"paths":["x.bin"],"weights":[)" + entry + "]}]";
}

const std::string kQuantised =
    R"({"name":"a","shape":[2,1],"dtype":"float32","quantization":{"dtype":"uint8","scale":0.5,"min":-1}})";

TEST(TfjsWeights, AreScaledBack) {
    const auto read = read_tfjs_weights(one(kQuantised), bytes({0, 255}));
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_THAT(read->at("a").shape, ElementsAre(2, 1));
    EXPECT_THAT(read->at("a").values, ElementsAre(-1.0F, 126.5F));
}

TEST(TfjsWeights, MayBeWholeNumbersOf16BitsFloatsOrASingleNumber) {
    const auto read = read_tfjs_weights(
        R"([{"weights":[{"name":"h","shape":[1],"dtype":"float32","quantization":{"dtype":"uint16","scale":2,"min":1}}]},
            {"weights":[{"name":"f","shape":[],"dtype":"float32"}]}])",
        bytes({1, 1, 0, 0, 0x80, 0x3F}));
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_THAT(read->at("h").values, ElementsAre(515.0F));
    EXPECT_THAT(read->at("f").values, ElementsAre(1.0F));
    EXPECT_TRUE(find_tensor(*read, "h", {1}));
    EXPECT_EQ(find_tensor(*read, "h", {2}).error().field, "h");
    EXPECT_EQ(find_tensor(*read, "g", {1}).error().field, "g");
}

TEST(TfjsWeights, AreRefusedWhereTheyAreNotWhatTheySay) {
    struct Case {
        std::string manifest;
        std::vector<std::byte> data;
        const char* said;
    };
    const auto shape = [](const std::string& list) {
        return one(R"({"name":"a","dtype":"float32","shape":)" + list + "}");
    };
    const float infinite = std::numeric_limits<float>::infinity();
    std::vector<std::byte> not_finite(sizeof infinite);
    std::memcpy(not_finite.data(), &infinite, sizeof infinite);
    const std::vector<Case> cases{
        {"", {}, "no list of groups"},
        {"{}", {}, "no list of groups"},
        {R"([{"weights":{}}])", {}, "no list of weights"},
        {"[[1]]", {}, "no list of weights"},
        {one("7"), {}, "no name"},
        {one(kQuantised), bytes({0}), "the data ends before"},
        {one(kQuantised), bytes({0, 1, 2}), "more data"},
        {one(kQuantised + "," + kQuantised), bytes({0, 1, 2, 3}), "named twice"},
        {shape("[4294967296,4294967296]"), {}, "no shape"},
        {shape("[30000000,2]"), {}, "no shape"},
        {shape("[20000000]"), {}, "the data ends before"},
        {shape("[0]"), {}, "no shape"},
        {shape("[-1]"), {}, "no shape"},
        {shape("[1.5]"), {}, "no shape"},
        {shape("[1,1,1,1,1]"), {}, "no shape"},
        {shape("3"), {}, "no shape"},
        {one(R"({"name":"a","shape":[1],"dtype":"int32"})"), bytes({0, 0, 0, 0}), "not float32"},
        {one(R"({"name":"a","shape":[1],"dtype":"float32","quantization":{"dtype":"float16"}})"),
         bytes({0, 0}), "another type"},
        {one(R"({"name":"a","shape":[1],"dtype":"float32","quantization":{"dtype":"uint8","scale":1}})"),
         bytes({0}), "without scale and min"},
        {one(R"({"name":"a","shape":[1],"dtype":"float32","quantization":{"dtype":"uint8","scale":1e300,"min":0}})"),
         bytes({9}), "not finite"},
        {shape("[1]"), not_finite, "not finite"},
    };
    for (const Case& each : cases) {
        const auto read = read_tfjs_weights(each.manifest, each.data);
        ASSERT_FALSE(read) << each.manifest;
        EXPECT_THAT(read.error().message, HasSubstr(each.said)) << each.manifest;
    }
}

TEST(TfjsWeights, AreRefusedWhereThereAreTooManyTensors) {
    std::string entries;
    for (int i = 0; i < 1025; ++i)
        entries += (i == 0 ? "" : ",") + std::string(R"({"name":"t)") + std::to_string(i) +
                   R"(","shape":[1],"dtype":"float32","quantization":{"dtype":"uint8","scale":1,"min":0}})";
    EXPECT_EQ(read_tfjs_weights(one(entries), std::vector<std::byte>(1025)).error().code,
              ErrorCode::too_large);
}

}  // namespace
