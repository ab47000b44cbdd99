// A picture reduced by averaging: each pixel of the result is the mean of the area that it covers. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

/// The bytes of a picture of `width` x `height`, both of them from 1 to those of `image`, which is
/// consistent.
std::vector<std::uint8_t> area_shrink(const RgbImage& image, int width, int height);

}  // namespace bgm
