// The product of rows with a weight matrix by oneDNN, with what follows it done while the result is in
// registers: result = after(source * weight^T + bias).
//
// A Product is a shape; several weight matrices of that shape share it. For bf16 a matrix is packed once into
// the order in which oneDNN reads it; for fp32 it is used in place, so that the pages of a mapped file stay
// shared between workers (5 % slower at 400 rows, 20 % at 50, than packed). For each number of rows oneDNN
// compiles code of its own: the latest few are kept. Several threads may run one Product. Throws dnnl::error
// (a std::exception) where oneDNN fails, which is for want of memory.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "workers/encoders/onednn/aligned_buffer.hpp"

namespace bgm {

enum class Element { fp32, bf16 };

enum class After { nothing, add_to_result, gelu, gelu_tanh, quick_gelu, relu, silu };

struct ProductShape {
    std::int64_t in = 0;
    std::int64_t out = 0;
    Element source = Element::fp32;  // and of the weights
    Element result = Element::fp32;
    After after = After::nothing;
};

/// Weights as torch.nn.Linear keeps them.
struct WeightMatrix {
    std::span<const float> weight;  // [out, in]
    std::span<const float> bias;    // [out], or empty
};

class PackedWeights {
 public:
    PackedWeights();
    ~PackedWeights();
    PackedWeights(PackedWeights&&) noexcept;
    PackedWeights& operator=(PackedWeights&&) noexcept;

 private:
    friend class Product;
    struct Memory;
    std::unique_ptr<Memory> memory_;
};

class Product {
 public:
    explicit Product(const ProductShape& shape);
    ~Product();
    Product(Product&&) noexcept;
    Product& operator=(Product&&) noexcept;

    /// The rows of all parts, one after the other, are the weights. fp32: one part, whose memory must outlive
    /// the result.
    PackedWeights pack(const std::vector<WeightMatrix>& parts) const;

    /// source: [rows, in], result: [rows, out], of the shape's elements; `scratch` may serve many products,
    /// of one thread.
    void run(std::int64_t rows, const void* source, const PackedWeights& weights, void* result,
             AlignedBuffer& scratch) const;

 private:
    struct Compiled;
    std::unique_ptr<Compiled> compiled_;
};

}  // namespace bgm
