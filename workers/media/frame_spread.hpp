// Chooses the frames to keep of a video that is decoded from its beginning, and measures what moves.
//
// However many frames there will be, a list of at most `frames_max` stays evenly spread over those seen:
// every frame is kept at first, and each time the list is full every other one goes and the step doubles. One
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "workers/media/av/video_sample.hpp"

namespace bgm {

/// Mean change of luma (0..1) per second between two frames; none where they are too far apart to show
/// motion. A cut between the two would count as motion; over so short a time it is rare.
std::optional<float> motion_between(const std::vector<std::uint8_t>& before,
                                    const std::vector<std::uint8_t>& after, double seconds);

class FrameSpread {
 public:
    explicit FrameSpread(std::size_t frames_max) : frames_max_(frames_max) {}

    std::size_t seen() const { return seen_; }
    /// Counts the next frame. True where look_at() is to be told what it shows.
    bool wants_next();
    /// `luma`: of the frame, small, always of the same size. `to_picture` is called where the frame is kept;
    /// it answers false where it cannot.
    void look_at(double time_s, std::vector<std::uint8_t> luma,
                 const std::function<bool(RgbImage&)>& to_picture);
    std::vector<VideoFrame> take() { return std::move(frames_); }

 private:
    const std::size_t frames_max_;
    std::size_t seen_ = 0;
    std::size_t step_ = 1;
    bool keep_ = false;     // of the frame counted last: may be kept,
    bool follows_ = false;  // shows the motion after the one before it
    std::vector<std::uint8_t> last_luma_;
    double last_s_ = 0;
    std::vector<VideoFrame> frames_;
};

}  // namespace bgm
