// As many floats as one register of the level holds, and what the kernels do with them. Only for the files
// that are compiled once a level: everything here has internal linkage, so that no function of a higher level
// is ever linked into the code of a lower one.
#pragma once

#include <cstdint>
#include <utility>
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace bgm {
namespace {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

using Floats [[gnu::vector_size(kLanes * 4)]] = float;
using Words [[gnu::vector_size(kLanes * 4)]] = std::int32_t;

[[gnu::always_inline]] inline Floats splat(float value) {
    return value - Floats{};
}

[[gnu::always_inline]] inline Floats load(const float* from) {
    Floats value;
    __builtin_memcpy(&value, from, sizeof value);
    return value;
}

[[gnu::always_inline]] inline void store(float* to, Floats value) {
    __builtin_memcpy(to, &value, sizeof value);
}

/// The first `count` (0 to kLanes) values, and zeros.
[[gnu::always_inline]] inline Floats load(const float* from, std::int64_t count) {
#if defined(__AVX512F__)
    return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1U << static_cast<unsigned>(count)) - 1U), from);
#else
    Floats value{};
    for (std::int64_t i = 0; i < count; ++i)
        value[i] = from[i];
    return value;
#endif
}

[[gnu::always_inline]] inline void store(float* to, Floats value, std::int64_t count) {
#if defined(__AVX512F__)
    _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1U << static_cast<unsigned>(count)) - 1U), value);
#else
    for (std::int64_t i = 0; i < count; ++i)
        to[i] = value[i];
#endif
}

template <int... Lane>
constexpr Words counted(std::integer_sequence<int, Lane...> /*lanes*/) {
    return Words{Lane...};
}

/// The first `count` values, and `rest` in the other lanes.
[[gnu::always_inline]] inline Floats keep(Floats values, std::int64_t count, float rest) {
    const Words lane = counted(std::make_integer_sequence<int, kLanes>{});
    return lane < static_cast<std::int32_t>(count) ? values : splat(rest);
}

[[gnu::always_inline]] inline Floats larger(Floats a, Floats b) {
    return a > b ? a : b;
}

template <int Distance, int... Lane>
[[gnu::always_inline]] inline Floats rotated(Floats values, std::integer_sequence<int, Lane...> /*lanes*/) {
    return __builtin_shufflevector(values, values, ((Lane + Distance) % kLanes)...);
}

template <int Distance = kLanes / 2>
[[gnu::always_inline]] inline float sum(Floats values) {
    values += rotated<Distance>(values, std::make_integer_sequence<int, kLanes>{});
    if constexpr (Distance > 1) return sum<Distance / 2>(values);
    return values[0];
}

template <int Distance = kLanes / 2>
[[gnu::always_inline]] inline float largest(Floats values) {
    values = larger(values, rotated<Distance>(values, std::make_integer_sequence<int, kLanes>{}));
    if constexpr (Distance > 1) return largest<Distance / 2>(values);
    return values[0];
}

/// e^x for x <= 0, within 2 units in the last place; anything below -87 gives about 1e-38. Cephes' expf: the
/// power of two is split off by adding 1.5 * 2^23, whose low bits then hold it.
[[gnu::always_inline]] inline Floats exponential(Floats x) {
    constexpr float kRounder = 12582912.0F;
    constexpr std::int32_t kRounderBits = 0x4B400000;
    x = larger(x, splat(-87.3F));
    const Floats shifted = x * 1.44269504088896341F + kRounder;
    const Floats power = shifted - kRounder;
    const Floats rest = x - power * 0.693359375F + power * 2.12194440e-4F;
    Floats series = rest * 1.9875691500e-4F + 1.3981999507e-3F;
    series = series * rest + 8.3334519073e-3F;
    series = series * rest + 4.1665795894e-2F;
    series = series * rest + 1.6666665459e-1F;
    series = series * rest + 5.0000001201e-1F;
    series = series * (rest * rest) + rest + 1.0F;
    Words bits;
    __builtin_memcpy(&bits, &shifted, sizeof bits);
    bits = (bits - (kRounderBits - 127)) << 23;
    Floats scale;
    __builtin_memcpy(&scale, &bits, sizeof scale);
    return series * scale;
}

template <int Distance, int... Lane>
[[gnu::always_inline]] inline void exchange(Words& a, Words& b, std::integer_sequence<int, Lane...>) {
    const Words low =
        __builtin_shufflevector(a, b, ((Lane & Distance) == 0 ? Lane : kLanes + Lane - Distance)...);
    b = __builtin_shufflevector(a, b, ((Lane & Distance) == 0 ? Lane + Distance : kLanes + Lane)...);
    a = low;
}

template <int Distance>
[[gnu::always_inline]] inline void transpose_step(Words* rows) {
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) {
        if ((i & Distance) == 0)
            exchange<Distance>(rows[i], rows[i + Distance], std::make_integer_sequence<int, kLanes>{});
    }
    if constexpr (Distance > 1) transpose_step<Distance / 2>(rows);
}

/// Turns kLanes rows of kLanes words into columns, by exchanging ever smaller squares.
[[gnu::always_inline]] inline void transpose(Words* rows) {
    transpose_step<kLanes / 2>(rows);
}

}  // namespace
}  // namespace bgm
