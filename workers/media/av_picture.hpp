// Decoded libav frames as small upright RGB pictures. Included by workers/media/av_*.cpp only.
#pragma once

#include <cstdint>
#include <vector>

#include "workers/media/av_handles.hpp"
#include "workers/media/rgb_image.hpp"

namespace bgm::av {

/// How a player has to turn what is stored, from the stream's display matrix.
struct Orientation {
    int clockwise_quarters = 0;  // 0..3
    bool mirrored = false;       // left and right swapped, after turning
};

Orientation orientation_of(const AVStream& stream);

/// Scales frames of one stream; keeps swscale's state between frames of the same size and format.
class PictureScaler {
 public:
    PictureScaler(const AVStream& stream, int longer_side_px);

    /// False where the frame has no pixels that swscale can read (a hardware surface, an absurd size).
    bool to_picture(const AVFrame& frame, RgbImage& picture);
    /// Luma on a grid of 64 pixels at most a side, for comparing frames; empty where to_picture() would fail.
    std::vector<std::uint8_t> to_luma(const AVFrame& frame);

 private:
    struct Size {
        int width = 0, height = 0;
    };
    Size shown_size(const AVFrame& frame, int longer_side_px) const;
    bool scale(const AVFrame& frame, Size size, AVPixelFormat format, Scaler& scaler,
               std::vector<std::uint8_t>& pixels);

    AVRational stream_aspect_;
    Orientation orientation_;
    int longer_side_px_;
    Scaler colour_;
    Scaler luma_;
};

}  // namespace bgm::av
