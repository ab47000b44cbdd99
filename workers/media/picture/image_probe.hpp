// What an image file declares about itself, read before a single pixel is decoded.
//
// The file comes from a stranger. The probe answers from the bytes alone and is the only place that decides
// whether a picture may be decoded. It takes no memory that depends on the bytes, but for the boxes of a HEIF
// file and the directory of a TIFF file, of which libheif and libtiff keep a list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "schemas/default_limits.hpp"
#include "schemas/result.hpp"
#include "workers/media/picture/image_signature.hpp"

namespace bgm {

struct ImageLimits {
    std::size_t bytes_max = kImageBytesMaxDefault;
    std::int64_t pixels_max = kPixelsMaxDefault;  // declared width x height
};

struct ImageHeader {
    ImageKind kind = ImageKind::other;
    int width = 0;  // stored pixels, before the orientation is applied
    int height = 0;
    int orientation = 1;    // Exif 1..8
    bool animated = false;  // GIF and WebP: more than one frame
};

/// Errors: `too_large` (bytes or declared pixels), `unsupported` (another kind of file; the message says
/// which), `corrupt` (empty, no usable header, or a JPEG that was cut off).
Result<ImageHeader> probe_image(std::span<const std::byte> file, const ImageLimits& limits = {});

}  // namespace bgm
