#include "tests/workers/audio/speech_model_maker.hpp"

#include <cmath>
#include <initializer_list>
#include <random>

#include "workers/onnx/onnx.pb.h"

namespace bgm::test {
namespace {

void add_tensor(onnx::Graph& graph, const std::string& name, std::initializer_list<int> shape,
                std::mt19937& random) {
    onnx::Tensor& tensor = *graph.add_nodes()->add_attributes()->mutable_tensor();
    tensor.set_name(name);
    tensor.set_data_type(1);
    std::size_t count = 1, inputs = 1;
    for (const int dim : shape) {
        tensor.add_dims(dim);
        count *= static_cast<std::size_t>(dim);
    }
    if (shape.size() > 1) inputs = count / static_cast<std::size_t>(*shape.begin());
    // So large that what goes in still shows at the end.
    const float scale = shape.size() > 1 ? 4 / std::sqrt(static_cast<float>(inputs)) : 0.1F;
    for (std::size_t i = 0; i < count; ++i) {
        const float value = scale * (static_cast<float>(random()) / 2147483648.0F - 1);
        tensor.mutable_raw_data()->append(reinterpret_cast<const char*>(&value), sizeof(value));
    }
}

void add_branch(onnx::Graph& graph, int window, std::mt19937& random) {
    add_tensor(graph, "stft.forward_basis_buffer", {window + 2, 1, window}, random);
    add_tensor(graph, "encoder.0.reparam_conv.weight", {128, window / 2 + 1, 3}, random);
    add_tensor(graph, "encoder.0.reparam_conv.bias", {128}, random);
    add_tensor(graph, "encoder.1.reparam_conv.weight", {64, 128, 3}, random);
    add_tensor(graph, "encoder.1.reparam_conv.bias", {64}, random);
    add_tensor(graph, "encoder.2.reparam_conv.weight", {64, 64, 3}, random);
    add_tensor(graph, "encoder.2.reparam_conv.bias", {64}, random);
    add_tensor(graph, "encoder.3.reparam_conv.weight", {128, 64, 3}, random);
    add_tensor(graph, "encoder.3.reparam_conv.bias", {128}, random);
    add_tensor(graph, "decoder.rnn.weight_ih", {512, 128}, random);
    add_tensor(graph, "decoder.rnn.weight_hh", {512, 128}, random);
    add_tensor(graph, "decoder.rnn.bias_ih", {512}, random);
    add_tensor(graph, "decoder.rnn.bias_hh", {512}, random);
    add_tensor(graph, "decoder.decoder.2.weight", {1, 128, 1}, random);
    add_tensor(graph, "decoder.decoder.2.bias", {1}, random);
}

}  // namespace

std::string make_speech_model(std::uint32_t seed) {
    std::mt19937 random(seed);
    onnx::Model model;
    onnx::Node& by_rate = *model.mutable_graph()->add_nodes();
    add_branch(*by_rate.add_attributes()->mutable_graph(), 256, random);
    add_branch(*by_rate.add_attributes()->mutable_graph(), 128, random);
    return model.SerializeAsString();
}

}  // namespace bgm::test
