// From a mood to tracks.
//
// Decided mood: score = 0.65 * mood match + 0.35 * affect match, with
//     mood match   = sum over moods of sqrt(p q), the affinity of two distributions (Bhattacharyya 1943),
//     0..1; affect match = 1 / (1 + (d / 0.5)^2), d the distance on the valence/arousal plane: 1 at the same
//     place, 0.5 at 0.5.
// Ambiguous mood: score = the least, over the moods that are still likely, of what the track would score for
// that mood alone (a distribution of 1 at that mood, and that mood's place on the plane): a track that
// offends none of them.
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

namespace bgm {

/// The most that one request gets.
inline constexpr std::uint32_t kTracksMax = 1000;
/// How much worse than the worst of the plainly best N a pick may score.
inline constexpr float kScoreSlack = 0.04F;

struct MatchRequest {
    std::uint32_t tracks = 5;  // cut to 0..kTracksMax

    // Filters. An empty list or a 0 does not filter.
    std::vector<std::string> genres{};     // compared without case, spaces, '-' and '_': "K-Pop" is "kpop"
    std::vector<std::string> languages{};  // BCP 47, primary subtags; instrumental tracks always pass
    bool exclude_explicit = false;
    std::uint32_t max_duration_ms = 0;  // with a limit, tracks of unknown duration are left out

    std::uint64_t seed = 0;  // from post_seed(tenant, post_id)

    /// Moves the arousal that is looked for by a little, and only where the mood is decided: -0.1 from 22 h
    /// to 5 h, and +0.1 or -0.1 for activities that are plainly lively or quiet (see matcher.cpp). Weather
    /// and place are carried for people and have no effect: how they feel is for the post itself to say.
    struct Context {
        std::optional<std::uint32_t> local_hour{};  // 0..23
        std::string weather{};
        std::string place{};
        std::string activity{};
    };
    Context context{};
};

struct MatchedTrack {
    std::uint32_t track_index = 0;     // into the catalogue that was searched
    float score = 0;                   // 0..1, see above
    float mood_match = 0;              // 0..1, with the fused distribution
    float affect_match = 0;            // 0..1, with the fused valence and arousal
    std::vector<Mood> shared_moods{};  // strongest first, at most 3; may be empty
    std::string reason{};              // one sentence for a person
};

/// The picks, best score first, no artist twice (names compared without case and spaces). Fewer than asked
/// where the filters leave fewer artists; none where they leave nothing.
std::vector<MatchedTrack> match(const Catalogue& catalogue, const FusedMood& mood,
                                const MatchRequest& request);

}  // namespace bgm
