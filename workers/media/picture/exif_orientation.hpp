// The one Exif field that changes how a photo looks: TIFF tag 0x0112, 1..8.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

/// `exif` is a TIFF structure, with or without the "Exif\0\0" in front of it. Untrusted: nothing where it is
/// malformed.
std::optional<int> exif_orientation(std::span<const std::byte> exif);

/// Turns and mirrors stored pixels into what the photographer saw. Anything outside 2..8 leaves them as they
/// are.
RgbImage apply_orientation(RgbImage stored, int orientation);

}  // namespace bgm
