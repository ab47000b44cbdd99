#include "fusion/catalogue/sound_space.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "fusion/stable_hash.hpp"

#include "fusion/catalogue/fetch_ahead.hpp"
#include "fusion/catalogue/two_processors.hpp"

#if BGM_HAS_AVX2_PATH
#include <immintrin.h>
#endif

namespace bgm {
namespace {

constexpr std::size_t kBlock = SoundSpace::kBlock;
constexpr std::size_t kRow = kBlock / 2;    // bytes of a block's row
constexpr std::size_t kBitsMin = 128;       // fewer numbers are spread over more signs: an estimate of 128
constexpr std::uint64_t kRotation = 0xB6D;  // which of the random rotations: any, but always the same

using Sums = std::array<std::uint16_t, kBlock>;

// A turn of the space: signs by chance, then the Walsh-Hadamard transform; twice, so that no axis keeps its
// shape (Ailon and Chazelle 2009).
void rotate(std::vector<float>& numbers) {
    for (std::uint64_t round = 0; round < 2; ++round) {
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            if ((mix64(kRotation + round * 0x10000 + i) & 1U) != 0) numbers[i] = -numbers[i];
        }
        for (std::size_t half = 1; half < numbers.size(); half *= 2) {
            for (std::size_t i = 0; i < numbers.size(); i += 2 * half) {
                for (std::size_t j = i; j < i + half; ++j) {
                    const float a = numbers[j];
                    const float b = numbers[j + half];
                    numbers[j] = a + b;
                    numbers[j + half] = a - b;
                }
            }
        }
        const float shrink = 1 / std::sqrt(static_cast<float>(numbers.size()));
        for (float& number : numbers)
            number *= shrink;
    }
}

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

std::uint16_t largest_plainly(const std::uint8_t* codes, const std::uint8_t* table, std::size_t nibbles) {
    const Sums sums = sum_plainly(codes, table, nibbles);
    return *std::max_element(sums.begin(), sums.end());
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

BGM_AVX2 std::uint16_t largest_by_32(const std::uint8_t* codes, const std::uint8_t* table,
                                     std::size_t nibbles) {
    const FourSums sums = sum_in_place(codes, table, nibbles);
    const __m256i most = _mm256_max_epu16(_mm256_max_epu16(sums.even, sums.odd),
                                          _mm256_max_epu16(sums.later_even, sums.later_odd));
    const __m128i half = _mm_max_epu16(_mm256_castsi256_si128(most), _mm256_extracti128_si256(most, 1));
    // The least of the complements: the processor knows no instruction for the largest.
    const __m128i least = _mm_minpos_epu16(_mm_xor_si128(half, _mm_set1_epi16(-1)));
    return static_cast<std::uint16_t>(~_mm_extract_epi16(least, 0));
}
#endif

using Scores = std::array<float, kBlock>;

// Into an array of its own, so that the compiler sees that nothing overlaps, and takes several at a time.
BGM_BODY Scores mix(const Sums& sums, float offset, float scale, const float* factors, float share,
                    const Scores& scores) {
    Scores mixed;
    for (std::size_t t = 0; t < kBlock; ++t) {
        const float cosine = (offset + scale * static_cast<float>(sums[t])) * factors[t];
        const float above = cosine > 0 ? cosine : 0;
        const float own = factors[t] > 0 ? share : 0;
        mixed[t] = scores[t] + own * (above - scores[t]);
    }
    return mixed;
}

#if BGM_HAS_AVX2_PATH
BGM_AVX2 Scores wide_mix(const Sums& sums, float offset, float scale, const float* factors, float share,
                         const Scores& scores) {
    return mix(sums, offset, scale, factors, share, scores);
}
#endif

Sums sum_codes(const std::uint8_t* codes, const std::uint8_t* table, std::size_t nibbles) {
#if BGM_HAS_AVX2_PATH
    if (has_avx2()) return sum_by_32(codes, table, nibbles);
#endif
    return sum_plainly(codes, table, nibbles);
}

BGM_BODY float sum_of_products(std::span<const float> a, std::span<const float> b) {
    constexpr std::size_t kLanes = 16;
    std::array<float, kLanes> sums{};
    const std::size_t whole = a.size() - a.size() % kLanes;
    for (std::size_t i = 0; i < whole; i += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            sums[lane] += a[i + lane] * b[i + lane];
    }
    for (std::size_t i = whole; i < a.size(); ++i)
        sums[i - whole] += a[i] * b[i];
    float sum = 0;
    for (const float lane : sums)
        sum += lane;
    return sum;
}

#if BGM_HAS_AVX2_PATH
BGM_AVX2 float wide_dot(std::span<const float> a, std::span<const float> b) {
    return sum_of_products(a, b);
}
#endif

}  // namespace

float dot(std::span<const float> a, std::span<const float> b) {
#if BGM_HAS_AVX2_PATH
    if (has_avx2()) return wide_dot(a, b);
#endif
    return sum_of_products(a, b);
}

SoundSpace::SoundSpace(std::string model, std::size_t width, std::size_t tracks)
    : model_(std::move(model)),
      width_(width),
      bits_(std::max(kBitsMin, std::bit_ceil(width))),
      slots_(tracks, kNone),
      best_factors_((tracks + kBlock - 1) / kBlock),
      factors_((tracks + kBlock - 1) / kBlock * kBlock, 0) {
    codes_.assign((tracks + kBlock - 1) / kBlock * (bits_ / 4) * kRow, 0);
}

std::vector<float> SoundSpace::rotated(std::span<const float> unit) const {
    std::vector<float> turned(bits_, 0);
    std::copy(unit.begin(), unit.end(), turned.begin());
    rotate(turned);
    return turned;
}

bool SoundSpace::set(std::uint32_t track_index, std::uint32_t position, std::span<const float> embedding) {
    const float length = std::sqrt(dot(embedding, embedding));
    if (!(length > 0) || !std::isfinite(length)) return false;
    slots_[track_index] = static_cast<std::uint32_t>(size());
    for (const float number : embedding)
        vectors_.push_back(number / length);
    const std::vector<float> turned = rotated(vector(track_index));
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
    BestFactor& best = best_factors_[position / kBlock];
    best.factor = std::max(best.factor, factors_[position]);
    ++best.heard;
    return true;
}

std::size_t SoundSpace::overhead_bytes() const {
    return slots_.capacity() * sizeof(std::uint32_t) + codes_.capacity() +
           factors_.capacity() * sizeof(float) + best_factors_.capacity() * sizeof(BestFactor);
}

SoundSpace::Query SoundSpace::query(std::span<const float> embedding) const {
    Query query;
    const float length = std::sqrt(dot(embedding, embedding));
    query.unit_.reserve(width_);
    for (const float number : embedding)
        query.unit_.push_back(number / length);
    const std::vector<float> turned = rotated(query.unit_);
    const std::size_t nibbles = bits_ / 4;
    std::vector<float> sums(nibbles * 16);
    float most = 0;
    for (std::size_t n = 0; n < nibbles; ++n) {
        for (std::size_t signs = 0; signs < 16; ++signs) {
            float sum = 0;
            for (std::size_t i = 0; i < 4; ++i)
                sum += (signs >> i & 1U) != 0 ? turned[4 * n + i] : -turned[4 * n + i];
            sums[n * 16 + signs] = sum;
            most = std::max(most, sum);  // of all signs: the least is its opposite
        }
    }
    query.table_.reserve(sums.size());
    for (const float sum : sums)
        query.table_.push_back(static_cast<std::uint8_t>(std::lround(127 + 127 * (sum / most))));
    query.scale_ = most / 127;
    query.offset_ = -most * static_cast<float>(nibbles);
    // The signs, too, are of length sqrt(bits): <signs, x> = sum of |x|, which is what the factor divides by.
    return query;
}

float SoundSpace::cosine(std::uint32_t track_index, const Query& query) const {
    return dot(vector(track_index), query.unit_);
}

void SoundSpace::blend(std::size_t block, const Query& query, float share,
                       std::array<float, kBlock>& scores) const {
    const std::size_t nibbles = bits_ / 4;
    const Sums sums = sum_codes(codes_.data() + block * nibbles * kRow, query.table_.data(), nibbles);
    const float* const factors = factors_.data() + block * kBlock;
#if BGM_HAS_AVX2_PATH
    if (has_avx2()) {
        scores = wide_mix(sums, query.offset_, query.scale_, factors, share, scores);
        return;
    }
#endif
    scores = mix(sums, query.offset_, query.scale_, factors, share, scores);
}

float SoundSpace::most(std::size_t block, const Query& query) const {
    const std::size_t nibbles = bits_ / 4;
    const std::uint8_t* const codes = codes_.data() + block * nibbles * kRow;
#if BGM_HAS_AVX2_PATH
    const std::uint16_t sum = has_avx2() ? largest_by_32(codes, query.table_.data(), nibbles)
                                         : largest_plainly(codes, query.table_.data(), nibbles);
#else
    const std::uint16_t sum = largest_plainly(codes, query.table_.data(), nibbles);
#endif
    return (query.offset_ + query.scale_ * static_cast<float>(sum)) * best_factors_[block].factor;
}

void SoundSpace::fetch_codes(std::size_t block) const {
    const std::size_t bytes = bits_ / 4 * kRow;
    fetch_ahead(codes_.data() + block * bytes, bytes);
}

void SoundSpace::fetch_vector(std::uint32_t track_index) const {
    const std::span<const float> numbers = vector(track_index);
    fetch_ahead(numbers.data(), numbers.size_bytes());
}

}  // namespace bgm
