// Picks of before, and what listeners did with them, under other weights: what would have been better?
//
// Each post is matched again with what was known of its user at the time. How often what other weights pick
// is wanted is told by the tracks that both pick, each counted by how much likelier it is under the others:
// the chance that was recorded with the pick (Horvitz & Thompson 1952), divided by the sum of these weights
// (Swaminathan & Joachims 2015). docs/taste.md says what that can and cannot tell. Pure and deterministic.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/mood/opinion_pool.hpp"
#include "fusion/recommend/match_request.hpp"
#include "fusion/taste/taste.hpp"

namespace bgm {

struct PickedBefore {
    std::uint32_t track_index = 0;
    float chance = 0;              // 0: not recorded
    std::optional<bool> wanted{};  // played or liked, and not skipped or replaced; none: no reaction
};

struct PostBefore {
    std::string user_id;
    std::uint64_t seed = 0;  // of the draw
    std::int64_t at_ms = 0;
    FusedMood mood{};
    std::vector<PickedBefore> picks{};
};

struct ReactionBefore {
    std::string user_id;
    std::int64_t at_ms = 0;
    Reaction reaction{};
    std::uint32_t track_index = 0;
};

/// What was found, and how far it may be off: 95 in 100 such intervals hold the truth. Users are what varies
/// (a sandwich over users; Liang & Zeger 1986).
struct Interval {
    double value = 0;
    double half_width = 0;
    bool holds(double truth) const { return value - half_width <= truth && truth <= value + half_width; }
};

struct PickFigures {
    Interval hit_rate;    // of the picks that got a reaction, how many were wanted
    Interval gained;      // hit rate above that of the first weights, for the same users
    Interval ndcg;        // how far up the wanted ones stand (Jarvelin & Kekalainen 2002)
    Interval mood_fit;    // 0..1
    Interval diversity;   // 0..1: how unlike a post's picks are, by ear, or else by artist and genre
    Interval repeats;     // of the picks, how many the user had with an earlier post
    double coverage = 0;  // of the catalogue's tracks, how many were picked for anybody
    double as_many = 0;   // reactions that weigh alike would tell as much (Kish 1965)
    std::uint64_t reactions = 0;
};

/// Posts and reactions in the order of time. The same number of picks as then; a track does not come again
/// within `repeat_after_ms` of a pick of then. What the posts asked for is not known any more, nor their own
/// music.
std::vector<PickFigures> replay_picks(const Catalogue& catalogue, std::span<const PostBefore> posts,
                                      std::span<const ReactionBefore> reactions,
                                      std::span<const MatchWeights> weights, std::int64_t repeat_after_ms);

}  // namespace bgm
