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
constexpr float kRounding = 1e-4F;

using Sums = std::array<std::int16_t, kTracks>;
using MoodPairs = decltype(QuickBlock::root_mood);

constexpr float affect_error() {
    return kAffectShare * kAffectSteepest * 1.4143F / (2 * QuickBlock::kAffectUnit);
}

Sums sum_plainly(const MoodPairs& pairs, const QuickTarget& target) {
    Sums sums{};
    for (std::size_t pair = 0; pair < QuickBlock::kPairs; ++pair) {
        const auto& row = pairs[pair];
        for (std::size_t t = 0; t < kTracks; ++t) {
            const int both =
                row[2 * t] * target.weights[2 * pair] + row[2 * t + 1] * target.weights[2 * pair + 1];
            sums[t] = static_cast<std::int16_t>(sums[t] + both);
        }
    }
    return sums;
}

#if BGM_HAS_AVX2_PATH
BGM_AVX2 Sums sum_by_16(const MoodPairs& pairs, const QuickTarget& target) {
    Sums sums;
    for (std::size_t t = 0; t < kTracks; t += 16) {
        __m256i sum = _mm256_setzero_si256();
        for (std::size_t pair = 0; pair < QuickBlock::kPairs; ++pair) {
            const auto weights =
                static_cast<std::int16_t>(target.weights[2 * pair] | target.weights[2 * pair + 1] << 8);
            const __m256i row =
                _mm256_load_si256(reinterpret_cast<const __m256i*>(pairs[pair].data() + 2 * t));
            sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(row, _mm256_set1_epi16(weights)));
        }
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums.data() + t), sum);
    }
    return sums;
}
#endif

struct Plane {
    BlockScores valence;
    BlockScores arousal;
};

BGM_BODY float on_plane(std::int8_t number) {
    return static_cast<float>(number) * (1 / QuickBlock::kAffectUnit);
}

/// Where tracks are, and between what those of blocks are.
struct Places {
    BGM_BODY explicit Places(const QuickBlock& block) {
        for (std::size_t t = 0; t < kTracks; ++t) {
            at.valence[t] = on_plane(block.valence[t]);
            at.arousal[t] = on_plane(block.arousal[t]);
        }
    }
    BGM_BODY Plane distances(Affect from) const {
        Plane apart;
        for (std::size_t t = 0; t < kTracks; ++t) {
            apart.valence[t] = at.valence[t] - from.valence;
            apart.arousal[t] = at.arousal[t] - from.arousal;
        }
        return apart;
    }
    Plane at;
};

struct Boxes {
    BGM_BODY explicit Boxes(const QuickBounds& bounds) {
        for (std::size_t b = 0; b < QuickBounds::kBlocks; ++b) {
            least.valence[b] = on_plane(bounds.valence_least[b]);
            least.arousal[b] = on_plane(bounds.arousal_least[b]);
            most.valence[b] = on_plane(bounds.valence_most[b]);
            most.arousal[b] = on_plane(bounds.arousal_most[b]);
        }
    }
    // From the nearest corner or edge; 0 within.
    BGM_BODY Plane distances(Affect from) const {
        Plane apart;
        const auto outside = [](float low, float high, float at) {
            const float below = low - at;
            const float above = at - high;
            const float away = below > above ? below : above;
            return away > 0 ? away : 0;
        };
        for (std::size_t b = 0; b < QuickBounds::kBlocks; ++b) {
            apart.valence[b] = outside(least.valence[b], most.valence[b], from.valence);
            apart.arousal[b] = outside(least.arousal[b], most.arousal[b], from.arousal);
        }
        return apart;
    }
    Plane least;
    Plane most;
};

/// Those of one mood. `pairs` is room to work in.
BGM_BODY void roots(const MoodPairs& moods, std::size_t k, std::array<std::uint16_t, kTracks>& pairs,
                    BlockScores& into) {
    // Which byte of the two is the mood's: little endian.
    std::memcpy(pairs.data(), moods[k / 2].data(), sizeof pairs);
    const int shift = k % 2 == 0 ? 0 : 8;
    for (std::size_t t = 0; t < kTracks; ++t)
        into[t] = static_cast<float>(pairs[t] >> shift & 0xFF) * (1 / QuickBlock::kMoodUnit);
}

BGM_BODY BlockScores finish(const Sums& sums, const QuickBlock& block, Affect affect) {
    constexpr float scale = kMoodShare / (QuickBlock::kMoodUnit * kWeightUnit);
    const Plane apart = Places(block).distances(affect);
    BlockScores scores;
    for (std::size_t t = 0; t < kTracks; ++t)
        scores[t] = scale * static_cast<float>(sums[t]) +
                    kAffectShare * closeness(apart.valence[t], apart.arousal[t]);
    return scores;
}

