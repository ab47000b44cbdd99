// A catalogue drawn by ear: the plane in which its sounds differ most.
//
// The two first principal components of the tracks' unit vectors (Pearson 1901), found by power iteration
// over at most 4,096 tracks spread evenly over the catalogue. What is near in the plane need not be near by
// ear, but what is near by ear is near in the plane.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "fusion/catalogue/sound_space.hpp"

namespace bgm {

class SoundMap {
 public:
    /// No tracks that sound: a map on which nothing lies.
    SoundMap() = default;
    explicit SoundMap(const SoundSpace& sounds);

    /// Across and up, -1..1: all but the outermost fiftieth of the tracks lie within, and these on the edge.
    /// The same space gives the same places.
    std::optional<std::array<float, 2>> place(const SoundSpace& sounds, std::uint32_t track_index) const;

 private:
    struct Axis {
        std::vector<float> direction;  // of length 1
        float middle = 0;
        float reach = 0;  // 0: all tracks lie in its middle
    };
    std::array<Axis, 2> axes_;
};

}  // namespace bgm
