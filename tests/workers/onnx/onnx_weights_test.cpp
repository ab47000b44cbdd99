// Idea: a reader of strangers' files. What is well-formed is read, graphs within graphs too; what is cut off,
// lies about its size, nests without end or holds no numbers is refused, with a word on what is wrong.
#include "workers/onnx/onnx_weights.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "workers/onnx/onnx.pb.h"

namespace bgm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<std::vector<OnnxGraph>> parse(const std::string& bytes) {
    return parse_onnx_weights(std::as_bytes(std::span(bytes)));
}

onnx::Tensor tensor(const std::string& name, const std::vector<std::int64_t>& shape,
                    const std::vector<float>& values) {
    onnx::Tensor made;
    made.set_name(name);
    made.set_data_type(1);
    made.mutable_dims()->Assign(shape.begin(), shape.end());
    made.set_raw_data(std::string(reinterpret_cast<const char*>(values.data()), values.size() * 4));
    return made;
}

std::string model_with(const onnx::Tensor& initializer) {
    onnx::Model model;
    *model.mutable_graph()->add_initializers() = initializer;
    return model.SerializeAsString();
}

void expect_refused(const std::string& bytes, ErrorCode code, const std::string& why) {
    const auto graphs = parse(bytes);
    ASSERT_FALSE(graphs.ok());
    EXPECT_EQ(graphs.error().code, code);
    EXPECT_THAT(graphs.error().message, HasSubstr(why));
}

TEST(OnnxWeights, AreReadFromInitializersConstantsAndBranches) {
    onnx::Model model;
    onnx::Graph& graph = *model.mutable_graph();
    *graph.add_initializers() = tensor("a", {2, 1}, {1, 2});
    *graph.add_nodes()->add_attributes()->mutable_tensor() = tensor("b", {}, {3});
    *graph.add_nodes()->add_attributes()->mutable_graph()->add_initializers() = tensor("a", {1}, {4});
    onnx::Tensor whole_numbers = tensor("c", {1}, {5});
    whole_numbers.set_data_type(7);
    *graph.add_initializers() = whole_numbers;
    const auto graphs = parse(model.SerializeAsString());
    ASSERT_TRUE(graphs.ok()) << graphs.error().to_string();
    ASSERT_EQ(graphs->size(), 2U);
    EXPECT_THAT(graphs->at(0).at("a").values, ElementsAre(1, 2));
    EXPECT_THAT(graphs->at(0).at("a").shape, ElementsAre(2, 1));
    EXPECT_THAT(graphs->at(0).at("b").values, ElementsAre(3));
    EXPECT_FALSE(graphs->at(0).contains("c"));
    EXPECT_THAT(graphs->at(1).at("a").values, ElementsAre(4));
}

TEST(OnnxWeights, AnyPartOfAFileIsRefused) {
    const std::string whole = model_with(tensor("a", {4}, {1, 2, 3, 4}));
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(parse(whole.substr(0, size)).ok()) << size << " bytes";
}

TEST(OnnxWeights, ATensorHasTheBytesThatItsShapeAsksFor) {
    const std::string why = "does not have the bytes";
    expect_refused(model_with(tensor("a", {3}, {1, 2})), ErrorCode::corrupt, why);
    expect_refused(model_with(tensor("a", {-2}, {1, 2})), ErrorCode::corrupt, why);
    expect_refused(model_with(tensor("a", {2}, {1, 2, 3})), ErrorCode::corrupt, why);
    const auto huge = std::numeric_limits<std::int64_t>::max();
    expect_refused(model_with(tensor("a", {huge, huge}, {1})), ErrorCode::corrupt, why);
    expect_refused(model_with(tensor("a", {std::int64_t{1} << 33, std::int64_t{1} << 31}, {1})),
                   ErrorCode::corrupt, why);
    expect_refused(model_with(tensor("a", {huge, 0}, {1})), ErrorCode::corrupt, why);
    expect_refused(model_with(tensor("a", std::vector<std::int64_t>(9, 1), {1})), ErrorCode::corrupt, why);
}

TEST(OnnxWeights, NumbersAreFiniteAndNamesAreGivenOnce) {
    expect_refused(model_with(tensor("a", {1}, {std::numeric_limits<float>::quiet_NaN()})),
                   ErrorCode::corrupt, "finite");
    onnx::Model model;
    *model.mutable_graph()->add_initializers() = tensor("a", {1}, {1});
    *model.mutable_graph()->add_initializers() = tensor("a", {1}, {2});
    expect_refused(model.SerializeAsString(), ErrorCode::corrupt, "two tensors a");
}

TEST(OnnxWeights, WhatIsNoModelIsRefused) {
    expect_refused("", ErrorCode::corrupt, "not an ONNX model");
    expect_refused("a picture, perhaps", ErrorCode::corrupt, "not an ONNX model");
    expect_refused(onnx::Model().SerializeAsString(), ErrorCode::corrupt, "not an ONNX model");
    expect_refused(model_with(onnx::Tensor()), ErrorCode::not_found, "no named float tensor");
    expect_refused(std::string(kOnnxBytesMax + 1, '\0'), ErrorCode::too_large, "larger than");
}

TEST(OnnxWeights, GraphsWithinGraphsEnd) {
    // Wrapped by hand: a thousand graphs within each other, which protobuf's own writer would not survive.
    std::string graph = tensor("a", {1}, {1}).SerializeAsString();
    const auto wrap = [](std::string inner, char key) {
        std::string header(1, key);
        for (std::size_t size = inner.size();; size >>= 7U) {
            header += static_cast<char>((size & 127U) | (size > 127 ? 128U : 0U));
            if (size <= 127) break;
        }
        return header + inner;
    };
    graph = wrap(graph, 0x2a);
    for (int depth = 0; depth < 1'000; ++depth)
        graph = wrap(wrap(wrap(graph, 0x32), 0x2a), 0x0a);  // a graph in an attribute in a node
    expect_refused(wrap(graph, 0x3a), ErrorCode::corrupt, "not an ONNX model");
}

}  // namespace
}  // namespace bgm
