#include "workers/encoders/onednn/row_kernels.hpp"

#include "workers/encoders/onednn/attention_scratch.hpp"

namespace bgm {

extern const RowKernels row_kernels_baseline;
#if defined(__x86_64__)
extern const RowKernels row_kernels_avx2;
extern const RowKernels row_kernels_avx512;
extern const RowKernels row_kernels_avx512_bf16;
#endif

std::vector<const RowKernels*> supported_row_kernels() {
    std::vector<const RowKernels*> levels{&row_kernels_baseline};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("x86-64-v3") == 0) return levels;
    levels.push_back(&row_kernels_avx2);
    if (__builtin_cpu_supports("x86-64-v4") == 0) return levels;
    levels.push_back(&row_kernels_avx512);
    if (__builtin_cpu_supports("avx512bf16") == 0) return levels;
    levels.push_back(&row_kernels_avx512_bf16);
#endif
    return levels;
}

const RowKernels& row_kernels() {
    static const RowKernels& best = *supported_row_kernels().back();
    return best;
}

std::size_t attention_scratch_bytes(std::int64_t length, std::int64_t width) {
    constexpr int kMostLanes = 16;
    return static_cast<std::size_t>(plan(length, width, 1, kMostLanes).end) * sizeof(float);
}

}  // namespace bgm
