// The transformer that all families share: a stack of blocks of attention and a two-layer perceptron.
//
//     pre-norm  (CLIP, ViT, Swin):  x += attention(norm1(x));  x += mlp(norm2(x))
//     post-norm (BERT, RoBERTa):    x = norm1(x + attention(x));  x = norm2(x + mlp(x))
//
// One description, two ways to run it, chosen by Arithmetic when the stack is made: torch operators on any
// device, or on the CPU oneDNN with weights packed once, the steps around each product fused into it, in fp32
// or bf16.
//
// Immutable once made. A stack on oneDNN has workspaces of its own and belongs to one thread.
#pragma once

#include <torch/types.h>

#include <memory>
#include <vector>

#include "workers/encoders/arithmetic.hpp"
#include "workers/encoders/layers.hpp"

namespace bgm {

enum class NormOrder { before, after };

struct BlockShape {
    std::int64_t width = 0;
    std::int64_t heads = 0;
    std::int64_t mlp_width = 0;
    Activation activation = Activation::gelu;
    NormOrder order = NormOrder::before;
};

struct BlockWeights {
    LinearWeights query, key, value, out;  // [width, width]
    NormWeights attention_norm;
    LinearWeights mlp_in, mlp_out;  // [mlp_width, width], [width, mlp_width]
    NormWeights mlp_norm;
};

/// What is added to the scores before the softmax. Either may be undefined: nothing is added.
struct AttentionBias {
    torch::Tensor shared;  // [1 | heads, queries, keys]: causal mask, relative positions
    torch::Tensor
        per_sequence;  // [period, 1 | queries, keys]: sequence i takes entry i % period (padding, windows)
};

/// What is added where attention is not allowed: as good as minus infinity, and no row becomes NaN.
inline constexpr float kMasked = -1e30F;

/// softmax(q k^T / sqrt(width of a head) + bias) v with torch operators. q: [batch, queries, width]; k and v:
/// [batch, keys, width]; gives [batch, queries, width].
torch::Tensor attention(const torch::Tensor& query, const torch::Tensor& key, const torch::Tensor& value,
                        std::int64_t heads, const AttentionBias& bias);

/// A mask [1, length, length] that keeps every position from looking ahead.
torch::Tensor causal_mask(std::int64_t length, const torch::Device& device);
/// A mask [batch, 1, length] that hides what attention_mask [batch, length] (whole numbers, 1 = token) leaves
/// out.
torch::Tensor padding_mask(const torch::Tensor& attention_mask);

class TransformerStack {
 public:
    TransformerStack(BlockShape shape, std::vector<BlockWeights> blocks, const Arithmetic& arithmetic);
    ~TransformerStack();
    TransformerStack(TransformerStack&&) noexcept;
    TransformerStack& operator=(TransformerStack&&) noexcept;

    /// hidden: [batch, length, width] F32; gives the same shape. `hidden_states`, where given, receives what
    /// each block put out (the last one, too).
    torch::Tensor forward(const torch::Tensor& hidden, const AttentionBias& bias,
                          std::vector<torch::Tensor>* hidden_states = nullptr) const;

    class Implementation {
     public:
        virtual ~Implementation() = default;
        virtual torch::Tensor forward(const torch::Tensor& hidden, const AttentionBias& bias,
                                      std::vector<torch::Tensor>* hidden_states) const = 0;
    };

 private:
    std::unique_ptr<const Implementation> implementation_;
};

}  // namespace bgm
