// What a post asks of the matcher, beside its mood.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fusion/mood/mood.hpp"
#include "fusion/taste/taste.hpp"
#include "fusion/wish/wish.hpp"

namespace bgm {

/// The most that one request gets.
inline constexpr std::uint32_t kTracksMax = 1000;

/// How much each term of the score weighs beside the others; what a term has is shared by the others where it
/// says nothing.
struct MatchWeights {
    float mood = 1;
    float sound = 0.5F;
    float words = 0.25F;
    float taste = 0.25F;
};

/// Who listens, as far as it is known.
struct Listener {
    std::shared_ptr<const Taste> taste{};  // null: nothing is known
    std::int64_t now_ms = 0;               // what was learnt, and the artists turned away, are as of then
    /// Tracks that he had not long ago, by their index in the catalogue that is searched, once each.
    std::vector<std::uint32_t> not_again{};
};

/// How the arousal of a playlist is to run.
enum class Arc : std::uint8_t { none, rise, fall, level };

/// Where something of the post lies in a space in which tracks lie, too.
struct SoundWish {
    std::string model;  // of the embedding
    std::vector<float> embedding;
};

struct MatchRequest {
    std::uint32_t tracks = 5;  // cut to 0..kTracksMax

    // Filters. An empty list or a 0 does not filter. With a limit, tracks of which the figure is unknown are
    // left out.
    std::vector<std::string> genres{};     // compared without case, spaces, '-' and '_': "K-Pop" is "kpop"
    std::vector<std::string> languages{};  // BCP 47, primary subtags; instrumental tracks pass
    bool exclude_explicit = false;
    std::uint32_t max_duration_ms = 0;
    std::vector<Mood> avoid_moods{};  // see kAvoidShare
    std::uint32_t min_tempo = 0;      // beats a minute
    std::uint32_t max_tempo = 0;
    std::uint32_t from_year = 0;
    std::uint32_t to_year = 0;                   // below from_year: all but the years between them
    bool instrumental_only = false;              // of no language, and not heard to speak
    std::vector<std::string> avoid_genres{};     // compared as `genres`
    std::vector<std::string> avoid_languages{};  // as `languages`; "zxx": no instrumental tracks
    std::vector<Instrument> instruments{};       // each named by a track's title, album or genre

    /// What the post speaks of that no music may make light of: "death", "illness and violence"; see
    /// guard.hpp. Empty: nothing.
    std::string grave{};

    std::uint64_t seed = 0;  // from post_seed(tenant, post_id)

    MatchWeights weights{};
    Listener listener{};
    /// How the post sounds, and what its words say. Those of other spaces than the catalogue's say nothing.
    std::vector<SoundWish> sounds{};
    std::vector<SoundWish> words{};
    Arc arc = Arc::none;
    /// False: best score first, and drawn without regard to each other; what an order is measured by.
    bool in_order = true;
    /// Every track is compared in full, however many there are: what shorter ways are measured by.
    bool exhaustive = false;
};

/// Whether its years are those to be left out: tracks of an unknown year stay.
inline bool leaves_out_years(const MatchRequest& request) {
    return request.to_year != 0 && request.from_year > request.to_year;
}

/// A track is left out where a mood to avoid is its strongest, or has at least this share of it.
inline constexpr float kAvoidShare = 0.25F;

}  // namespace bgm
