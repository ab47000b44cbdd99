// The inner loop of the matcher: scores of 64 tracks at a time.
//
// Every track's score is the same sequence of operations in its own lane, so vectors of any length give the
// same bits.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "fusion/catalogue/catalogue_block.hpp"
#include "fusion/catalogue/two_processors.hpp"
#include "fusion/mood/mood.hpp"

namespace bgm {

inline constexpr float kMoodShare = 0.65F;
inline constexpr float kAffectShare = 1.0F - kMoodShare;
inline constexpr float kAffectReach =
    0.5F;  // distance on the valence/arousal plane at which the affect match is 0.5
inline constexpr float kAffectSteepest =
    1.3F;  // of that match, by the distance: 8d / (1 + 4d^2)^2 at d = 0.29

using BlockScores = std::array<float, CatalogueBlock::kTracks>;

/// What a decided mood looks for.
struct ScanTarget {
    std::array<float, kMoodCount> root_mood{};  // square roots of the probabilities
    Affect affect;
};

/// The affect match of two places that are so far apart in valence and in arousal.
BGM_BODY float closeness(float valence, float arousal) {
    return 1.0F / (1.0F + (valence * valence + arousal * arousal) * (1.0F / (kAffectReach * kAffectReach)));
}

float affect_match(Affect a, Affect b);

/// The largest of a block's; and those that are at least this, a bit each.
float largest(const BlockScores& scores);
std::uint64_t lanes_from(const BlockScores& scores, float least);

BlockScores score_block(const CatalogueBlock& block, const ScanTarget& target);

/// Of one track, to the bit what the block says of it.
float score_lane(const CatalogueBlock& block, std::size_t lane, const ScanTarget& target);
float score_lane_safely(const CatalogueBlock& block, std::size_t lane, std::span<const Mood> moods);

/// The worst case over `moods` (at least one): what each track scores for the mood that it fits least.
BlockScores score_block_safely(const CatalogueBlock& block, std::span<const Mood> moods);

}  // namespace bgm