template <typename Where, typename Block>
BGM_BODY BlockScores safely(const Block& block, std::span<const Mood> moods) {
    BlockScores scores;
    scores.fill(1.0F);
    std::array<std::uint16_t, kTracks> pairs{};
    BlockScores root;
    const Where where(block);
    for (const Mood mood : moods) {
        const Plane apart = where.distances(affect(mood));
        roots(block.root_mood, static_cast<std::size_t>(mood), pairs, root);
        for (std::size_t t = 0; t < kTracks; ++t) {
            const float alone =
                kMoodShare * root[t] + kAffectShare * closeness(apart.valence[t], apart.arousal[t]);
            scores[t] = alone < scores[t] ? alone : scores[t];
        }
    }
    return scores;
}

// In whole numbers: a share is half the square of a root in bytes, and a weight has so many steps.
constexpr float kSumsUnit = 2048;
constexpr float kSharesUnit = QuickBlock::kMoodUnit * QuickBlock::kMoodUnit / 2;
// Of the weights, and of the halves: of each mood, of weight 2 at most.
static_assert(0.5F / kSumsUnit + 2 * 0.5F * static_cast<float>(kMoodCount) / kSharesUnit < kMoodSumsError);

using WholeSums = std::array<std::int32_t, kTracks>;

WholeSums sum_squares_plainly(const MoodPairs& pairs, const QuickWeights& weights) {
    WholeSums sums{};
    for (std::size_t pair = 0; pair < QuickBlock::kPairs; ++pair) {
        for (std::size_t t = 0; t < kTracks; ++t) {
            for (std::size_t one : {2 * t, 2 * t + 1})
                sums[t] += pairs[pair][one] * pairs[pair][one] / 2 * weights.steps[2 * pair + one % 2];
        }
    }
    return sums;
}

#if BGM_HAS_AVX2_PATH
BGM_AVX2 WholeSums sum_squares_by_8(const MoodPairs& pairs, const QuickWeights& weights) {
    WholeSums sums;
    for (std::size_t t = 0; t < kTracks; t += 8) {
        __m256i sum = _mm256_setzero_si256();
        for (std::size_t pair = 0; pair < QuickBlock::kPairs; ++pair) {
            int both = 0;
            std::memcpy(&both, &weights.steps[2 * pair], sizeof both);
            const __m256i row = _mm256_cvtepu8_epi16(
                _mm_load_si128(reinterpret_cast<const __m128i*>(pairs[pair].data() + 2 * t)));
            const __m256i halves = _mm256_srli_epi16(_mm256_mullo_epi16(row, row), 1);
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(halves, _mm256_set1_epi32(both)));
        }
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums.data() + t), sum);
    }
    return sums;
}
#endif

BGM_BODY BlockScores bound(const QuickBounds& bounds, const QuickTarget& target) {
    // <w, r> for r of length 1 in a box: for any price s of length, no more than s / 2 and what w x - s x^2 /
    // 2 reaches in each direction (Lagrange's dual). A few prices do; at no price r may be of any length.
    constexpr std::array<float, 4> prices{0, 0.4F, 0.7F, 1};
    constexpr float longest = 1.015F;  // squared, of roots in bytes
    std::array<BlockScores, prices.size()> sums;
    for (std::size_t i = 0; i < prices.size(); ++i)
        sums[i].fill(prices[i] * longest / 2);
    std::array<std::uint16_t, kTracks> pairs{};
    BlockScores most;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        roots(bounds.root_mood, k, pairs, most);
        const float wanted = static_cast<float>(target.weights[k]) * (1 / kWeightUnit);
        for (std::size_t i = 0; i < prices.size(); ++i) {
            const float enough = prices[i] > 0 ? wanted / prices[i] : 2;
            for (std::size_t b = 0; b < most.size(); ++b) {
                const float root = most[b] < enough ? most[b] : enough;
                sums[i][b] += root * (wanted - prices[i] / 2 * root);
            }
        }
    }
    BlockScores match;
    match.fill(1);
    for (const BlockScores& sum : sums) {
        for (std::size_t b = 0; b < match.size(); ++b)
            match[b] = sum[b] < match[b] ? sum[b] : match[b];
    }
    const Plane apart = Boxes(bounds).distances(target.affect);
    for (std::size_t b = 0; b < most.size(); ++b)
        most[b] =
            kMoodShare * match[b] + kAffectShare * closeness(apart.valence[b], apart.arousal[b]) + kRounding;
    return most;
}

BGM_BODY BlockScores bound_safely(const QuickBounds& bounds, std::span<const Mood> moods) {
    BlockScores most = safely<Boxes>(bounds, moods);
    for (float& score : most)
        score += kRounding;
    return most;
}

#if BGM_HAS_AVX2_PATH
BGM_AVX2 BlockScores wide_scores(const QuickBlock& block, const QuickTarget& target) {
    return finish(sum_by_16(block.root_mood, target), block, target.affect);
}

