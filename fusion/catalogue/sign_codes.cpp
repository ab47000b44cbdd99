#include "fusion/catalogue/sign_codes.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "fusion/catalogue/rotation.hpp"
#include "fusion/catalogue/two_processors.hpp"

#if BGM_HAS_AVX2_PATH
#include <immintrin.h>
#endif

namespace bgm {
namespace {

constexpr std::size_t kBlock = SignCodes::kBlock;
constexpr std::size_t kRow = kBlock / 2;  // bytes of a block's row
constexpr std::size_t kBitsMin = 128;     // fewer numbers are spread over more signs: an estimate of 128

using Sums = std::array<std::uint16_t, kBlock>;

Sums sum_plainly(const std::uint8_t* codes, const std::uint8_t* table, std::size_t nibbles) {
    Sums sums{};
    for (std::size_t n = 0; n < nibbles; ++n) {
        for (std::size_t t = 0; t < kRow; ++t) {
            const std::uint8_t both = codes[n * kRow + t];
            sums[t] = static_cast<std::uint16_t>(sums[t] + table[n * 16 + (both & 15U)]);
            sums[t + kRow] = static_cast<std::uint16_t>(sums[t + kRow] + table[n * 16 + (both >> 4U)]);
        }
    }
    return sums;
}

#if BGM_HAS_AVX2_PATH
BGM_AVX2 void store_in_turn(__m256i even, __m256i odd, std::uint16_t* into) {
    const __m256i low = _mm256_unpacklo_epi16(even, odd);
    const __m256i high = _mm256_unpackhi_epi16(even, odd);
    auto* const vectors = reinterpret_cast<__m256i*>(into);
    _mm256_storeu_si256(vectors, _mm256_permute2x128_si256(low, high, 0x20));
    _mm256_storeu_si256(vectors + 1, _mm256_permute2x128_si256(low, high, 0x31));
}

// The look-up of 32 tracks in one instruction (André, Kermarrec and Le Scouarnec 2015). Sums of even and odd
// bytes apart: 16 bits hold those of up to 257 rows.
struct FourSums {
    __m256i even;
    __m256i odd;
    __m256i later_even;
    __m256i later_odd;
};

BGM_AVX2 inline FourSums sum_in_place(const std::uint8_t* codes, const std::uint8_t* table,
                                      std::size_t nibbles) {
    const __m256i low_nibble = _mm256_set1_epi8(0x0F);
    const __m256i low_byte = _mm256_set1_epi16(0x00FF);
    const __m256i none = _mm256_setzero_si256();
    FourSums sums{.even = none, .odd = none, .later_even = none, .later_odd = none};
    for (std::size_t n = 0; n < nibbles; ++n) {
        const __m256i row = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + n * kRow));
        const __m256i entries =
            _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table + n * 16)));
        const __m256i first = _mm256_shuffle_epi8(entries, _mm256_and_si256(row, low_nibble));
        const __m256i second =
            _mm256_shuffle_epi8(entries, _mm256_and_si256(_mm256_srli_epi16(row, 4), low_nibble));
        sums.even = _mm256_add_epi16(sums.even, _mm256_and_si256(first, low_byte));
        sums.odd = _mm256_add_epi16(sums.odd, _mm256_srli_epi16(first, 8));
        sums.later_even = _mm256_add_epi16(sums.later_even, _mm256_and_si256(second, low_byte));
        sums.later_odd = _mm256_add_epi16(sums.later_odd, _mm256_srli_epi16(second, 8));
    }
    return sums;
}

BGM_AVX2 Sums sum_by_32(const std::uint8_t* codes, const std::uint8_t* table, std::size_t nibbles) {
    const FourSums sums = sum_in_place(codes, table, nibbles);
    Sums all;
    store_in_turn(sums.even, sums.odd, all.data());
    store_in_turn(sums.later_even, sums.later_odd, all.data() + kRow);
    return all;
}

#endif

