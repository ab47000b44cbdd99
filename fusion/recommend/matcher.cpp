#include "fusion/recommend/matcher.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "fusion/catalogue/scan.hpp"
#include "fusion/mood/elementary.hpp"
#include "fusion/recommend/filter.hpp"
#include "fusion/recommend/guard.hpp"
#include "fusion/recommend/playlist.hpp"
#include "fusion/recommend/reason.hpp"
#include "fusion/recommend/track_scores.hpp"
#include "fusion/stable_hash.hpp"

namespace bgm {
namespace {

constexpr double kGumbelScale = 0.02;
// Sounding exactly like a pick that is there already costs as much as one step of chance.
constexpr double kUnlikeScale = 0.02;
constexpr std::size_t kUnlikeMin = 64;
constexpr std::size_t kUnlikePerTrack = 4;

bool is_playlist(std::size_t wanted) {
    return wanted >= kPlaylistMin && wanted <= kPlaylistMax;
}

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
    const std::size_t size_max = pool_size(wanted);
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
    std::sort(pool.begin(), pool.end(), better);  // however they were found
    return pool;
}

using Drawn = std::vector<std::pair<double, ScoredTrack>>;

/// One after the other, each less likely the more it sounds like one that is there already: maximal marginal
/// relevance (Carbonell and Goldstein 1998). `drawn` is in the order of the draw.
std::vector<ScoredTrack> pick_unlike(const Catalogue& catalogue, Drawn drawn, std::size_t wanted) {
    const SoundSpace& sounds = catalogue.sounds();
    drawn.resize(std::min(drawn.size(), kUnlikeMin + kUnlikePerTrack * wanted));
    std::vector<float> likeness(drawn.size(), 0);
    std::vector<bool> gone(drawn.size(), false);
    std::vector<ScoredTrack> picks;
    while (picks.size() < wanted) {
        std::size_t best = drawn.size();
        for (std::size_t i = 0; i < drawn.size(); ++i) {
            const auto value = [&](std::size_t at) { return drawn[at].first - kUnlikeScale * likeness[at]; };
            if (!gone[i] && (best == drawn.size() || value(i) > value(best))) best = i;
        }
        if (best == drawn.size()) break;
        const ScoredTrack pick = drawn[best].second;
        picks.push_back(pick);
        for (std::size_t i = 0; i < drawn.size(); ++i) {
            const std::uint32_t other = drawn[i].second.track_index;
            if (catalogue.rows()[other].artist_group == catalogue.rows()[pick.track_index].artist_group) {
                gone[i] = true;
            } else if (!gone[i] && sounds.has(other) && sounds.has(pick.track_index)) {
                likeness[i] =
                    std::max(likeness[i], dot(sounds.vector(other), sounds.vector(pick.track_index)));
            }
        }
    }
    return picks;
}

/// The pool in the order of the draw.
Drawn order_of_draw(const Catalogue& catalogue, const TrackScores& scores,
                    const std::vector<ScoredTrack>& pool, std::uint64_t seed) {
    Drawn drawn;
    drawn.reserve(pool.size());
    for (const ScoredTrack& one : pool) {
        const double chance = kGumbelScale * gumbel(seed, catalogue.track_id(one.track_index));
        drawn.emplace_back(one.score + scores.exploration(one.track_index) + chance, one);
    }
    std::sort(drawn.begin(), drawn.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second.track_index < b.second.track_index;
    });
    return drawn;
}

/// With all other noise as it was drawn, a track is picked where its own lifts it above the `wanted`-th of
/// the other artists' best, and above its artist's other tracks: a Gumbel distribution's tail.
class Chances {
 public:
    /// Borrows all of them.
    Chances(const Catalogue& catalogue, const TrackScores& scores, const Drawn& drawn, std::size_t wanted)
        : catalogue_(catalogue), scores_(scores) {
        for (const auto& [noisy, one] : drawn) {
            Artist& artist = artists_[group(one)];
            if (artist.tracks++ == 0) {
                artist.place = artists_.size() - 1;
                artist.best = one.track_index;
                artist.best_noisy = noisy;
                if (artist.place == wanted) beyond_ = noisy;
                if (artist.place + 1 == wanted) last_ = noisy;
            } else if (artist.tracks == 2) {
                artist.second_noisy = noisy;
            }
        }
        wanted_ = wanted;
    }

    float of(const ScoredTrack& one) const {
        const Artist& artist = artists_.at(group(one));
        std::optional<double> bar = artist.place < wanted_ ? beyond_ : last_;
        if (artist.tracks > 1) {
            const double sibling = artist.best == one.track_index ? artist.second_noisy : artist.best_noisy;
            bar = std::max(bar.value_or(sibling), sibling);
        }
        if (!bar) return 1;  // whatever it draws is enough
        const double ahead = one.score + scores_.exploration(one.track_index) - *bar;
        return static_cast<float>(1 - elementary_exp(-elementary_exp(ahead / kGumbelScale)));
    }

