#include "workers/onnx/onnx_weights.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "schemas/one_line.hpp"
#include "workers/onnx/onnx.pb.h"

namespace bgm {
namespace {

constexpr std::int32_t kFloat = 1;  // TensorProto.DataType
constexpr int kRankMax = 8;
constexpr std::size_t kNameShown = 80;  // bytes, in an error

static_assert(std::endian::native == std::endian::little);

Error corrupt(std::string message) {
    return {.code = ErrorCode::corrupt, .message = std::move(message)};
}

// How many numbers the shape asks for; no more than `most`, so that nothing overflows.
bool count_elements(const onnx::Tensor& tensor, std::size_t most, std::size_t& count) {
    if (tensor.dims_size() > kRankMax) return false;
    count = 1;
    for (const std::int64_t dim : tensor.dims()) {
        if (dim < 0 || (dim > 0 && count > most / static_cast<std::size_t>(dim))) return false;
        count *= static_cast<std::size_t>(dim);
    }
    return true;
}

Status add_tensor(const onnx::Tensor& tensor, OnnxGraph& graph) {
    if (tensor.name().empty() || tensor.data_type() != kFloat) return ok_status();
    const std::string& bytes = tensor.raw_data();
    std::size_t count = 0;
    if (!count_elements(tensor, bytes.size(), count) || count * sizeof(float) != bytes.size())
        return corrupt("tensor " + one_line(tensor.name(), kNameShown) +
                       " does not have the bytes that its shape asks for");
    Tensor read;
    read.shape.assign(tensor.dims().begin(), tensor.dims().end());
    read.values.resize(count);
    if (count > 0) std::memcpy(read.values.data(), bytes.data(), bytes.size());
    for (const float value : read.values) {
        if (!std::isfinite(value))
            return corrupt("tensor " + one_line(tensor.name(), kNameShown) + " holds no finite number");
    }
    if (!graph.emplace(tensor.name(), std::move(read)).second)
        return corrupt("there are two tensors " + one_line(tensor.name(), kNameShown));
    return ok_status();
}

// Graphs lie within each other no deeper than protobuf lets messages lie (100), so this ends.
Status add_graph(const onnx::Graph& graph, std::vector<OnnxGraph>& graphs) {
    OnnxGraph own;
    for (const onnx::Tensor& tensor : graph.initializers()) {
        if (Status added = add_tensor(tensor, own); !added) return added;
    }
    for (const onnx::Node& node : graph.nodes()) {
        for (const onnx::Attribute& attribute : node.attributes()) {
            if (Status added = add_tensor(attribute.tensor(), own); !added) return added;
        }
    }
    if (!own.empty()) graphs.push_back(std::move(own));
    for (const onnx::Node& node : graph.nodes()) {
        for (const onnx::Attribute& attribute : node.attributes()) {
            if (!attribute.has_graph()) continue;
            if (Status added = add_graph(attribute.graph(), graphs); !added) return added;
        }
    }
    return ok_status();
}

}  // namespace

Result<std::vector<OnnxGraph>> parse_onnx_weights(std::span<const std::byte> file) {
    if (file.size() > kOnnxBytesMax)
        return Error{.code = ErrorCode::too_large, .message = "the model is larger than 8 MB"};
    onnx::Model model;
    if (!model.ParseFromArray(file.data(), static_cast<int>(file.size())) || !model.has_graph())
        return corrupt("not an ONNX model, or only a part of one");
    std::vector<OnnxGraph> graphs;
    if (const Status added = add_graph(model.graph(), graphs); !added) return added.error();
    if (graphs.empty())
        return Error{.code = ErrorCode::not_found, .message = "the model holds no named float tensor"};
    return graphs;
}

}  // namespace bgm
