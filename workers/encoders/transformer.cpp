#include "workers/encoders/transformer.hpp"

#include <ATen/ops/full.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/softmax.h>

#include <cmath>

#include "workers/encoders/onednn/fused_stack.hpp"

namespace bgm {
namespace {

// [batch, length, width] -> [batch, heads, length, width / heads]
torch::Tensor split_heads(const torch::Tensor& rows, std::int64_t heads) {
    return rows.view({rows.size(0), rows.size(1), heads, rows.size(2) / heads}).transpose(1, 2);
}

class TorchStack : public TransformerStack::Implementation {
 public:
    TorchStack(BlockShape shape, std::vector<BlockWeights> blocks)
        : shape_(shape), blocks_(std::move(blocks)) {}

    torch::Tensor forward(const torch::Tensor& hidden, const AttentionBias& bias,
                          std::vector<torch::Tensor>* hidden_states) const override {
        torch::Tensor x = hidden;
        for (const BlockWeights& block : blocks_) {
            if (shape_.order == NormOrder::before) {
                x = x + attend(layer_norm(x, block.attention_norm), block, bias);
                x = x + mlp(layer_norm(x, block.mlp_norm), block);
            } else {
                x = layer_norm(x + attend(x, block, bias), block.attention_norm);
                x = layer_norm(x + mlp(x, block), block.mlp_norm);
            }
            if (hidden_states != nullptr) hidden_states->push_back(x);
        }
        return x;
    }

 private:
    torch::Tensor attend(const torch::Tensor& x, const BlockWeights& block, const AttentionBias& bias) const {
        return linear(attention(linear(x, block.query), linear(x, block.key), linear(x, block.value),
                                shape_.heads, bias),
                      block.out);
    }
    torch::Tensor mlp(const torch::Tensor& x, const BlockWeights& block) const {
        return linear(activate(linear(x, block.mlp_in), shape_.activation), block.mlp_out);
    }

    const BlockShape shape_;
    const std::vector<BlockWeights> blocks_;
};

}  // namespace

torch::Tensor attention(const torch::Tensor& query, const torch::Tensor& key, const torch::Tensor& value,
                        std::int64_t heads, const AttentionBias& bias) {
    const std::int64_t batch = query.size(0);
    const double scale = 1 / std::sqrt(static_cast<double>(query.size(2) / heads));
    torch::Tensor scores =
        at::matmul(split_heads(query * scale, heads), split_heads(key, heads).transpose(2, 3));
    if (bias.shared.defined()) scores = scores + bias.shared;
    if (bias.per_sequence.defined()) {
        const std::int64_t period = bias.per_sequence.size(0);
        const auto whole = scores.sizes().vec();
        scores = (scores.view({batch / period, period, heads, whole[2], whole[3]}) +
                  bias.per_sequence.unsqueeze(1))
                     .view(whole);
    }
    return at::matmul(at::softmax(scores, -1), split_heads(value, heads))
        .transpose(1, 2)
        .reshape({batch, query.size(1), query.size(2)});
}

torch::Tensor causal_mask(std::int64_t length, const torch::Device& device) {
    return at::full({1, length, length}, kMasked,
                    torch::TensorOptions().dtype(torch::kFloat32).device(device))
        .triu(1);
}

torch::Tensor padding_mask(const torch::Tensor& attention_mask) {
    return ((1 - attention_mask.to(torch::kFloat32)) * kMasked).unsqueeze(1);
}

TransformerStack::TransformerStack(BlockShape shape, std::vector<BlockWeights> blocks,
                                   const Arithmetic& arithmetic) {
    if (arithmetic.on_onednn())
        implementation_ = make_fused_stack(shape, std::move(blocks), arithmetic.precision);
    else
        implementation_ = std::make_unique<TorchStack>(shape, std::move(blocks));
}
TransformerStack::~TransformerStack() = default;
TransformerStack::TransformerStack(TransformerStack&&) noexcept = default;
TransformerStack& TransformerStack::operator=(TransformerStack&&) noexcept = default;

torch::Tensor TransformerStack::forward(const torch::Tensor& hidden, const AttentionBias& bias,
                                        std::vector<torch::Tensor>* hidden_states) const {
    return implementation_->forward(hidden, bias, hidden_states);
}

}  // namespace bgm
