// With what the models compute.
#pragma once

#include <torch/types.h>

namespace bgm {

enum class Precision { fp32, bf16 };

struct Arithmetic {
    torch::Device device = torch::kCPU;
    /// On the CPU: oneDNN directly, with packed weights and fused steps. Without, and on every other device:
    /// torch operators in fp32.
    bool fused = true;
    Precision precision = Precision::fp32;

    bool on_onednn() const { return fused && device.is_cpu(); }
};

}  // namespace bgm
