#include "tests/workers/image/drawn_scenes.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace bgm::test {
namespace {

struct Color {
    double red;
    double green;
    double blue;
};

Color mix(Color a, Color b, double part) {
    return {a.red + (b.red - a.red) * part, a.green + (b.green - a.green) * part,
            a.blue + (b.blue - a.blue) * part};
}

// 0..1, the same for the same place every time.
double grain(int x, int y) {
    auto hash = static_cast<std::uint32_t>(x) * 374761393U + static_cast<std::uint32_t>(y) * 668265263U;
    hash = (hash ^ (hash >> 13U)) * 1274126177U;
    return static_cast<double>((hash ^ (hash >> 16U)) & 0xFFFFU) / 65535.0;
}

// `color` is called with the place as 0..1 across and down, and the pixel.
template <typename Function>
RgbImage draw(int width, int height, Function&& color) {
    RgbImage image;
    image.width = width;
    image.height = height;
    image.pixels.reserve(static_cast<std::size_t>(width) * height * 3);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const Color c = color((x + 0.5) / width, (y + 0.5) / height, x, y);
            for (const double value : {c.red, c.green, c.blue}) {
                image.pixels.push_back(static_cast<std::uint8_t>(std::clamp(value + 0.5, 0.0, 255.0)));
            }
        }
    }
    return image;
}

}  // namespace

RgbImage draw_sunset(int width, int height) {
    return draw(width, height, [](double across, double down, int x, int y) {
        const double noise = 6 * (grain(x, y) - 0.5);
        Color color = mix({150, 70, 90}, {255, 160, 50}, std::min(down / 0.65, 1.0));
        if (down > 0.65) color = mix({90, 45, 40}, {20, 15, 30}, (down - 0.65) / 0.35);
        const double sun = std::hypot(across - 0.5, down - 0.55);
        if (sun < 0.06 && down < 0.65) color = {255, 235, 170};
        return Color{color.red + noise, color.green + noise, color.blue + noise};
    });
}

RgbImage draw_forest(int width, int height) {
    return draw(width, height, [](double, double down, int x, int y) {
        const double leaf = 0.6 * grain(x / 5, y / 5) + 0.4 * grain(x / 2, y / 2);
        return mix({20, 60, 15}, {120, 185, 60}, leaf * (1.1 - 0.5 * down));
    });
}

RgbImage draw_night(int width, int height) {
    return draw(width, height, [](double, double down, int x, int y) {
        const double lamp = grain(x / 9, y / 9);
        const double noise = 8 * grain(x, y);
        if (lamp > 0.96 && down > 0.2) return Color{255, 30, 160};
        if (lamp > 0.92 && down > 0.2) return Color{20, 200, 255};
        if (lamp > 0.9 && down > 0.2) return Color{255, 230, 120};
        return Color{10 + noise, 10 + noise, 22 + noise};
    });
}

RgbImage draw_gloom(int width, int height) {
    return draw(width, height, [](double, double down, int x, int y) {
        const double shade = 20 + 45 * grain(x / 12, y / 12) + 25 * (1 - down);
        return Color{shade, shade, shade + 4};
    });
}

RgbImage draw_sky(int width, int height) {
    return draw(width, height, [](double, double down, int x, int y) {
        if (down < 0.6) return mix({70, 140, 235}, {150, 200, 250}, down / 0.6);
        return mix({60, 130, 40}, {110, 190, 70}, grain(x / 3, y / 3));
    });
}

RgbImage draw_flat(int width, int height, int red, int green, int blue) {
    return draw(width, height, [&](double, double, int, int) {
        return Color{1.0 * red, 1.0 * green, 1.0 * blue};
    });
}

RgbImage draw_quarters(int width, int height) {
    return draw(width, height, [](double across, double down, int x, int y) {
        const double wave = 20 * std::sin(x * 0.13) * std::cos(y * 0.07);
        const Color top = across < 0.4 ? Color{220, 60, 40} : Color{240, 220, 120};
        const Color bottom = across < 0.4 ? Color{20, 40, 90} : Color{60, 150, 70};
        const Color color = down < 0.3 ? top : bottom;
        return Color{color.red + wave, color.green + wave, color.blue + wave};
    });
}

RgbImage stored_for(const RgbImage& shown, int orientation) {
    const bool transposed = orientation >= 5;
    RgbImage stored;
    stored.width = transposed ? shown.height : shown.width;
    stored.height = transposed ? shown.width : shown.height;
    stored.pixels.resize(shown.pixels.size());
    for (int y = 0; y < stored.height; ++y) {
        for (int x = 0; x < stored.width; ++x) {
            // Where the stored pixel is seen, spelled out from the Exif table one orientation at a time.
            int seen_x = x;
            int seen_y = y;
            const int right = shown.width - 1;
            const int bottom = shown.height - 1;
            switch (orientation) {
                case 2:
                    seen_x = right - x;
                    break;
                case 3:
                    seen_x = right - x, seen_y = bottom - y;
                    break;
                case 4:
                    seen_y = bottom - y;
                    break;
                case 5:
                    seen_x = y, seen_y = x;
                    break;
                case 6:
                    seen_x = right - y, seen_y = x;
                    break;
                case 7:
                    seen_x = right - y, seen_y = bottom - x;
                    break;
                case 8:
                    seen_x = y, seen_y = bottom - x;
                    break;
                default:
                    break;
            }
            const auto from = (static_cast<std::size_t>(seen_y) * shown.width + seen_x) * 3;
            const auto to = (static_cast<std::size_t>(y) * stored.width + x) * 3;
            std::copy_n(&shown.pixels[from], 3, &stored.pixels[to]);
        }
    }
    return stored;
}

double difference(const RgbImage& a, const RgbImage& b) {
    if (a.width != b.width || a.height != b.height || a.pixels.empty())
        return std::numeric_limits<double>::infinity();
    double sum = 0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i)
        sum += std::abs(a.pixels[i] - b.pixels[i]);
    return sum / static_cast<double>(a.pixels.size());
}

}  // namespace bgm::test
