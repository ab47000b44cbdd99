// What a track is like: by ear where it was listened to, else by its moods.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fusion/catalogue/catalogue.hpp"

namespace bgm {

struct SimilarTrack {
    std::uint32_t track_index = 0;
    float similarity =
        0;  // by ear the cosine, -1..1; else the score of a post that felt as the track does, 0..1
};

struct SimilarTracks {
    bool by_ear = false;
    std::vector<SimilarTrack>
        tracks;  // best first, without the track itself; alike ones in the catalogue's order
};

/// The `limit` tracks most like this one. By ear only tracks that were listened to are compared.
SimilarTracks similar_tracks(const Catalogue& catalogue, std::uint32_t track_index, std::size_t limit);

/// The `limit` tracks that lie nearest to a place of the catalogue's sound space (of its width, of any length
/// but 0), in the same order; `similarity` is the dot product with it.
std::vector<SimilarTrack> nearest_by_ear(const Catalogue& catalogue, std::span<const float> place,
                                         std::size_t limit);

}  // namespace bgm
