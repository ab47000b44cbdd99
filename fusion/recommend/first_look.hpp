// The first look at a large catalogue: which tracks are to be scored in full.
//
// A score is a share of what a track feels like, and what the other terms add. There are two orders in which
// tracks lie: by feeling, in blocks with a bound on what they feel like, and by sound, in groups with a bound
// on what their sounds add (branch and bound: Land and Doig 1960). In each order those that promise most come
// first. A track that has been looked at in neither feels at most like the best block that is left, and
// sounds at most like the best group that is left: once that is not enough, nothing is lost (the threshold
// algorithm: Fagin, Lotem and Naor 2003). How far to go in which order is what costs least.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/catalogue/scan.hpp"
#include "fusion/recommend/filter.hpp"
#include "fusion/recommend/term_bounds.hpp"

namespace bgm {

struct Candidate {
    std::uint32_t track_index = 0;
    float score = 0;  // but for the errors of what it feels like, and of the moods that are liked
};

/// What a first look has of a track.
struct QuickTrack {
    std::uint32_t track_index = 0;
    float feeling = 0;
    float effect = 0;  // the most that moods and names have on a taste
};

struct FirstLook {
    const ScanTarget& target;
    std::span<const Mood> likely;  // for each of them; empty where the mood is decided
    std::size_t wanted = 1;
    const TermBounds& others;
    /// What a track scores, but for those errors.
    std::function<float(const QuickTrack&)> score;
};

/// In the order of the catalogue, which has quick orders: all that `TrackScores` has to know, by bounds.
/// Those on sounds are as sure as SoundGroups says.
std::vector<Candidate> candidates(const Catalogue& catalogue, const FirstLook& look, TrackFilter& filter);

}  // namespace bgm
