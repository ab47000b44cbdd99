// Pictures resized as Pillow 9.4 resizes them (Image.resize on mode RGB), bit for bit, and only as much of
// them as somebody looks at.
//
// Pillow's method: a separable filter that is stretched when a picture shrinks (so that nothing aliases),
// weights rounded to 22 bits behind the point, first along the rows and then along the columns, with the
// result of each pass rounded to 8 bits. The order and the roundings are what an encoder was trained with.
//
// Pure functions; any thread. Memory: a few bytes a pixel of the window, and the weights, at most 16 bytes a
// row and a column of the source; never the whole resized picture.
#pragma once

#include <cstdint>

#include "workers/media/picture/rgb_image.hpp"
#include "workers/media/resample_windows.hpp"

namespace bgm {

/// The picture at `width` x `height`, of which only the window is wanted. What of the window lies outside is
/// black, as Hugging Face's center_crop pads.
struct ResampleWindow {
    std::int64_t width = 0;  // of the whole resized picture
    std::int64_t height = 0;
    std::int64_t left = 0;  // where the window begins; may be negative
    std::int64_t top = 0;
    int window_width = 0;
    int window_height = 0;
};

/// `source` must be consistent, and neither it nor the resized picture empty. The result has the size of the
/// window.
RgbImage resample(const RgbImage& source, const ResampleWindow& wanted, ResampleFilter filter);

}  // namespace bgm
