// The primary picture of a HEIF file (HEIC, AVIF), as phones write them. The one place that knows libheif.
//
// libheif walks the boxes and hands the coded pictures to libde265, dav1d or aom, all of them built into the
// library: nothing is loaded or opened later. Any thread; keeps nothing of a file. It may throw
// std::bad_alloc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "schemas/result.hpp"
#include "workers/media/av/alpha_rule.hpp"
#include "workers/media/picture/image_probe.hpp"
#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

/// The size that the primary picture declares, from the boxes alone: nothing is decoded. Width and height are
/// as shown, and the orientation is 1: the file's own turns and mirrors (irot, imir) are applied when it is
/// decoded, and an Exif orientation beside them is a copy that must not be applied again. Errors: `corrupt`;
/// `unsupported` for a codec that is not there; `too_large` where a declared size is beyond `pixels_max`.
Result<ImageHeader> probe_heif(std::span<const std::byte> file, ImageKind kind, std::int64_t pixels_max);

/// `header` is what probe_heif() said. Errors: `corrupt`, `unsupported`, `resource_exhausted`.
Result<RgbImage> decode_heif(std::span<const std::byte> file, const ImageHeader& header,
                             std::int64_t pixels_max, AlphaRule alpha = AlphaRule::on_white);

/// Lets libheif set up what it keeps for the life of the process, before the worker is confined.
void prepare_heif();

}  // namespace bgm
