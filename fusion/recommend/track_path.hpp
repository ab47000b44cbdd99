// A way from one track to another that can be listened to: each step is small by ear, in tempo, in key and in
// loudness.
//
// Places are laid evenly on the straight line between the two tracks in the sound space. Of the tracks
// nearest to each place, one is chosen by a beam search, so that the squares of all steps together are least:
// even steps rather than one leap. A step is the distance of two unit vectors, and the playlist's jumps
// (playlist.hpp). Exact and without chance: the same catalogue gives the same way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fusion/catalogue/catalogue.hpp"
#include "schemas/result.hpp"

namespace bgm {

inline constexpr std::size_t kPathMin = 3;
inline constexpr std::size_t kPathMax = 30;
inline constexpr std::size_t kPathDefault = 8;

struct PathTrack {
    std::uint32_t track_index = 0;
    float similarity = 1;  // by ear, to the one before: the cosine
    float jump = 0;        // from the one before, in tempo, key and loudness: their mean, 0..1
};

/// `length` tracks with both ends; fewer where there are not so many. No track twice, and no artist where
/// there are enough others. `invalid_argument` where both are the same track, `unsupported` where nobody
/// listened to one of them: the field is "from" or "to".
Result<std::vector<PathTrack>> find_path(const Catalogue& catalogue, std::uint32_t from, std::uint32_t to,
                                         std::size_t length);

}  // namespace bgm
