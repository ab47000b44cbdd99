#include "workers/encoders/onednn/steps.hpp"

#include <omp.h>

#include <algorithm>
#include <cmath>

namespace bgm {
namespace {

// Rows that one thread takes at a time: enough to be worth the hand-over, and few enough to share out evenly.
constexpr std::int64_t kRowsAtATime = 8;
constexpr std::int64_t kValuesAtATime = 4096;

std::size_t bytes_of(Element element) {
    return element == Element::fp32 ? sizeof(float) : sizeof(Bf16);
}

}  // namespace

void norm_all_rows(const NormRows& rows) {
    const auto norm = row_kernels().norm;
#pragma omp parallel for schedule(static)
    for (std::int64_t first = 0; first < rows.rows; first += kRowsAtATime) {
        const std::int64_t offset = first * rows.width;
        NormRows part = rows;
        part.rows = std::min(kRowsAtATime, rows.rows - first);
        part.from += offset;
        if (rows.to_fp32 != nullptr) part.to_fp32 += offset;
        if (rows.to_bf16 != nullptr) part.to_bf16 += offset;
        norm(part);
    }
}

void round_all_to_bf16(const float* from, std::int64_t count, Bf16* to) {
    const auto round = row_kernels().to_bf16;
#pragma omp parallel for schedule(static)
    for (std::int64_t first = 0; first < count; first += kValuesAtATime)
        round(from + first, std::min(kValuesAtATime, count - first), to + first);
}

void attend_all_heads(const AttentionRows& rows, AlignedBuffer& scratch) {
    const RowKernels& kernels = row_kernels();
    const auto attend = rows.element == Element::fp32 ? kernels.attention_fp32 : kernels.attention_bf16;
    constexpr std::size_t kCacheLine = 64;
    const std::size_t scratch_bytes =
        (attention_scratch_bytes(rows.length, rows.head_width) + kCacheLine - 1) / kCacheLine * kCacheLine;
    std::byte* const scratches =
        scratch.at_least(scratch_bytes * static_cast<std::size_t>(omp_get_max_threads()));
    const std::int64_t out_stride = rows.heads * rows.head_width;
    const auto at = [&rows](const void* base, std::int64_t elements) {
        return static_cast<const std::byte*>(base) +
               static_cast<std::size_t>(elements) * bytes_of(rows.element);
    };

#pragma omp parallel for schedule(static)
    for (std::int64_t task = 0; task < rows.sequences * rows.heads; ++task) {
        const std::int64_t sequence = task / rows.heads;
        const std::int64_t head = task % rows.heads;
        const std::int64_t first = sequence * rows.length * rows.row_stride + head * rows.head_width;
        AttentionHead job{
            .query = at(rows.query, first),
            .key = at(rows.key, first),
            .value = at(rows.value, first),
            .row_stride = rows.row_stride,
            .length = rows.length,
            .width = rows.head_width,
            .scale = 1 / std::sqrt(static_cast<float>(rows.head_width)),
            .out_stride = out_stride,
            .scratch = scratches + scratch_bytes * static_cast<std::size_t>(omp_get_thread_num())};
        job.out = const_cast<std::byte*>(
            at(rows.out, sequence * rows.length * out_stride + head * rows.head_width));
        if (rows.shared_bias != nullptr)
            job.bias = rows.shared_bias + (rows.bias_of_each_head ? head * rows.length * rows.length : 0);
        if (rows.own_bias != nullptr) {
            const std::int64_t entry = (rows.first_sequence + sequence) % rows.own_bias_period;
            job.own_bias_stride = rows.own_bias_of_each_query ? rows.length : 0;
            job.own_bias =
                rows.own_bias + entry * rows.length * (rows.own_bias_of_each_query ? rows.length : 1);
        }
        attend(job);
    }
}

}  // namespace bgm
