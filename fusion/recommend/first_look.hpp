// The first look at a large catalogue: which tracks are to be scored in full.
//
// Blocks that promise most come first, so that what is needed rises early and most blocks are passed over by
// their bound alone (branch and bound: Land and Doig 1960). Of the others first the codes of the sounds are
// read, where there are any to compare, then moods and affect in bytes, then, of tracks that still matter,
// what the filter asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/catalogue/scan.hpp"
#include "fusion/recommend/filter.hpp"

namespace bgm {

struct Candidate {
    std::uint32_t track_index = 0;
    float score = 0;    // as far as the first look can tell
    float feeling = 0;  // what of it is mood and affect, to the bound of quick_scan.hpp
};

struct FirstLook {
    const ScanTarget& target;
    std::span<const Mood> likely;  // for each of them; empty where the mood is decided
    const std::optional<SoundSpace::Query>& sound;
    float sound_share = 0;  // of the score, 0..1
    std::size_t wanted = 1;
    /// Empty where neither words nor taste have a say: what a track scores that scores so much without them;
    /// and the most that any does.
    std::function<float(std::uint32_t track_index, float score)> with_others{};
    std::function<float(float score)> might_be{};
};

/// In the order of the catalogue, which has quick blocks. Without a sound: all that `TrackScores` has to
/// know, by bounds. With one: what is left of those that an estimate lets expect, once their sounds are
/// compared.
std::vector<Candidate> candidates(const Catalogue& catalogue, const FirstLook& look, TrackFilter& filter);

}  // namespace bgm
