#include "fusion/catalogue/scan.hpp"

#include <algorithm>

namespace bgm {
namespace {

constexpr std::size_t kTracks = CatalogueBlock::kTracks;

float closeness(float valence, float arousal, Affect target) {
    const float v = valence - target.valence;
    const float a = arousal - target.arousal;
    return 1.0F / (1.0F + (v * v + a * a) * (1.0F / (kAffectReach * kAffectReach)));
}

}  // namespace

float affect_match(Affect a, Affect b) {
    return closeness(a.valence, a.arousal, b);
}

BlockScores score_block(const CatalogueBlock& block, const ScanTarget& target) {
    BlockScores match{};
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        const float wanted = target.root_mood[k];
        const auto& row = block.root_mood[k];
        for (std::size_t t = 0; t < kTracks; ++t)
            match[t] += wanted * row[t];
    }
    BlockScores scores;
    for (std::size_t t = 0; t < kTracks; ++t) {
        scores[t] = kMoodShare * match[t] +
                    kAffectShare * closeness(block.valence[t], block.arousal[t], target.affect);
    }
    return scores;
}

BlockScores score_block_safely(const CatalogueBlock& block, std::span<const Mood> moods) {
    BlockScores scores;
    scores.fill(1.0F);
    for (const Mood mood : moods) {
        const Affect place = affect(mood);
        const auto& row = block.root_mood[static_cast<std::size_t>(mood)];
        for (std::size_t t = 0; t < kTracks; ++t) {
            const float alone =
                kMoodShare * row[t] + kAffectShare * closeness(block.valence[t], block.arousal[t], place);
            scores[t] = std::min(scores[t], alone);
        }
    }
    return scores;
}

}  // namespace bgm
