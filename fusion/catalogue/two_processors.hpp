// One body, compiled for two kinds of processor and chosen at run time. Only for loops whose lanes are
// independent: nothing is fused, so the bits are the same. By hand, since what `target_clones` makes of it
// does not start under a sanitiser.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__)
#define BGM_HAS_AVX2_PATH 1
#define BGM_BODY [[gnu::always_inline]] inline
#define BGM_AVX2 [[gnu::target("avx2")]]
#else
#define BGM_HAS_AVX2_PATH 0
#define BGM_BODY inline
#define BGM_AVX2
#endif

namespace bgm {

inline bool has_avx2() {
#if BGM_HAS_AVX2_PATH
    static const bool has = __builtin_cpu_supports("avx2") != 0;
    return has;
#else
    return false;
#endif
}

}  // namespace bgm
