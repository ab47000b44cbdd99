#include "fusion/catalogue/sound_codes.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "fusion/catalogue/fetch_ahead.hpp"
#include "fusion/catalogue/rotation.hpp"
#include "fusion/catalogue/sound_space.hpp"
#include "fusion/catalogue/two_processors.hpp"

#if BGM_HAS_AVX2_PATH
#include <immintrin.h>
#endif

namespace bgm {
namespace {

// A byte of a row holds a number of the row's first half and one of its second.
constexpr std::size_t kRow = 32;
constexpr std::size_t kRowNumbers = 2 * kRow;
constexpr int kSteps = 16;
constexpr int kQuerySteps = 127;
constexpr float kDeviations = 4;
// Errors of vectors of so few numbers are all alike after the turn, and may add up.
constexpr std::size_t kFewNumbers = 16;
constexpr float kAtWorst = 14;

int sum_plainly(const std::uint8_t* codes, const std::int8_t* numbers, std::size_t rows) {
    int sum = 0;
    for (std::size_t row = 0; row < rows; ++row, codes += kRow, numbers += kRowNumbers) {
        for (std::size_t i = 0; i < kRow; ++i)
            sum += (codes[i] & 15) * numbers[i] + (codes[i] >> 4) * numbers[kRow + i];
    }
    return sum;
}

#if BGM_HAS_AVX2_PATH
BGM_AVX2 int sum_by_32(const std::uint8_t* codes, const std::int8_t* numbers, std::size_t rows) {
    const __m256i nibble = _mm256_set1_epi8(15);
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i sums = _mm256_setzero_si256();
    for (std::size_t row = 0; row < rows; ++row, codes += kRow, numbers += kRowNumbers) {
        const __m256i both = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes));
        const auto* const of = reinterpret_cast<const __m256i*>(numbers);
        const __m256i first = _mm256_maddubs_epi16(_mm256_and_si256(both, nibble), _mm256_loadu_si256(of));
        const __m256i second = _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(both, 4), nibble),
                                                    _mm256_loadu_si256(of + 1));
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_add_epi16(first, second), ones));
    }
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1));
    return _mm_cvtsi128_si32(four);
}
#endif

int sum_of(const std::uint8_t* codes, const std::int8_t* numbers, std::size_t rows) {
#if BGM_HAS_AVX2_PATH
    if (has_avx2()) return sum_by_32(codes, numbers, rows);
#endif
    return sum_plainly(codes, numbers, rows);
}

float farthest(std::span<const float> numbers) {
    float most = 0;
    for (const float number : numbers)
        most = std::max(most, std::abs(number));
    return most;
}

}  // namespace

SoundCodes::SoundCodes(std::size_t width, std::size_t vectors)
    : numbers_(std::max(kRowNumbers, std::bit_ceil(width))),
      deviations_(width < kFewNumbers ? kAtWorst : kDeviations) {
    codes_.reserve(vectors * numbers_ / 2);
    steps_.reserve(vectors);
}

void SoundCodes::add(std::span<const float> unit) {
    const std::vector<float> turned = rotated(unit, numbers_);
    const float step = 2 * farthest(turned) / kSteps;
    steps_.push_back(step);
    const auto code = [step](float number) {
        const int steps = static_cast<int>(std::floor(number / step)) + kSteps / 2;
        return static_cast<std::uint8_t>(std::clamp(steps, 0, kSteps - 1));
    };
    for (std::size_t first = 0; first < numbers_; first += kRowNumbers) {
        for (std::size_t i = first; i < first + kRow; ++i)
            codes_.push_back(static_cast<std::uint8_t>(code(turned[i]) | code(turned[kRow + i]) << 4));
    }
}

SoundCodes::Query SoundCodes::query(std::span<const float> vector) const {
    const std::vector<float> turned = rotated(vector, numbers_);
    Query query{.unit = farthest(turned) / kQuerySteps, .length = length_of(vector)};
    for (const float number : turned) {
        query.numbers.push_back(static_cast<std::int8_t>(std::lround(number / query.unit)));
        query.sum += query.numbers.back();
    }
    return query;
}

float SoundCodes::most(std::uint32_t index, const Query& query) const {
    const std::uint8_t* const codes = codes_.data() + std::size_t{index} * (numbers_ / 2);
    const int sum = sum_of(codes, query.numbers.data(), numbers_ / kRowNumbers);
    // The middle of each step; half a step off it, as likely anywhere, is a deviation of 1 / sqrt(12).
    const float middle = static_cast<float>(kSteps - 1) / 2;
    const float product = static_cast<float>(sum) - middle * static_cast<float>(query.sum);
    constexpr float deviation = 0.288675F;
    const float off = query.length * steps_[index] + query.unit;
    return product * steps_[index] * query.unit + deviations_ * deviation * off;
}

void SoundCodes::fetch(std::uint32_t index) const {
    fetch_ahead(codes_.data() + std::size_t{index} * (numbers_ / 2), numbers_ / 2);
}

}  // namespace bgm