BGM_AVX2 BlockScores wide_scores_safely(const QuickBlock& block, std::span<const Mood> moods) {
    return safely<Places>(block, moods);
}

BGM_AVX2 BlockScores wide_bounds(const QuickBounds& bounds, const QuickTarget& target) {
    return bound(bounds, target);
}

BGM_AVX2 BlockScores wide_bounds_safely(const QuickBounds& bounds, std::span<const Mood> moods) {
    return bound_safely(bounds, moods);
}
#endif

std::int8_t in_steps(float affect) {
    return static_cast<std::int8_t>(std::lround(QuickBlock::kAffectUnit * affect));
}

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

QuickWeights::QuickWeights(std::span<const float, kMoodCount> weights) {
    for (std::size_t k = 0; k < kMoodCount; ++k)
        steps[k] = static_cast<std::int16_t>(std::lround(kSumsUnit * std::clamp(weights[k], -2.0F, 2.0F)));
}

BlockScores quick_scores(const QuickBlock& block, const QuickTarget& target) {
#if BGM_HAS_AVX2_PATH
    if (has_avx2()) return wide_scores(block, target);
#endif
    return finish(sum_plainly(block.root_mood, target), block, target.affect);
}

BlockScores quick_scores_safely(const QuickBlock& block, std::span<const Mood> moods) {
    static_assert(kMoodShare / (2 * QuickBlock::kMoodUnit) + affect_error() + kRounding < kQuickSafelyError);
#if BGM_HAS_AVX2_PATH
    if (has_avx2()) return wide_scores_safely(block, moods);
#endif
    return safely<Places>(block, moods);
}

BlockScores quick_mood_sums(const QuickBlock& block, const QuickWeights& weights) {
#if BGM_HAS_AVX2_PATH
    const WholeSums sums = has_avx2() ? sum_squares_by_8(block.root_mood, weights)
                                      : sum_squares_plainly(block.root_mood, weights);
#else
    const WholeSums sums = sum_squares_plainly(block.root_mood, weights);
#endif
    BlockScores scores;
    for (std::size_t t = 0; t < kTracks; ++t)
        scores[t] = static_cast<float>(sums[t]) * (1 / (kSharesUnit * kSumsUnit));
    return scores;
}

BlockScores quick_bounds(const QuickBounds& bounds, const QuickTarget& target) {
#if BGM_HAS_AVX2_PATH
    if (has_avx2()) return wide_bounds(bounds, target);
#endif
    return bound(bounds, target);
}

BlockScores quick_bounds_safely(const QuickBounds& bounds, std::span<const Mood> moods) {
#if BGM_HAS_AVX2_PATH
    if (has_avx2()) return wide_bounds_safely(bounds, moods);
#endif
    return bound_safely(bounds, moods);
}

FeltPoint felt_point(std::span<const float, kMoodCount> root_mood, Affect affect) {
    FeltPoint point;
    for (std::size_t k = 0; k < kMoodCount; ++k)
        point[k] = static_cast<std::uint8_t>(std::lround(QuickBlock::kMoodUnit * root_mood[k]));
    point[kMoodCount] = static_cast<std::uint8_t>(in_steps(affect.valence) + 128);
    point[kMoodCount + 1] = static_cast<std::uint8_t>(in_steps(affect.arousal) + 128);
    return point;
}

QuickBlock quick_block(const CatalogueBlock& block) {
    QuickBlock quick;
    for (std::size_t t = 0; t < kTracks; ++t) {
        for (std::size_t k = 0; k < kMoodCount; ++k)
            quick.root_mood[k / 2][2 * t + k % 2] =
                static_cast<std::uint8_t>(std::lround(QuickBlock::kMoodUnit * block.root_mood[k][t]));
        quick.valence[t] = in_steps(block.valence[t]);
        quick.arousal[t] = in_steps(block.arousal[t]);
    }
    return quick;
}

QuickBounds quick_bounds_of(std::span<const QuickBlock> blocks) {
    QuickBounds bounds;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        const QuickBlock& block = blocks[b];
        for (std::size_t k = 0; k < kMoodCount; ++k) {
            std::uint8_t& most = bounds.root_mood[k / 2][2 * b + k % 2];
            for (std::size_t t = 0; t < kTracks; ++t)
                most = std::max(most, block.root_mood[k / 2][2 * t + k % 2]);
        }
        const auto [valence_least, valence_most] = std::ranges::minmax(block.valence);
        const auto [arousal_least, arousal_most] = std::ranges::minmax(block.arousal);
        bounds.valence_least[b] = valence_least;
        bounds.valence_most[b] = valence_most;
        bounds.arousal_least[b] = arousal_least;
        bounds.arousal_most[b] = arousal_most;
    }
    return bounds;
}

}  // namespace bgm
