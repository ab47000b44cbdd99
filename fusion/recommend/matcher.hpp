// From a mood to tracks. The score, its terms and where they come from: docs/matching.md.
//
// Not every post of one mood gets the same five: among the tracks whose score is at most 0.04 below the worst
// of the plainly best N, N are drawn without replacement with probability in proportion to exp(score / 0.02),
// by the Gumbel top-k trick (Kool, van Hoof, Welling 2019), seeded by the post. So the quality given up is
// bounded, and the same request against the same catalogue version gives the same tracks, bit for bit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/mood/mood.hpp"
#include "fusion/mood/opinion_pool.hpp"
#include "fusion/recommend/match_request.hpp"
#include "fusion/taste/taste_scores.hpp"

namespace bgm {

struct MatchedTrack {
    std::uint32_t track_index = 0;       // into the catalogue that was searched
    float score = 0;                     // 0..1, see above
    float mood_match = 0;                // 0..1, with the fused distribution
    float affect_match = 0;              // 0..1, with the fused valence and arousal
    std::optional<float> sound_match{};  // 0..1, with what the post sounds like; none: not compared
    std::optional<float> words_match{};  // 0..1, with the post's words; none: not compared
    std::optional<float> taste_match{};  // 0..1, with the listener's taste; none: nothing is known of it
    std::optional<TasteCause> taste_cause{};
    float chance = 1;                  // 0..1, see chances()
    std::vector<Mood> shared_moods{};  // strongest first, at most 3; may be empty
    std::string reason{};              // one sentence for a person
};

/// The picks, best score first, no artist twice (names compared without case and spaces). Fewer than asked
/// where the filters leave fewer artists; none where they leave nothing. From kPlaylistMin picks on, of which
/// at least half were listened to or with an arc, they are in the order of playlist.hpp instead; each still
/// has its own score.
std::vector<MatchedTrack> match(const Catalogue& catalogue, const FusedMood& mood,
                                const MatchRequest& request);

/// How likely it was that the draw would pick this track, given what it drew for all others: exact for a
/// choice, near enough for a playlist, of which the likeness and the exchange are not counted.
struct TrackChance {
    std::uint32_t track_index = 0;
    float score = 0;
    float chance = 0;  // 0..1
};
/// Of every track that the draw could pick, in the order of the draw; the others have none.
std::vector<TrackChance> chances(const Catalogue& catalogue, const FusedMood& mood,
                                 const MatchRequest& request);

}  // namespace bgm