Sums sum_codes(const std::uint8_t* codes, const std::uint8_t* table, std::size_t nibbles) {
#if BGM_HAS_AVX2_PATH
    if (has_avx2()) return sum_by_32(codes, table, nibbles);
#endif
    return sum_plainly(codes, table, nibbles);
}

BGM_BODY SignCodes::Cosines finish(const Sums& sums, const SignCodes::Query& query, const float* factors) {
    SignCodes::Cosines cosines;
    for (std::size_t t = 0; t < kBlock; ++t)
        cosines[t] = (query.offset + query.scale * static_cast<float>(sums[t])) * factors[t];
    return cosines;
}

#if BGM_HAS_AVX2_PATH
BGM_AVX2 SignCodes::Cosines wide_finish(const Sums& sums, const SignCodes::Query& query,
                                        const float* factors) {
    return finish(sums, query, factors);
}
#endif

}  // namespace

SignCodes::SignCodes(std::size_t width) : bits_(std::max(kBitsMin, std::bit_ceil(width))) {}

void SignCodes::add(std::span<const float> unit) {
    const std::size_t position = size_++;
    if (position % kBlock == 0) {
        codes_.resize(codes_.size() + bits_ / 4 * kRow, 0);
        factors_.resize(factors_.size() + kBlock, 0);
    }
    const std::vector<float> turned = rotated(unit, bits_);
    std::uint8_t* const block = codes_.data() + position / kBlock * (bits_ / 4) * kRow;
    const std::size_t lane = position % kBlock;
    float sum = 0;
    for (std::size_t i = 0; i < bits_; ++i) {
        sum += std::abs(turned[i]);
        if (turned[i] <= 0) continue;
        const unsigned shift = static_cast<unsigned>(i % 4) + (lane < kRow ? 0U : 4U);
        std::uint8_t& byte = block[i / 4 * kRow + lane % kRow];
        byte = static_cast<std::uint8_t>(byte | (1U << shift));
    }
    // <x, q> is about <signs, q> / <signs, x>: the estimate of the paper, with the signs' own length
    // cancelled.
    factors_[position] = 1 / sum;
}

SignCodes::Query SignCodes::query(std::span<const float> unit) const {
    const std::vector<float> turned = rotated(unit, bits_);
    const std::size_t nibbles = bits_ / 4;
    std::vector<float> sums(nibbles * 16);
    float most = 0;
    for (std::size_t n = 0; n < nibbles; ++n) {
        const std::span<const float, 4> four(turned.data() + 4 * n, 4);
        float* const of = sums.data() + 16 * n;
        of[0] = -(four[0] + four[1] + four[2] + four[3]);
        for (std::size_t i = 0; i < 4; ++i) {
            for (std::size_t signs = 0; signs < std::size_t{1} << i; ++signs)
                of[signs + (std::size_t{1} << i)] = of[signs] + 2 * four[i];
        }
        // Of all signs; the least is its opposite.
        most = std::max(most, std::abs(four[0]) + std::abs(four[1]) + std::abs(four[2]) + std::abs(four[3]));
    }
    Query query;
    query.table.resize(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i)
        query.table[i] = static_cast<std::uint8_t>(std::clamp(127.5F + 127 / most * sums[i], 0.0F, 255.0F));
    query.scale = most / 127;
    query.offset = -most * static_cast<float>(nibbles);
    // The signs, too, are of length sqrt(bits): <signs, x> = sum of |x|, which is what the factor divides by.
    return query;
}

SignCodes::Cosines SignCodes::cosines(std::size_t block, const Query& query) const {
    const std::size_t nibbles = bits_ / 4;
    const Sums sums = sum_codes(codes_.data() + block * nibbles * kRow, query.table.data(), nibbles);
    const float* const factors = factors_.data() + block * kBlock;
#if BGM_HAS_AVX2_PATH
    if (has_avx2()) return wide_finish(sums, query, factors);
#endif
    return finish(sums, query, factors);
}

}  // namespace bgm
