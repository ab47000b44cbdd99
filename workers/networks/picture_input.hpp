// A picture as networks want it: scaled, in floats from 0 to 255. Pure.
#pragma once

#include <span>

#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

/// Part of a picture, in its pixels; within it and not empty.
struct PixelBox {
    int left = 0, top = 0, width = 0, height = 0;
};

enum class SquarePlace { upper_left, centre };

/// How large the picture became.
struct Fit {
    int width = 0, height = 0;
};

/// By a cubic filter, which is stretched where the picture shrinks. `out` holds height x width x 3 numbers.
void scale_picture(const RgbImage& picture, const PixelBox& box, int width, int height, std::span<float> out);

/// Scales so that the longer side fills the square; the rest is black. `out` holds side x side x 3 numbers.
Fit fit_into_square(const RgbImage& picture, int side, SquarePlace place, std::span<float> out);
Fit fit_into_square(const RgbImage& picture, const PixelBox& box, int side, SquarePlace place,
                    std::span<float> out);

}  // namespace bgm
