// The operations that every family is made of, as plain torch operators: they run on any device and are the
// reference for the fused ones.
//
// All tensors F32, rows contiguous. Weights are as torch.nn keeps them: Linear [out, in].
#pragma once

#include <torch/types.h>

#include <string>

#include "workers/config_object.hpp"
#include "workers/encoders/weights.hpp"

namespace bgm {

struct LinearWeights {
    torch::Tensor weight;  // [out, in]
    torch::Tensor bias;    // [out], or undefined

    /// `prefix.weight` and, where asked for, `prefix.bias`.
    static LinearWeights take(const Weights& weights, const std::string& prefix, std::int64_t in,
                              std::int64_t out, bool has_bias = true);
};

struct NormWeights {
    torch::Tensor weight;  // [width]
    torch::Tensor bias;    // [width]
    double epsilon = 1e-5;

    static NormWeights take(const Weights& weights, const std::string& prefix, std::int64_t width,
                            double epsilon);
};

enum class Activation { gelu, gelu_tanh, quick_gelu, relu, silu };

/// The value of a key such as `hidden_act`, by the names that transformers gives them; refused (and gelu) for
/// any other.
Activation activation(const ConfigObject& config, std::string_view key, std::string_view absent);

/// The rows of a table (Weights::table) that `ids`, checked before, name: [ids..., width] F32.
torch::Tensor lookup(const torch::Tensor& table, const torch::Tensor& ids);
torch::Tensor linear(const torch::Tensor& rows, const LinearWeights& weights);
torch::Tensor layer_norm(const torch::Tensor& rows, const NormWeights& weights);
torch::Tensor activate(const torch::Tensor& values, Activation activation);
/// Rows of length 1 (at least 1e-12, as torch.nn.functional.normalize).
torch::Tensor normalised(const torch::Tensor& rows);

}  // namespace bgm