 private:
    struct Artist {
        std::size_t place = 0;  // among the artists
        std::size_t tracks = 0;
        std::uint32_t best = 0;
        double best_noisy = 0;
        double second_noisy = 0;
    };
    std::uint32_t group(const ScoredTrack& one) const {
        return catalogue_.rows()[one.track_index].artist_group;
    }

    const Catalogue& catalogue_;
    const TrackScores& scores_;
    std::size_t wanted_ = 0;
    std::unordered_map<std::uint32_t, Artist> artists_;
    std::optional<double> last_;    // the best of the last artist that is picked
    std::optional<double> beyond_;  // of the first that is not
};

std::vector<ScoredTrack> draw(const Catalogue& catalogue, const Drawn& drawn, const MatchRequest& request,
                              std::size_t wanted) {
    std::vector<ScoredTrack> picks;
    if (is_playlist(wanted) && request.in_order && catalogue.sounds().size() > 0)
        picks = pick_unlike(catalogue, drawn, wanted);
    std::vector<std::uint32_t> artists;
    for (const ScoredTrack& pick : picks)
        artists.push_back(catalogue.rows()[pick.track_index].artist_group);
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

/// The picks as a playlist, where there is something to order them by: an arc, or tracks that were listened
/// to.
std::vector<ScoredTrack> in_order(const Catalogue& catalogue, const std::vector<ScoredTrack>& picks,
                                  const std::vector<ScoredTrack>& pool, Arc arc) {
    const auto seen = [&catalogue](const std::vector<ScoredTrack>& tracks) {
        std::vector<PlaylistTrack> all;
        all.reserve(tracks.size());
        for (const ScoredTrack& one : tracks)
            all.push_back(playlist_track(catalogue, one.track_index, one.score));
        return all;
    };
    std::vector<PlaylistTrack> playlist = seen(picks);
    const auto heard =
        std::count_if(playlist.begin(), playlist.end(), [](const auto& one) { return one.heard; });
    if (arc == Arc::none && 2 * static_cast<std::size_t>(heard) < playlist.size()) return picks;
    order_playlist(playlist, seen(pool), arc);
    std::vector<ScoredTrack> ordered;
    ordered.reserve(playlist.size());
    for (const PlaylistTrack& one : playlist)
        ordered.push_back({.score = one.score, .track_index = one.track_index});
    return ordered;
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
    matched.words_match = scores.words_match(pick.track_index);
    if (scores.taste()) {
        matched.taste_match = scores.taste()->match(pick.track_index);
        matched.taste_cause = scores.taste()->cause(pick.track_index);
    }
    matched.shared_moods = shared_moods(mood.moods, track.moods);
    matched.reason = reason(mood, track, matched);
    return matched;
}

}  // namespace

std::vector<MatchedTrack> match(const Catalogue& catalogue, const FusedMood& post,
                                const MatchRequest& request) {
    const std::size_t wanted = std::min(request.tracks, kTracksMax);
    if (wanted == 0 || catalogue.empty()) return {};
    const FusedMood mood = request.grave.empty() ? post : guarded(post);

    TrackFilter filter(catalogue, request);
    const TrackScores scores(catalogue, mood, request, filter, wanted);
    if (scores.best().empty()) return {};

    const std::vector<ScoredTrack> pool = draw_pool(scores, wanted);
    const Drawn drawn = order_of_draw(catalogue, scores, pool, request.seed);
    std::vector<ScoredTrack> picks = draw(catalogue, drawn, request, wanted);
    if (is_playlist(wanted) && request.in_order) picks = in_order(catalogue, picks, pool, request.arc);
    const Chances likely(catalogue, scores, drawn, wanted);
    std::vector<MatchedTrack> matched;
    for (const ScoredTrack& pick : picks) {
        matched.push_back(describe(catalogue, mood, scores, pick));
        matched.back().chance = likely.of(pick);
        if (!request.grave.empty()) matched.back().reason += " " + guard_note(request.grave);
    }
    return matched;
}

std::vector<TrackChance> chances(const Catalogue& catalogue, const FusedMood& post,
                                 const MatchRequest& request) {
    const std::size_t wanted = std::min(request.tracks, kTracksMax);
    const FusedMood mood = request.grave.empty() ? post : guarded(post);
    if (wanted == 0 || catalogue.empty()) return {};
    TrackFilter filter(catalogue, request);
    const TrackScores scores(catalogue, mood, request, filter, wanted);
    if (scores.best().empty()) return {};
    const Drawn drawn = order_of_draw(catalogue, scores, draw_pool(scores, wanted), request.seed);
    const Chances likely(catalogue, scores, drawn, wanted);
    std::vector<TrackChance> all;
    all.reserve(drawn.size());
    for (const auto& [noisy, one] : drawn)
        all.push_back({.track_index = one.track_index, .score = one.score, .chance = likely.of(one)});
    return all;
}

}  // namespace bgm
