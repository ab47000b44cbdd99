#include "fusion/recommend/matcher.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "fusion/catalogue/scan.hpp"
#include "fusion/mood/elementary.hpp"
#include "fusion/recommend/filter.hpp"
#include "fusion/recommend/reason.hpp"
#include "fusion/recommend/track_scores.hpp"
#include "fusion/stable_hash.hpp"

namespace bgm {
namespace {

constexpr double kGumbelScale = 0.02;
// How many tracks are drawn from, at most: more would not be noticed, and keeps the work bounded in a
// catalogue of look-alikes.
constexpr std::size_t kPoolMin = 64;
constexpr std::size_t kPoolPerTrack = 12;

/// Standard Gumbel noise that belongs to this post and this track, whatever else is in the catalogue.
double gumbel(std::uint64_t seed, std::string_view track_id) {
    const std::uint64_t bits = mix64(seed ^ stable_hash(track_id)) >> 12U;
    const double uniform = (static_cast<double>(bits) + 0.5) * 0x1p-52;  // strictly between 0 and 1
    return -elementary_log(-elementary_log(uniform));
}

/// The tracks that are drawn from: the best ones down to the slack, and always the plainly best themselves.
std::vector<ScoredTrack> draw_pool(const TrackScores& scores, std::size_t wanted) {
    const std::vector<ScoredTrack>& plain = scores.best();
    std::vector<ScoredTrack> pool = scores.at_least(plain.back().score - kScoreSlack);
    const std::size_t size_max = std::max(kPoolMin, kPoolPerTrack * wanted);
    if (pool.size() > size_max) {
        std::nth_element(pool.begin(), pool.begin() + static_cast<std::ptrdiff_t>(size_max), pool.end(),
                         better);
        pool.resize(size_max);
        // One artist's many tracks may have filled it; without these there might be too few artists left.
        const ScoredTrack worst = *std::max_element(pool.begin(), pool.end(), better);
        for (const ScoredTrack& one : plain) {
            if (better(worst, one)) pool.push_back(one);
        }
    }
    return pool;
}

std::vector<ScoredTrack> draw(const Catalogue& catalogue, const std::vector<ScoredTrack>& pool,
                              std::uint64_t seed, std::size_t wanted) {
    std::vector<std::pair<double, ScoredTrack>> drawn;
    drawn.reserve(pool.size());
    for (const ScoredTrack& one : pool) {
        drawn.emplace_back(one.score + kGumbelScale * gumbel(seed, catalogue.track_id(one.track_index)), one);
    }
    std::sort(drawn.begin(), drawn.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second.track_index < b.second.track_index;
    });
    std::vector<ScoredTrack> picks;
    std::vector<std::uint32_t> artists;
    for (const auto& [noisy, one] : drawn) {
        if (picks.size() == wanted) break;
        const std::uint32_t artist = catalogue.rows()[one.track_index].artist_group;
        if (std::find(artists.begin(), artists.end(), artist) != artists.end()) continue;
        artists.push_back(artist);
        picks.push_back(one);
    }
    std::sort(picks.begin(), picks.end(), better);
    return picks;
}

MatchedTrack describe(const Catalogue& catalogue, const FusedMood& mood, const TrackScores& scores,
                      const ScoredTrack& pick) {
    const TrackView track = catalogue.track(pick.track_index);
    MatchedTrack matched;
    matched.track_index = pick.track_index;
    matched.score = std::min(pick.score, 1.0F);
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        matched.mood_match += std::sqrt(std::max(0.0F, mood.moods[k])) * std::sqrt(track.moods[k]);
    }
    matched.mood_match = std::min(matched.mood_match, 1.0F);
    matched.affect_match = affect_match(track.affect, mood.affect);
    matched.sound_match = scores.sound_match(pick.track_index);
    matched.shared_moods = shared_moods(mood.moods, track.moods);
    matched.reason = reason(mood, track, matched);
    return matched;
}

}  // namespace

std::vector<MatchedTrack> match(const Catalogue& catalogue, const FusedMood& mood,
                                const MatchRequest& request) {
    const std::size_t wanted = std::min(request.tracks, kTracksMax);
    if (wanted == 0 || catalogue.empty()) return {};

    TrackFilter filter(catalogue, request);
    const TrackScores scores(catalogue, mood, request, filter, wanted);
    if (scores.best().empty()) return {};

    std::vector<MatchedTrack> matched;
    for (const ScoredTrack& pick : draw(catalogue, draw_pool(scores, wanted), request.seed, wanted))
        matched.push_back(describe(catalogue, mood, scores, pick));
    return matched;
}

}  // namespace bgm
