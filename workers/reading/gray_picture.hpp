// A picture as readers of writing take it: one byte a pixel, reduced to a longest side. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "workers/media/area_shrink.hpp"
#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

struct GrayPicture {
    int width = 0;   // pixels
    int height = 0;  // pixels
    std::vector<std::uint8_t> pixels;
};

/// The picture with no side longer than `longer_side`. It must be consistent and not empty.
inline RgbImage reduced(const RgbImage& image, int longer_side) {
    const int longer = std::max(image.width, image.height);
    if (longer <= longer_side) return image;
    RgbImage small{.width = std::max(1, image.width * longer_side / longer),
                   .height = std::max(1, image.height * longer_side / longer),
                   .pixels = {}};
    small.pixels = area_shrink(image, small.width, small.height);
    return small;
}

/// `shade` makes one byte of red, green and blue.
template <typename Shade>
GrayPicture gray_picture(const RgbImage& image, Shade shade) {
    GrayPicture gray{.width = image.width, .height = image.height, .pixels = {}};
    gray.pixels.resize(image.pixels.size() / 3);
    for (std::size_t at = 0; at < gray.pixels.size(); ++at)
        gray.pixels[at] = shade(image.pixels[3 * at], image.pixels[3 * at + 1], image.pixels[3 * at + 2]);
    return gray;
}

/// Brightness by ITU-R BT.601's weights.
inline std::uint8_t brightness(int red, int green, int blue) {
    return static_cast<std::uint8_t>((red * 77 + green * 150 + blue * 29) >> 8);
}

}  // namespace bgm
