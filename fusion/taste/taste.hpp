// What one listener likes, learnt from what he did with picks: his leaning in moods, artists, genres and in
// how tracks sound.
//
// Only sums are kept, each losing half its weight in kTasteHalfLifeMs, so that learning one reaction costs
// the same on the first day and after years, and the order in which reactions come matters to no more than
// rounding (but for which of too many artists are forgotten). The formulas: docs/taste.md. A value: copy it,
// or share it constant between threads.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/mood/mood.hpp"

namespace bgm {

enum class Reaction : std::uint8_t { played, skipped, liked, replaced };

/// -1..1: how much a listener wanted what he reacted to.
float reaction_value(Reaction reaction);

inline constexpr std::int64_t kTasteHalfLifeMs = std::int64_t{30} * 24 * 60 * 60 * 1000;
/// An artist of whom so many tracks in a row were turned away, and none was wanted, is not picked again until
/// a half-life after the last of them.
inline constexpr std::uint32_t kTurnedAwayMin = 2;
/// So many reactions of one listener count in one day (UTC); what comes beyond weighs nothing.
inline constexpr std::uint32_t kReactionsADay = 500;
inline constexpr std::size_t kTasteArtistsMax = 64;
inline constexpr std::size_t kTasteGenresMax = 32;

/// What a reaction says something about; borrowed.
struct ReactedTrack {
    std::string_view artist;  // empty: nobody knows
    std::string_view genre;
    MoodDistribution moods{};
    std::string_view sound_model{};  // empty: nobody listened to it
    std::span<const float> sound{};  // of length 1
};
ReactedTrack reacted_track(const Catalogue& catalogue, std::uint32_t track_index);

/// Reactions, each by the weight that time has left it.
struct Tally {
    float weight = 0;
    float value = 0;  // their values, weighted
};

/// An artist or a genre.
struct NamedTally {
    std::uint64_t key = 0;  // artist_key() or genre_key()
    std::string name;       // as it was written, cut to kTasteNameBytes
    Tally tally;
    std::uint32_t turned_away = 0;  // in a row
    std::int64_t turned_away_ms = 0;
};
inline constexpr std::size_t kTasteNameBytes = 64;

struct Taste {
    std::int64_t at_ms = 0;  // all weights are as of then: the newest reaction
    std::uint64_t reactions = 0;
    Tally all;
    std::array<Tally, kMoodCount> moods{};
    std::vector<NamedTally> artists{};  // by key
    std::vector<NamedTally> genres{};

    // Of those that were listened to: what the covariance of sound and value needs.
    std::string sound_model{};
    Tally heard;
    float heard_squares = 0;            // the squares of the weights
    float heard_value_squares = 0;      // of the values, weighted
    std::vector<float> sound{};         // the embeddings, weighted
    std::vector<float> sound_valued{};  // the same, times the value

    std::int64_t day = 0;  // since 1970: of which `of_day` reactions have counted
    std::uint32_t of_day = 0;

    /// False, and nothing is learnt, for more than kReactionsADay.
    bool learn(Reaction reaction, std::int64_t happened_ms, const ReactedTrack& track);
};

/// What is left of it by now: how much more wanted than what the listener gets on the whole, -2 to 2, each
/// drawn to 0 where little is known (docs/taste.md).
struct Leanings {
    struct Named {
        const NamedTally* of = nullptr;
        float value = 0;
        float weight = 0;  // of the reactions behind it
    };
    std::array<float, kMoodCount> moods{};
    std::vector<Named> artists{};
    std::vector<Named> genres{};
};
/// Borrows the taste.
Leanings leanings(const Taste& taste, std::int64_t now_ms);

/// What time leaves of a weight, 0..1; 1 where it lies ahead.
float taste_decay(std::int64_t since_ms);

}  // namespace bgm
