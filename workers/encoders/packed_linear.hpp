// A linear layer outside the blocks that is large enough to matter, run as the arithmetic says: oneDNN on the
// CPU, in fp32 or bf16, torch's operator elsewhere.
//
// Immutable, but belongs to one thread: it has workspaces of its own.
#pragma once

#include <torch/types.h>

#include <memory>

#include "workers/encoders/arithmetic.hpp"
#include "workers/encoders/layers.hpp"

namespace bgm {

class PackedLinear {
 public:
    PackedLinear(LinearWeights weights, const Arithmetic& arithmetic);
    ~PackedLinear();
    PackedLinear(PackedLinear&&) noexcept;
    PackedLinear& operator=(PackedLinear&&) noexcept;

    /// rows: [..., in] F32; gives [..., out] F32.
    torch::Tensor forward(const torch::Tensor& rows) const;

 private:
    struct Fused;
    LinearWeights weights_;         // undefined once packed in bf16
    std::unique_ptr<Fused> fused_;  // where it runs on oneDNN
};

}  // namespace bgm
