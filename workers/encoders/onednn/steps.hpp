// The steps between the products, over all rows at once and shared out among the OpenMP threads.
//
// AttentionSteps and the like own nothing but the scratch memory that they are given.
#pragma once

#include <cstdint>

#include "workers/encoders/onednn/aligned_buffer.hpp"
#include "workers/encoders/onednn/product.hpp"
#include "workers/encoders/onednn/row_kernels.hpp"

namespace bgm {

void norm_all_rows(const NormRows& rows);

void round_all_to_bf16(const float* from, std::int64_t count, Bf16* to);

struct AttentionRows {
    const void* query = nullptr;  // [sequences, length, row_stride], of `element`; heads side by side
    const void* key = nullptr;
    const void* value = nullptr;
    std::int64_t row_stride = 0;
    Element element = Element::fp32;
    std::int64_t sequences = 0;
    std::int64_t length = 0;
    std::int64_t heads = 0;
    std::int64_t head_width = 0;
    const float* shared_bias = nullptr;  // [1 | heads, length, length]
    bool bias_of_each_head = false;
    const float* own_bias = nullptr;  // [own_bias_period, 1 | length, length]
    bool own_bias_of_each_query = false;
    std::int64_t own_bias_period = 1;
    std::int64_t first_sequence = 0;  // sequence i of these takes entry (first_sequence + i) % period
    void* out = nullptr;              // [sequences, length, heads * head_width]
};

void attend_all_heads(const AttentionRows& rows, AlignedBuffer& scratch);

}  // namespace bgm
