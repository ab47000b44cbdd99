// What an animation shows after each of its frames, on white. Transparency never outlives a frame: what is
// laid over white is the same as what is laid over nothing and then shown on white. One thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "workers/media/animation/frame_place.hpp"
#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

class AnimationCanvas {
 public:
    /// Takes three bytes a pixel, and up to as many again where a frame asks for what was before it.
    AnimationCanvas(int width, int height);

    const RgbImage& shown() const { return shown_; }

    /// Does with the frame before what that asked for, and makes ready for this one. It may reach over the
    /// edge: what lies outside is not painted.
    void begin(const FramePlace& place);
    /// Row `y` of the frame, red, green, blue, alpha. `blended`: over what is there; otherwise over white.
    void paint_row(int y, std::span<const std::uint8_t> rgba, bool blended);

 private:
    std::span<std::uint8_t> row_of_frame(int y);
    void dispose();

    RgbImage shown_;
    FramePlace place_;                  // of the frame, as far as it lies on the canvas
    std::vector<std::uint8_t> before_;  // what was at that place; empty where it will not be wanted
};

}  // namespace bgm
