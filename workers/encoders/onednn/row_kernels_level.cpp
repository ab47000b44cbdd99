// Compiled once for each level, with BGM_KERNEL_LEVEL as the name of its table.
#include "workers/encoders/onednn/attention_level.hpp"
#include "workers/encoders/onednn/norm_level.hpp"
#include "workers/encoders/onednn/row_kernels.hpp"

#define BGM_TEXT_OF(name) #name
#define BGM_TEXT(name) BGM_TEXT_OF(name)

namespace bgm {

extern const RowKernels BGM_KERNEL_LEVEL;
const RowKernels BGM_KERNEL_LEVEL {
    .level = BGM_TEXT(BGM_KERNEL_LEVEL), .norm = norm_rows, .attention_fp32 = attend<Fp32Words>,
#if defined(__AVX512BF16__)
    .attention_bf16 = attend<Bf16Words>, .to_bf16 = round_to_bf16,
#endif
};

}  // namespace bgm
