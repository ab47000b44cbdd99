// The steps between the products: layer norm, attention and rounding to bf16, over raw rows.
//
// The same source is compiled once for each level of x86-64 that is worth it, and the best one that this
// processor has is chosen when first asked for, so that one binary runs anywhere. No function allocates or
// throws; each works on the rows that it is given and may run on many threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bgm {

/// The upper half of a float, rounded to nearest even.
using Bf16 = std::uint16_t;

struct NormRows {
    const float* from = nullptr;  // [rows, width]
    std::int64_t rows = 0;
    std::int64_t width = 0;
    const float* weight = nullptr;  // [width]
    const float* bias = nullptr;    // [width]
    float epsilon = 0;
    float* to_fp32 = nullptr;  // [rows, width], may be `from`; nullptr where only bf16 is wanted
    Bf16* to_bf16 = nullptr;   // [rows, width], or nullptr
};

/// One head of one sequence: softmax(scale * q k^T + biases) v. The pointers are at the head's first column.
struct AttentionHead {
    const void* query = nullptr;  // float or Bf16, as the function says
    const void* key = nullptr;
    const void* value = nullptr;
    std::int64_t row_stride = 0;  // elements from one token to the next, of all three
    std::int64_t length = 0;
    std::int64_t width = 0;
    float scale = 1;
    const float* bias = nullptr;      // [length, length], or nullptr
    const float* own_bias = nullptr;  // another one, rows own_bias_stride apart (0: one row for all queries)
    std::int64_t own_bias_stride = 0;
    void* out = nullptr;
    std::int64_t out_stride = 0;
    std::byte* scratch = nullptr;  // attention_scratch_bytes(), aligned to 64
};

struct RowKernels {
    const char* level = "";
    void (*norm)(const NormRows&) = nullptr;
    void (*attention_fp32)(const AttentionHead&) = nullptr;
    /// These two are nullptr where the processor has no bf16 instructions.
    void (*attention_bf16)(const AttentionHead&) = nullptr;
    void (*to_bf16)(const float* from, std::int64_t count, Bf16* to) = nullptr;
};

/// The best level of this processor.
const RowKernels& row_kernels();
/// Every level that this processor has, the best one last.
std::vector<const RowKernels*> supported_row_kernels();

std::size_t attention_scratch_bytes(std::int64_t length, std::int64_t width);

}  // namespace bgm
