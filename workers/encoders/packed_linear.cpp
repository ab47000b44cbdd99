#include "workers/encoders/packed_linear.hpp"

#include <ATen/ops/empty.h>

#include "workers/encoders/onednn/product.hpp"
#include "workers/encoders/onednn/steps.hpp"

namespace bgm {
namespace {

std::span<const float> values(const torch::Tensor& tensor) {
    if (!tensor.defined()) return {};
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

ProductShape product_shape(const LinearWeights& weights, Precision precision) {
    return {.in = weights.weight.size(1),
            .out = weights.weight.size(0),
            .source = precision == Precision::bf16 ? Element::bf16 : Element::fp32,
            .result = Element::fp32};
}

}  // namespace

struct PackedLinear::Fused {
    explicit Fused(const ProductShape& of) : shape(of), product(of) {}

    ProductShape shape;
    Product product;
    PackedWeights packed;
    AlignedBuffer rounded, scratch;
};

PackedLinear::PackedLinear(LinearWeights weights, const Arithmetic& arithmetic)
    : weights_(std::move(weights)) {
    weights_.weight = weights_.weight.contiguous();
    if (!arithmetic.on_onednn()) return;
    fused_ = std::make_unique<Fused>(product_shape(weights_, arithmetic.precision));
    fused_->packed =
        fused_->product.pack({{.weight = values(weights_.weight), .bias = values(weights_.bias)}});
    if (arithmetic.precision == Precision::bf16) weights_ = {};
}

PackedLinear::~PackedLinear() = default;
PackedLinear::PackedLinear(PackedLinear&&) noexcept = default;
PackedLinear& PackedLinear::operator=(PackedLinear&&) noexcept = default;

torch::Tensor PackedLinear::forward(const torch::Tensor& rows) const {
    if (fused_ == nullptr) return linear(rows, weights_);
    const torch::Tensor given = rows.contiguous();
    std::vector<std::int64_t> sizes = given.sizes().vec();
    sizes.back() = fused_->shape.out;
    torch::Tensor result = at::empty(sizes, given.options());
    const std::int64_t count = given.numel() / fused_->shape.in;
    const void* source = given.data_ptr<float>();
    if (fused_->shape.source == Element::bf16) {
        auto* rounded = fused_->rounded.elements<Bf16>(given.numel());
        round_all_to_bf16(given.data_ptr<float>(), given.numel(), rounded);
        source = rounded;
    }
    fused_->product.run(count, source, fused_->packed, result.data_ptr<float>(), fused_->scratch);
    return result;
}

}  // namespace bgm
