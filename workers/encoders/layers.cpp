#include "workers/encoders/layers.hpp"

#include <ATen/ops/embedding.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/norm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>

namespace bgm {

LinearWeights LinearWeights::take(const Weights& weights, const std::string& prefix, std::int64_t in,
                                  std::int64_t out, bool has_bias) {
    return {.weight = weights.take(prefix + ".weight", {out, in}),
            .bias = has_bias ? weights.take(prefix + ".bias", {out}) : torch::Tensor()};
}

NormWeights NormWeights::take(const Weights& weights, const std::string& prefix, std::int64_t width,
                              double epsilon) {
    return {.weight = weights.take(prefix + ".weight", {width}),
            .bias = weights.take(prefix + ".bias", {width}),
            .epsilon = epsilon};
}

Activation activation(const ConfigObject& config, std::string_view key, std::string_view absent) {
    const std::string name = config.text(key, absent);
    if (name == "gelu" || name == "gelu_python") return Activation::gelu;
    if (name == "gelu_new" || name == "gelu_pytorch_tanh" || name == "gelu_fast")
        return Activation::gelu_tanh;
    if (name == "quick_gelu") return Activation::quick_gelu;
    if (name == "relu") return Activation::relu;
    if (name == "silu" || name == "swish") return Activation::silu;
    config.refuse(key, "'" + name + "' is not known (gelu, gelu_new, quick_gelu, relu, silu are)");
    return Activation::gelu;
}

torch::Tensor lookup(const torch::Tensor& table, const torch::Tensor& ids) {
    return at::embedding(table, ids).to(torch::kFloat32);
}

torch::Tensor linear(const torch::Tensor& rows, const LinearWeights& weights) {
    return at::linear(rows, weights.weight, weights.bias);
}

torch::Tensor layer_norm(const torch::Tensor& rows, const NormWeights& weights) {
    return at::layer_norm(rows, weights.weight.sizes(), weights.weight, weights.bias, weights.epsilon);
}

torch::Tensor activate(const torch::Tensor& values, Activation activation) {
    switch (activation) {
        case Activation::gelu:
            return at::gelu(values);
        case Activation::gelu_tanh:
            return at::gelu(values, "tanh");
        case Activation::quick_gelu:
            return values * at::sigmoid(values * 1.702);
        case Activation::relu:
            return at::relu(values);
        case Activation::silu:
            return at::silu(values);
    }
    return values;
}

torch::Tensor normalised(const torch::Tensor& rows) {
    return rows / at::norm(rows, 2, {-1}, true).clamp_min(1e-12);
}

}  // namespace bgm
