// A decoded picture: what every decoder produces and every visual encoder reads.
//
// A plain value. `pixels` holds width * height * 3 bytes, red, green, blue interleaved, rows from top to
// bottom without padding, gamma-coded as in sRGB. An image with a zero side is empty; encoders answer it with
// quality 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bgm {

struct RgbImage {
    int width = 0;   // pixels
    int height = 0;  // pixels
    std::vector<std::uint8_t> pixels;

    bool empty() const { return width <= 0 || height <= 0; }

    /// False where `pixels` does not hold what `width` and `height` promise.
    bool consistent() const {
        return width >= 0 && height >= 0 &&
               pixels.size() == static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3;
    }
};

}  // namespace bgm
