// Where in a film its key frames stand, as its packets say and not as its header claims: recordings of
// browsers and of live streams have no duration, others have a wrong one. Included by workers/media/av/*.cpp
// only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "workers/media/av/av_input.hpp"

namespace bgm::av {

/// Seconds since the first picture, from timestamps that may begin anywhere and be set anew on the way.
class FilmClock {
 public:
    explicit FilmClock(const AVStream& stream) : seconds_per_tick_(av_q2d(stream.time_base)) {}

    /// Of the next packet or picture; without a timestamp, of the one before.
    double at(std::int64_t timestamp);

 private:
    double seconds_per_tick_;
    std::int64_t before_ = AV_NOPTS_VALUE;
    double time_s_ = 0;
};

struct KeyFrame {
    std::int64_t timestamp = 0;  // of the index, in the stream's ticks
    double time_s = 0;           // after the first picture
    std::size_t packet = 0;      // how many of the stream stand before it
};

struct Timeline {
    double length_s = 0;  // up to the last picture that was seen
    std::size_t packets = 0;
    bool complete = false;  // the search came to the end
    bool longer = false;    // it goes on behind the time that was asked for
    bool indexed = false;   // the container has an index, and can be sought by it
    std::vector<KeyFrame> keys;

    /// The key frames to look at: for each of `places` equal parts of the film the last one up to its middle.
    std::vector<KeyFrame> spread(std::size_t places) const;
};

/// Takes the index of MP4, and reads through everything else without decoding it: up to `until_s`, and no
/// longer than a share of the budget. Afterwards the input is at any place.
Timeline measure(Input& input, const AVStream& stream, std::span<const std::byte> file, double until_s);

/// True where key frames at these places leave no half of the film unseen.
bool covers(std::span<const KeyFrame> keys, double length_s);

}  // namespace bgm::av
