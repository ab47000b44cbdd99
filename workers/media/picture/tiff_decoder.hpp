// The first picture of a TIFF file (or BigTIFF), through libtiff. The one place that knows libtiff.
//
// Whatever libtiff leaves out of a layout is refused by name, and every byte that is handed on was written by
// it or is zero: what was in memory before never shows. Pure functions, any thread; nothing is printed, no
// file is opened. They may throw std::bad_alloc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "schemas/result.hpp"
#include "workers/media/av/alpha_rule.hpp"
#include "workers/media/picture/image_probe.hpp"
#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

/// The size that the first directory declares; nothing is decoded. Errors: `corrupt`; `unsupported` for a
/// layout or a compression that is not read; `too_large` where tiles or rows would take more than
/// `pixels_max` allows. Whether width x height does is the caller's to check.
Result<ImageHeader> probe_tiff(std::span<const std::byte> file, std::int64_t pixels_max);

/// As the pixels are stored: the orientation in `header`, which is what probe_tiff() said, is not applied.
/// Takes as many bytes a pixel as there are colours, alpha included, and three for the result. Errors as
/// above, and `resource_exhausted`.
Result<RgbImage> decode_tiff(std::span<const std::byte> file, const ImageHeader& header,
                             std::int64_t pixels_max, AlphaRule alpha);

}  // namespace bgm
