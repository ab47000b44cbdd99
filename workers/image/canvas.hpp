// The picture as the features see it: reduced to a fixed number of pixels, with its brightness, saturation
// and hue apart.
//
// Texture depends on scale, so every picture is measured at the same one: 49,152 pixels (256 x 192), whatever
// its shape. Smaller pictures stay as they are. A plain value; used by one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

inline constexpr std::int64_t kCanvasPixels = 49'152;

/// The eleven basic colour terms (Berlin and Kay 1969), in the order that van de Weijer et al. (2007) list
/// them.
enum class ColorName : std::uint8_t {
    black,
    blue,
    brown,
    gray,
    green,
    orange,
    pink,
    purple,
    red,
    white,
    yellow
};
inline constexpr int kColorNameCount = 11;
inline constexpr int kHueBinCount = 12;  // of 30 degrees; bin 0 is centred on red

/// One pixel per entry, rows from top to bottom.
struct Canvas {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> rgb;
    std::vector<float> luma;  // 0..1: ITU-R BT.709 weights on the gamma-coded values
    std::vector<float>
        saturation;  // 0..1: max - min of R, G, B (Hanbury 2003), which is small in the dark, unlike HSV's
    std::vector<float> red_cyan;     // saturation-weighted hue as a vector: R - (G + B) / 2, -1..1
    std::vector<float> yellow_blue;  // and sqrt(3) / 2 * (G - B), -0.87..0.87
    std::vector<float> gradient;     // Sobel magnitude of luma, 0..1.42 (a full step over one pixel is 1)
    std::vector<float> gradient_x;   // luma per pixel, left to right
    std::vector<float> gradient_y;   // top to bottom
    std::vector<ColorName> name;
    std::vector<std::uint8_t> hue_bin;

    std::size_t size() const { return luma.size(); }
    std::size_t at(int x, int y) const { return static_cast<std::size_t>(y) * width + x; }
};

/// Area-averaged to at most kCanvasPixels. `image` must be consistent and not empty.
Canvas make_canvas(const RgbImage& image);

}  // namespace bgm
