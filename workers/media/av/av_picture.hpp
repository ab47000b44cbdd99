// Decoded libav frames as small upright RGB pictures. Included by workers/media/av/*.cpp only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "workers/media/av/av_handles.hpp"
#include "workers/media/av/film_colour.hpp"
#include "workers/media/picture/rgb_image.hpp"

namespace bgm::av {

/// How a player has to turn what is stored, from the stream's display matrix.
struct Orientation {
    int clockwise_quarters = 0;  // 0..3
    bool mirrored = false;       // left and right swapped, after turning
};

Orientation orientation_of(const AVStream& stream);

/// Scales frames of one stream; keeps swscale's state between frames of the same size and format. swscale
/// takes numbers as they are, in the film's own terms; what colours they mean is FilmColour's, at the small
/// size.
class PictureScaler {
 public:
    PictureScaler(const AVStream& stream, int longer_side_px);

    /// False where the frame has no pixels that swscale can read (a hardware surface, an absurd size).
    bool to_picture(const AVFrame& frame, RgbImage& picture);
    /// Luma on a grid of 64 pixels at most a side, for comparing frames; empty where to_picture() would fail.
    std::vector<std::uint8_t> to_luma(const AVFrame& frame);
    bool full_range(const AVFrame& frame) const { return planes_of(frame).tags.full_range; }

 private:
    struct Size {
        int width = 0, height = 0;
    };
    // What a frame holds, and what it is scaled to.
    struct Planes {
        AVPixelFormat source = AV_PIX_FMT_NONE, scaled = AV_PIX_FMT_NONE;
        ColourTags tags;
        FilmColour::Samples samples;
    };
    struct Colour {
        ColourTags tags;
        FilmColour::Samples samples;
        FilmColour conversion;
    };
    Size shown_size(const AVFrame& frame, int longer_side_px) const;
    ColourTags tags_of(const AVFrame& frame, bool rgb) const;
    Planes planes_of(const AVFrame& frame) const;
    bool scale(const AVFrame& frame, Size size, const Planes& planes, Scaler& scaler,
               std::optional<Colour>& colour, std::vector<std::uint8_t>& rgb);

    const AVCodecParameters& stream_;
    AVRational stream_aspect_;
    Orientation orientation_;
    int longer_side_px_;
    Scaler picture_scaler_, luma_scaler_;
    std::optional<Colour> picture_colour_, luma_colour_;
};

}  // namespace bgm::av
