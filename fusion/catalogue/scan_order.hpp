// In which order a large catalogue is scanned: tracks that feel alike side by side, so that a bound on a
// block of 64 rules it out as a whole.
//
// The leaves of a k-d tree (Bentley 1975) over moods and affect, from the left to the right: all tracks are
// cut in two where their scores could differ most, and again each half, down to a block.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "fusion/mood/mood.hpp"

namespace bgm {

/// How a track feels, in steps of QuickBlock: the roots of its moods, then valence and arousal from 0 on.
using FeltPoint = std::array<std::uint8_t, kMoodCount + 2>;

/// Where to scan which track: the index of the point that comes first, and so on. Only the last block of 64
/// may be cut through a part of the tree. The same points give the same order.
std::vector<std::uint32_t> scan_order(std::span<const FeltPoint> points);

}  // namespace bgm
