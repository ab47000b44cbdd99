// A first look at a large catalogue: moods and affect in a byte each, a quarter of the memory that the exact
// scan reads, and a bound on how far the quick score may be off. Whoever keeps all tracks within twice the
// bound of what he needs, and scores those exactly, has exactly what the exact scan finds. Before that look a
// bound on each block of 64 tells which blocks are to be looked at at all.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "fusion/catalogue/catalogue_block.hpp"
#include "fusion/catalogue/scan.hpp"
#include "fusion/catalogue/scan_order.hpp"
#include "fusion/mood/mood.hpp"

namespace bgm {

/// What a decided mood looks for, in whole numbers.
struct QuickTarget {
    explicit QuickTarget(const ScanTarget& target);

    std::array<std::int8_t, 2 * QuickBlock::kPairs> weights{};
    Affect affect;
    float error;  // the most that a quick score differs from that of score_block()
};

/// The same for quick_scores_safely().
inline constexpr float kQuickSafelyError = 0.004F;

/// What each mood weighs, -2 to 2, in whole numbers.
struct QuickWeights {
    QuickWeights() = default;
    explicit QuickWeights(std::span<const float, kMoodCount> weights);

    std::array<std::int16_t, 2 * QuickBlock::kPairs> steps{};
};

BlockScores quick_scores(const QuickBlock& block, const QuickTarget& target);
BlockScores quick_scores_safely(const QuickBlock& block, std::span<const Mood> moods);

/// Of each track: the sum of what each mood weighs, by its share. Off by half a step of the roots, and by
/// kMoodSumsError.
inline constexpr float kMoodSumsError = 0.0008F;
BlockScores quick_mood_sums(const QuickBlock& block, const QuickWeights& weights);

/// What no quick score of each block exceeds.
BlockScores quick_bounds(const QuickBounds& bounds, const QuickTarget& target);
BlockScores quick_bounds_safely(const QuickBounds& bounds, std::span<const Mood> moods);

/// The block in bytes, what up to 64 of them lie between, and a track as scan_order() sees it.
QuickBlock quick_block(const CatalogueBlock& block);
QuickBounds quick_bounds_of(std::span<const QuickBlock> blocks);
FeltPoint felt_point(std::span<const float, kMoodCount> root_mood, Affect affect);

}  // namespace bgm
