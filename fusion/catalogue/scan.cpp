#include "fusion/catalogue/scan.hpp"

#include <algorithm>
#include <limits>

#if BGM_HAS_AVX2_PATH
#include <immintrin.h>
#endif

namespace bgm {
namespace {

constexpr std::size_t kTracks = CatalogueBlock::kTracks;

BGM_BODY BlockScores block_scores(const CatalogueBlock& block, const ScanTarget& target) {
    BlockScores match{};
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        const float wanted = target.root_mood[k];
        const auto& row = block.root_mood[k];
        for (std::size_t t = 0; t < kTracks; ++t)
            match[t] += wanted * row[t];
    }
    BlockScores scores;
    for (std::size_t t = 0; t < kTracks; ++t) {
        scores[t] =
            kMoodShare * match[t] + kAffectShare * closeness(block.valence[t] - target.affect.valence,
                                                             block.arousal[t] - target.affect.arousal);
    }
    return scores;
}

BGM_BODY BlockScores block_scores_safely(const CatalogueBlock& block, std::span<const Mood> moods) {
    BlockScores scores;
    scores.fill(1.0F);
    for (const Mood mood : moods) {
        const Affect place = affect(mood);
        const auto& row = block.root_mood[static_cast<std::size_t>(mood)];
        for (std::size_t t = 0; t < kTracks; ++t) {
            const float alone =
                kMoodShare * row[t] +
                kAffectShare * closeness(block.valence[t] - place.valence, block.arousal[t] - place.arousal);
            scores[t] = std::min(scores[t], alone);
        }
    }
    return scores;
}

BGM_AVX2 BlockScores wide_scores(const CatalogueBlock& block, const ScanTarget& target) {
    return block_scores(block, target);
}

BGM_AVX2 BlockScores wide_scores_safely(const CatalogueBlock& block, std::span<const Mood> moods) {
    return block_scores_safely(block, moods);
}

std::uint64_t lanes_from_plainly(const BlockScores& scores, float least) {
    std::uint64_t lanes = 0;
    for (std::size_t t = 0; t < kTracks; ++t)
        lanes |= std::uint64_t{scores[t] >= least} << t;
    return lanes;
}

#if BGM_HAS_AVX2_PATH
BGM_AVX2 std::uint64_t lanes_from_by_8(const BlockScores& scores, float least) {
    const __m256 all = _mm256_set1_ps(least);
    std::uint64_t lanes = 0;
    for (std::size_t t = 0; t < kTracks; t += 8) {
        const __m256 enough = _mm256_cmp_ps(_mm256_loadu_ps(scores.data() + t), all, _CMP_GE_OQ);
        lanes |= std::uint64_t{static_cast<unsigned>(_mm256_movemask_ps(enough))} << t;
    }
    return lanes;
}
#endif

}  // namespace

std::uint64_t lanes_from(const BlockScores& scores, float least) {
#if BGM_HAS_AVX2_PATH
    if (has_avx2()) return lanes_from_by_8(scores, least);
#endif
    return lanes_from_plainly(scores, least);
}

float affect_match(Affect a, Affect b) {
    return closeness(a.valence - b.valence, a.arousal - b.arousal);
}

float largest(const BlockScores& scores) {
    std::array<float, 16> most;
    most.fill(-std::numeric_limits<float>::infinity());
    for (std::size_t i = 0; i < scores.size(); i += most.size()) {
        for (std::size_t lane = 0; lane < most.size(); ++lane)
            most[lane] = scores[i + lane] > most[lane] ? scores[i + lane] : most[lane];
    }
    return *std::max_element(most.begin(), most.end());
}

BlockScores score_block(const CatalogueBlock& block, const ScanTarget& target) {
    return has_avx2() ? wide_scores(block, target) : block_scores(block, target);
}

BlockScores score_block_safely(const CatalogueBlock& block, std::span<const Mood> moods) {
    return has_avx2() ? wide_scores_safely(block, moods) : block_scores_safely(block, moods);
}

float score_lane(const CatalogueBlock& block, std::size_t lane, const ScanTarget& target) {
    float match = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k)
        match += target.root_mood[k] * block.root_mood[k][lane];
    return kMoodShare * match +
           kAffectShare * affect_match({block.valence[lane], block.arousal[lane]}, target.affect);
}

float score_lane_safely(const CatalogueBlock& block, std::size_t lane, std::span<const Mood> moods) {
    float worst = 1;
    for (const Mood mood : moods) {
        worst = std::min(
            worst, kMoodShare * block.root_mood[static_cast<std::size_t>(mood)][lane] +
                       kAffectShare * affect_match({block.valence[lane], block.arousal[lane]}, affect(mood)));
    }
    return worst;
}

}  // namespace bgm
