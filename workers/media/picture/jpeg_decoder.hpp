// A JPEG file in, RGB pixels as they are stored out. The one place that knows libjpeg.
//
// A pure function; any thread. It prints nothing, never throws but for std::bad_alloc, and takes memory for
// the pixels only after libjpeg's reading of the header agrees with ours (see image_probe.hpp). A progressive
// file needs 2 bytes more a declared pixel and component, whatever the scale: libjpeg keeps all its
// coefficients.
#pragma once

#include <cstddef>
#include <span>

#include "schemas/result.hpp"
#include "workers/media/picture/image_probe.hpp"
#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

/// `divisor` is 1, 2, 4 or 8: each side comes out divided by it, rounded up, for a fraction of the time.
/// libjpeg's steps in between are left out: they have no vector code, and 3/8 takes longer than 4/8, 5/8
/// longer than 8/8. Gray is widened; CMYK is taken as inverted, as Adobe writes it and Pillow reads it.
/// Errors: `corrupt`, `resource_exhausted`.
Result<RgbImage> decode_jpeg(std::span<const std::byte> file, const ImageHeader& header, int divisor);

}  // namespace bgm
