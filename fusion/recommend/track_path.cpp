#include "fusion/recommend/track_path.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "fusion/catalogue/similar.hpp"
#include "fusion/recommend/playlist.hpp"

namespace bgm {
namespace {

constexpr std::size_t kNearest = 32;        // tracks to choose from at each place
constexpr std::size_t kLookedAt = 256;      // for these, of which
constexpr std::ptrdiff_t kOfOneArtist = 3;  // are of one artist at most
constexpr std::size_t kBeam = 48;           // ways that are followed at once

float mean_jump(const PlaylistTrack& a, const PlaylistTrack& b) {
    return (tempo_jump(a, b) + key_jump(a, b) + loudness_jump(a, b)) / 3;
}

float square(float value) {
    return value * value;
}

class PathSearch {
 public:
    PathSearch(const Catalogue& catalogue, std::uint32_t from, std::uint32_t to)
        : catalogue_(catalogue), from_(playlist_track(catalogue, from)), to_(playlist_track(catalogue, to)) {
        ways_.push_back({.tracks = {from_}});
    }

    std::vector<PathTrack> run(std::size_t length) {
        for (std::size_t place = 1; place + 1 < length; ++place)
            go_on(near(static_cast<float>(place) / static_cast<float>(length - 1)));
        Way* best = nullptr;
        for (Way& way : ways_) {
            way.cost += step(way.tracks.back(), to_);
            if (best == nullptr || way.cost < best->cost) best = &way;
        }
        best->tracks.push_back(to_);
        std::vector<PathTrack> path{{.track_index = from_.track_index}};
        for (std::size_t at = 1; at < best->tracks.size(); ++at) {
            const PlaylistTrack &before = best->tracks[at - 1], &here = best->tracks[at];
            path.push_back({.track_index = here.track_index,
                            .similarity = cosine(before, here),
                            .jump = mean_jump(before, here)});
        }
        return path;
    }

 private:
    struct Way {
        std::vector<PlaylistTrack> tracks;
        float cost = 0;
    };
    struct Next {
        float cost;
        const Way* way;
        const PlaylistTrack* track;
    };

    float cosine(const PlaylistTrack& a, const PlaylistTrack& b) const {
        return dot(catalogue_.sounds().vector(a.track_index), catalogue_.sounds().vector(b.track_index));
    }

    // The square of the distance, and of the jumps.
    float step(const PlaylistTrack& a, const PlaylistTrack& b) const {
        const float jumps = square(tempo_jump(a, b)) + square(key_jump(a, b)) + square(loudness_jump(a, b));
        return 2 - 2 * cosine(a, b) + jumps;
    }

    // So far along the line: the tracks to choose from.
    std::vector<PlaylistTrack> near(float share) const {
        const auto begin = catalogue_.sounds().vector(from_.track_index);
        const auto end = catalogue_.sounds().vector(to_.track_index);
        std::vector<float> place(begin.size());
        for (std::size_t i = 0; i < place.size(); ++i)
            place[i] = (1 - share) * begin[i] + share * end[i];
        std::vector<PlaylistTrack> tracks;
        const std::size_t wanted = kNearest + ways_.front().tracks.size();
        for (const SimilarTrack& one : nearest_by_ear(catalogue_, place, kLookedAt)) {
            if (tracks.size() == wanted) break;
            if (one.track_index == from_.track_index || one.track_index == to_.track_index) continue;
            const PlaylistTrack track = playlist_track(catalogue_, one.track_index);
            if (std::ranges::count(tracks, track.artist_group, &PlaylistTrack::artist_group) < kOfOneArtist)
                tracks.push_back(track);
        }
        return tracks;
    }

    bool is_free(const Way& way, const PlaylistTrack& track, bool artist_again) const {
        if (!artist_again && track.artist_group == to_.artist_group) return false;
        return std::ranges::none_of(way.tracks, [&](const PlaylistTrack& one) {
            return one.track_index == track.track_index ||
                   (!artist_again && one.artist_group == track.artist_group);
        });
    }

    // By one track; a place to which no track is left is passed over.
    void go_on(const std::vector<PlaylistTrack>& tracks) {
        std::vector<Next> next;
        for (const bool artist_again : {false, true}) {
            for (const Way& way : ways_) {
                for (const PlaylistTrack& track : tracks) {
                    if (is_free(way, track, artist_again))
                        next.push_back({way.cost + step(way.tracks.back(), track), &way, &track});
                }
            }
            if (!next.empty()) break;
        }
        if (next.empty()) return;
        std::ranges::stable_sort(next, {}, &Next::cost);
        next.resize(std::min(next.size(), kBeam));
        std::vector<Way> ways;
        for (const Next& one : next) {
            ways.push_back({.tracks = one.way->tracks, .cost = one.cost});
            ways.back().tracks.push_back(*one.track);
        }
        ways_ = std::move(ways);
    }

    const Catalogue& catalogue_;
    const PlaylistTrack from_;
    const PlaylistTrack to_;
    std::vector<Way> ways_;
};

}  // namespace

Result<std::vector<PathTrack>> find_path(const Catalogue& catalogue, std::uint32_t from, std::uint32_t to,
                                         std::size_t length) {
    if (from == to)
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "is the track that the way begins at",
                     .field = "to"};
    for (const auto& [track, field] : {std::pair(from, "from"), std::pair(to, "to")}) {
        if (catalogue.sounds().has(track)) continue;
        return Error{.code = ErrorCode::unsupported,
                     .message = catalogue.rows()[track].heard
                                    ? "is silent, or was listened to by another model than most tracks"
                                    : "nobody has listened to this track yet (bgmctl catalogue analyse)",
                     .field = field};
    }
    return PathSearch(catalogue, from, to).run(std::clamp(length, kPathMin, kPathMax));
}

}  // namespace bgm
