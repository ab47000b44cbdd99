// Layer norm of rows, for the files that are compiled once a level.
#pragma once

#include "workers/encoders/onednn/lanes.hpp"
#include "workers/encoders/onednn/row_kernels.hpp"

namespace bgm {
namespace {

#if defined(__AVX512BF16__)
[[gnu::always_inline]] inline void store_bf16(Bf16* to, Floats value, std::int64_t count) {
    const auto mask = static_cast<__mmask16>((1U << static_cast<unsigned>(count)) - 1U);
    _mm256_mask_storeu_epi16(to, mask, (__m256i)_mm512_cvtneps_pbh(value));
}
#endif

// Calls visit(first column, how many of them) for every register of a row.
template <typename Visit>
[[gnu::always_inline]] inline void each_register(std::int64_t width, Visit visit) {
    std::int64_t column = 0;
    for (; column + kLanes <= width; column += kLanes)
        visit(column, std::int64_t{kLanes});
    if (column < width) visit(column, width - column);
}

// Mean and variance of one row, in two passes over what then lies in the first cache. Four sums side by side,
// because each would wait for the last addition.
struct Moments {
    float mean;
    float variance;
};
inline Moments moments(const float* row, std::int64_t width) {
    constexpr std::int64_t kStep = 4 * kLanes;
    Floats sums[4] = {};
    std::int64_t column = 0;
    for (; column + kStep <= width; column += kStep) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i)
            sums[i] += load(row + column + i * kLanes);
    }
    const std::int64_t rest = column;
    each_register(width - rest,
                  [&](std::int64_t at, std::int64_t count) { sums[0] += load(row + rest + at, count); });
    const float mean = sum(sums[0] + sums[1] + (sums[2] + sums[3])) / static_cast<float>(width);

    Floats squares[4] = {};
    for (column = 0; column + kStep <= width; column += kStep) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
            const Floats offset = load(row + column + i * kLanes) - mean;
            squares[i] += offset * offset;
        }
    }
    float total = sum(squares[0] + squares[1] + (squares[2] + squares[3]));
    for (; column < width; ++column)
        total += (row[column] - mean) * (row[column] - mean);
    return {mean, total / static_cast<float>(width)};
}

void norm_rows(const NormRows& job) {
    for (std::int64_t r = 0; r < job.rows; ++r) {
        const float* row = job.from + r * job.width;
        const auto [mean, variance] = moments(row, job.width);
        const float scale = 1.0F / __builtin_sqrtf(variance + job.epsilon);
        each_register(job.width, [&](std::int64_t column, std::int64_t count) {
            const Floats value =
                (load(row + column, count) - mean) * scale * load(job.weight + column, count) +
                load(job.bias + column, count);
            if (job.to_fp32 != nullptr) store(job.to_fp32 + r * job.width + column, value, count);
#if defined(__AVX512BF16__)
            if (job.to_bf16 != nullptr) store_bf16(job.to_bf16 + r * job.width + column, value, count);
#endif
        });
    }
}

#if defined(__AVX512BF16__)
void round_to_bf16(const float* from, std::int64_t count, Bf16* to) {
    each_register(
        count, [&](std::int64_t at, std::int64_t some) { store_bf16(to + at, load(from + at, some), some); });
}
#endif

}  // namespace
}  // namespace bgm
