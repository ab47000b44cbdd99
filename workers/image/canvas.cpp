#include "workers/image/canvas.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "workers/media/area_shrink.hpp"

namespace bgm {
namespace {

struct NamedColor {
    ColorName name;
    std::uint8_t hue_bin;
};

// The borders are this project's reading of the learned map of van de Weijer et al. (2007), in HSV.
NamedColor name_color(float red, float green, float blue) {
    const float value = std::max({red, green, blue});
    const float chroma = value - std::min({red, green, blue});
    const float saturation = value > 0 ? chroma / value : 0;
    float hue = 0;  // degrees
    if (chroma > 0) {
        if (value == red) {
            hue = 60.0F * (green - blue) / chroma;
        } else if (value == green) {
            hue = 120.0F + 60.0F * (blue - red) / chroma;
        } else {
            hue = 240.0F + 60.0F * (red - green) / chroma;
        }
        if (hue < 0) hue += 360.0F;
    }
    const auto bin = static_cast<std::uint8_t>(static_cast<int>((hue + 15.0F) / 30.0F) % kHueBinCount);
    const auto named = [bin](ColorName name) { return NamedColor{name, bin}; };
    if (value < 0.15F || (value < 0.25F && saturation < 0.4F)) return named(ColorName::black);
    if (value > 0.85F && saturation < 0.1F) return named(ColorName::white);
    if (saturation < 0.14F) return named(ColorName::gray);
    if (hue < 15.0F || hue >= 345.0F) {
        if (value > 0.75F && saturation < 0.55F) return named(ColorName::pink);
        return named(value < 0.4F ? ColorName::brown : ColorName::red);
    }
    if (hue < 45.0F) {
        if (value < 0.62F || (saturation < 0.45F && value < 0.85F)) return named(ColorName::brown);
        return named(ColorName::orange);
    }
    if (hue < 68.0F)
        return named(value < 0.5F ? (hue < 55.0F ? ColorName::brown : ColorName::green) : ColorName::yellow);
    if (hue < 165.0F) return named(ColorName::green);
    if (hue < 258.0F) return named(ColorName::blue);
    if (hue < 300.0F) return named(ColorName::purple);
    return named(value > 0.6F ? ColorName::pink : ColorName::purple);
}

// Five bits a channel: naming is only as sharp as that.
class ColorTable {
 public:
    ColorTable() {
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            const auto level = [i](unsigned shift) {
                return (static_cast<float>((i >> shift) & 31U) + 0.5F) / 32.0F;
            };
            entries_[i] = name_color(level(10), level(5), level(0));
        }
    }
    NamedColor find(const std::uint8_t* rgb) const {
        return entries_[static_cast<std::size_t>(rgb[0] >> 3U) << 10U |
                        static_cast<std::size_t>(rgb[1] >> 3U) << 5U |
                        static_cast<std::size_t>(rgb[2] >> 3U)];
    }

 private:
    std::array<NamedColor, 32768> entries_{};
};

void measure_gradient(Canvas& canvas) {
    canvas.gradient.assign(canvas.size(), 0.0F);
    canvas.gradient_x.assign(canvas.size(), 0.0F);
    canvas.gradient_y.assign(canvas.size(), 0.0F);
    const int width = canvas.width;
    for (int y = 1; y + 1 < canvas.height; ++y) {
        const float* above = &canvas.luma[canvas.at(0, y - 1)];
        const float* here = above + width;
        const float* below = here + width;
        float* out_x = &canvas.gradient_x[canvas.at(0, y)];
        float* out_y = &canvas.gradient_y[canvas.at(0, y)];
        float* out = &canvas.gradient[canvas.at(0, y)];
        for (int x = 1; x + 1 < width; ++x) {
            const float horizontal = (above[x + 1] + 2 * here[x + 1] + below[x + 1] - above[x - 1] -
                                      2 * here[x - 1] - below[x - 1]) /
                                     4;
            const float vertical =
                (below[x - 1] + 2 * below[x] + below[x + 1] - above[x - 1] - 2 * above[x] - above[x + 1]) / 4;
            out_x[x] = horizontal;
            out_y[x] = vertical;
            out[x] = std::sqrt(horizontal * horizontal + vertical * vertical);
        }
    }
}

}  // namespace

Canvas make_canvas(const RgbImage& image) {
    static const ColorTable table;
    Canvas canvas;
    const double pixels = static_cast<double>(image.width) * image.height;
    const double scale = std::min(1.0, std::sqrt(static_cast<double>(kCanvasPixels) / pixels));
    canvas.width = std::max(1, static_cast<int>(std::lround(image.width * scale)));
    canvas.height = std::max(1, static_cast<int>(std::lround(image.height * scale)));
    canvas.rgb = canvas.width == image.width && canvas.height == image.height
                     ? image.pixels
                     : area_shrink(image, canvas.width, canvas.height);
    const std::size_t count = static_cast<std::size_t>(canvas.width) * canvas.height;
    canvas.luma.resize(count);
    canvas.saturation.resize(count);
    canvas.red_cyan.resize(count);
    canvas.yellow_blue.resize(count);
    canvas.name.resize(count);
    canvas.hue_bin.resize(count);
    constexpr float kHalfRoot3 = static_cast<float>(std::numbers::sqrt3 / 2);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t* pixel = &canvas.rgb[i * 3];
        const float red = static_cast<float>(pixel[0]) / 255.0F;
        const float green = static_cast<float>(pixel[1]) / 255.0F;
        const float blue = static_cast<float>(pixel[2]) / 255.0F;
        canvas.luma[i] = 0.2126F * red + 0.7152F * green + 0.0722F * blue;
        canvas.saturation[i] = std::max({red, green, blue}) - std::min({red, green, blue});
        canvas.red_cyan[i] = red - (green + blue) / 2;
        canvas.yellow_blue[i] = kHalfRoot3 * (green - blue);
        const NamedColor named = table.find(pixel);
        canvas.name[i] = named.name;
        canvas.hue_bin[i] = named.hue_bin;
    }
    measure_gradient(canvas);
    return canvas;
}

}  // namespace bgm
