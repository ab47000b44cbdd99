#include "fusion/catalogue/quick_scan.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "fusion/catalogue/two_processors.hpp"

#if BGM_HAS_AVX2_PATH
#include <immintrin.h>
#endif

namespace bgm {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kTracks = CatalogueBlock::kTracks;
// Of a weight: products of two vectors of length 1 then stay within 16 bits.
constexpr float kWeightUnit = 120;
constexpr float kSteepest = 1.3F;  // of the affect match, by the distance: 8d / (1 + 4d^2)^2 at d = 0.29
constexpr float kRounding = 1e-4F;

using Sums = std::array<std::int16_t, kTracks>;

constexpr float affect_error() {
    return kAffectShare * kSteepest * 1.4143F / (2 * QuickBlock::kAffectUnit);
}

Sums sum_plainly(const QuickBlock& block, const QuickTarget& target) {
    Sums sums{};
    for (std::size_t pair = 0; pair < QuickBlock::kPairs; ++pair) {
        const auto& row = block.root_mood[pair];
        for (std::size_t t = 0; t < kTracks; ++t) {
            const int both =
                row[2 * t] * target.weights[2 * pair] + row[2 * t + 1] * target.weights[2 * pair + 1];
            sums[t] = static_cast<std::int16_t>(sums[t] + both);
        }
    }
    return sums;
}

#if BGM_HAS_AVX2_PATH
BGM_AVX2 Sums sum_by_16(const QuickBlock& block, const QuickTarget& target) {
    Sums sums;
    for (std::size_t t = 0; t < kTracks; t += 16) {
        __m256i sum = _mm256_setzero_si256();
        for (std::size_t pair = 0; pair < QuickBlock::kPairs; ++pair) {
            const auto weights =
                static_cast<std::int16_t>(target.weights[2 * pair] | target.weights[2 * pair + 1] << 8);
            const __m256i row =
                _mm256_load_si256(reinterpret_cast<const __m256i*>(block.root_mood[pair].data() + 2 * t));
            sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(row, _mm256_set1_epi16(weights)));
        }
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums.data() + t), sum);
    }
    return sums;
}
#endif

BGM_BODY BlockScores finish(const Sums& sums, const QuickBlock& block, Affect affect) {
    constexpr float scale = kMoodShare / (QuickBlock::kMoodUnit * kWeightUnit);
    BlockScores scores;
    for (std::size_t t = 0; t < kTracks; ++t) {
        const float valence = static_cast<float>(block.valence[t]) * (1 / QuickBlock::kAffectUnit);
        const float arousal = static_cast<float>(block.arousal[t]) * (1 / QuickBlock::kAffectUnit);
        scores[t] = scale * static_cast<float>(sums[t]) +
                    kAffectShare * closeness(valence - affect.valence, arousal - affect.arousal);
    }
    return scores;
}

BGM_BODY BlockScores safely(const QuickBlock& block, std::span<const Mood> moods) {
    BlockScores valence;
    BlockScores arousal;
    for (std::size_t t = 0; t < kTracks; ++t) {
        valence[t] = static_cast<float>(block.valence[t]) * (1 / QuickBlock::kAffectUnit);
        arousal[t] = static_cast<float>(block.arousal[t]) * (1 / QuickBlock::kAffectUnit);
    }
    BlockScores scores;
    scores.fill(1.0F);
    std::array<std::uint16_t, kTracks> pairs{};
    for (const Mood mood : moods) {
        const auto k = static_cast<std::size_t>(mood);
        const Affect place = affect(mood);
        // Which byte of the two is the mood's: little endian.
        std::memcpy(pairs.data(), block.root_mood[k / 2].data(), sizeof pairs);
        const int shift = k % 2 == 0 ? 0 : 8;
        for (std::size_t t = 0; t < kTracks; ++t) {
            const float root = static_cast<float>(pairs[t] >> shift & 0xFF) * (1 / QuickBlock::kMoodUnit);
            const float alone = kMoodShare * root + kAffectShare * closeness(valence[t] - place.valence,
                                                                             arousal[t] - place.arousal);
            scores[t] = alone < scores[t] ? alone : scores[t];
        }
    }
    return scores;
}

#if BGM_HAS_AVX2_PATH
BGM_AVX2 BlockScores wide_scores(const QuickBlock& block, const QuickTarget& target) {
    return finish(sum_by_16(block, target), block, target.affect);
}

BGM_AVX2 BlockScores wide_scores_safely(const QuickBlock& block, std::span<const Mood> moods) {
    return safely(block, moods);
}
#endif

}  // namespace

QuickTarget::QuickTarget(const ScanTarget& target) : affect(target.affect) {
    // |<w, r> - <w', r'>| <= |w - w'| |r'| + |w| |r - r'|, where |r| is 1.
    float wanted = 0;
    float lost = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        weights[k] = static_cast<std::int8_t>(std::lround(kWeightUnit * std::min(target.root_mood[k], 1.0F)));
        const float difference = target.root_mood[k] - static_cast<float>(weights[k]) / kWeightUnit;
        wanted += target.root_mood[k] * target.root_mood[k];
        lost += difference * difference;
    }
    const float rounded = std::sqrt(static_cast<float>(kMoodCount)) / (2 * QuickBlock::kMoodUnit);
    error = kMoodShare * (std::sqrt(lost) * (1 + rounded) + std::sqrt(wanted) * rounded) + affect_error() +
            kRounding;
}

BlockScores quick_scores(const QuickBlock& block, const QuickTarget& target) {
#if BGM_HAS_AVX2_PATH
    if (has_avx2()) return wide_scores(block, target);
#endif
    return finish(sum_plainly(block, target), block, target.affect);
}

BlockScores quick_scores_safely(const QuickBlock& block, std::span<const Mood> moods) {
    static_assert(kMoodShare / (2 * QuickBlock::kMoodUnit) + affect_error() + kRounding < kQuickSafelyError);
#if BGM_HAS_AVX2_PATH
    if (has_avx2()) return wide_scores_safely(block, moods);
#endif
    return safely(block, moods);
}

QuickBlock quick_block(const CatalogueBlock& block) {
    QuickBlock quick;
    for (std::size_t t = 0; t < kTracks; ++t) {
        for (std::size_t k = 0; k < kMoodCount; ++k)
            quick.root_mood[k / 2][2 * t + k % 2] =
                static_cast<std::uint8_t>(std::lround(QuickBlock::kMoodUnit * block.root_mood[k][t]));
        quick.valence[t] = static_cast<std::int8_t>(std::lround(QuickBlock::kAffectUnit * block.valence[t]));
        quick.arousal[t] = static_cast<std::int8_t>(std::lround(QuickBlock::kAffectUnit * block.arousal[t]));
    }
    return quick;
}

}  // namespace bgm
