// The first picture of a GIF (version 89a), which OpenCV 4.6 cannot read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "schemas/result.hpp"
#include "workers/media/av/alpha_rule.hpp"
#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

/// The whole canvas with the first frame on it. What is transparent or not covered is white; with
/// AlphaRule::dropped it has the palette's colour, outside of the frame that of the transparent or else of
/// the first entry (as Pillow fills it). Memory is bounded by `pixels_max`, however much the file claims.
/// Fails with `corrupt` or `too_large`.
Result<RgbImage> decode_gif(std::span<const std::byte> file, std::int64_t pixels_max,
                            AlphaRule alpha = AlphaRule::on_white);

}  // namespace bgm
