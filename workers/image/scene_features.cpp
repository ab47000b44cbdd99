#include "workers/image/scene_features.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace bgm {
namespace {

// 0 at `low` and below, 1 at `high` and above; the other way round where low > high.
float ramp(float value, float low, float high) {
    return std::clamp((value - low) / (high - low), 0.0F, 1.0F);
}

// Light skin to dark skin by daylight (Kovac, Peer and Solina 2003).
bool is_skin(const std::uint8_t* rgb) {
    const int red = rgb[0];
    const int green = rgb[1];
    const int blue = rgb[2];
    return red > 95 && green > 40 && blue > 20 && red - std::min(green, blue) > 15 && red - green > 15 &&
           red > blue && red - green < 90;
}

struct Counts {
    float top = 0;     // pixels in the upper 40 %
    float bottom = 0;  // pixels in the lower half
    float sky = 0;
    float cloud = 0;
    float green = 0;
    float water = 0;
    float snow = 0;
    float skin = 0;
    float glow = 0;  // bright, warm and smooth, outside the lowest quarter
    float neon = 0;
    float pastel = 0;
    float vivid = 0;
    float red_dark = 0;
    float flat = 0;  // no gradient at all: drawn, not photographed
    float lamp = 0;
    float chroma = 0;
    float warm = 0;
    float luma = 0;
};

Counts count_pixels(const Canvas& canvas) {
    constexpr float kSmooth = 0.06F;
    Counts counts;
    for (int y = 0; y < canvas.height; ++y) {
        const bool top = y * 5 < canvas.height * 2;
        const bool bottom = y * 2 >= canvas.height;
        const bool above_ground = y * 4 < canvas.height * 3;
        for (int x = 0; x < canvas.width; ++x) {
            const std::size_t i = canvas.at(x, y);
            const std::uint8_t* rgb = &canvas.rgb[i * 3];
            const float value = static_cast<float>(std::max({rgb[0], rgb[1], rgb[2]})) / 255.0F;
            const float chroma = canvas.saturation[i];
            const float luma = canvas.luma[i];
            const bool smooth = canvas.gradient[i] < kSmooth;
            const int hue =
                canvas.hue_bin[i];  // 30 degrees each: 0 red, 1 orange, 2 yellow, 4 green, 6 cyan, 8 blue
            const bool bluish = hue >= 6 && hue <= 8 && chroma > 0.08F;
            const bool warm = (hue <= 1 || hue == 11) && chroma > 0.25F;
            counts.top += top ? 1 : 0;
            counts.bottom += bottom ? 1 : 0;
            counts.luma += luma;
            counts.chroma += chroma;
            counts.warm += canvas.red_cyan[i];
            if (top && smooth && bluish && value > 0.4F) counts.sky += 1;
            if (top && smooth && luma > 0.65F && chroma < 0.12F && luma < 0.99F) counts.cloud += 1;
            if (hue >= 2 && hue <= 5 && chroma > 0.08F && value > 0.12F && rgb[1] >= rgb[0])
                counts.green += 1;
            if (bottom && hue >= 5 && hue <= 8 && chroma > 0.08F && value > 0.2F) counts.water += 1;
            if (bottom && luma > 0.7F && chroma < 0.12F && (hue >= 6 && hue <= 9) && luma < 0.995F)
                counts.snow += 1;
            if (is_skin(rgb)) counts.skin += 1;
            if (above_ground && smooth && warm && value > 0.5F) counts.glow += 1;
            if (value > 0.6F && chroma > 0.4F) counts.neon += 1;
            if (luma > 0.7F) counts.lamp += 1;
            if (value > 0.75F && chroma > 0.06F && chroma < 0.35F) counts.pastel += 1;
            if (chroma > 0.5F && value > 0.5F) counts.vivid += 1;
            if ((hue == 0 || hue == 11) && chroma > 0.12F && value < 0.5F) counts.red_dark += 1;
            if (canvas.gradient[i] < 0.002F) counts.flat += 1;
        }
    }
    return counts;
}

// How much of the brightness follows the height in the picture, as a sky's does: 1 = every row is of one
// brightness.
float layered(const Canvas& canvas) {
    double total = 0;
    double squares = 0;
    double between = 0;
    for (int y = 0; y < canvas.height; ++y) {
        double row = 0;
        for (int x = 0; x < canvas.width; ++x) {
            const double luma = canvas.luma[canvas.at(x, y)];
            row += luma;
            squares += luma * luma;
        }
        total += row;
        between += row * row / canvas.width;
    }
    const double mean_part = total * total / static_cast<double>(canvas.size());
    const double variance = squares - mean_part;
    return variance > 1e-6 ? static_cast<float>(std::clamp((between - mean_part) / variance, 0.0, 1.0))
                           : 0.0F;
}

float median_luma(const Canvas& canvas) {
    std::array<int, 256> histogram{};
    for (const float luma : canvas.luma)
        histogram[static_cast<int>(std::min(luma * 255.0F, 255.0F))] += 1;
    std::size_t seen = 0;
    for (int i = 0; i < 256; ++i) {
        seen += histogram[i];
        if (seen * 2 >= canvas.size()) return static_cast<float>(i) / 255.0F;
    }
    return 1;
}

}  // namespace

SceneFeatures measure_scene(const Canvas& canvas) {
    const Counts counts = count_pixels(canvas);
    const auto pixels = static_cast<float>(canvas.size());
    const auto share = [](float count, float of) { return of > 0 ? count / of : 0.0F; };
    const float median = median_luma(canvas);
    const float brightness = counts.luma / pixels;
    const float chroma = counts.chroma / pixels;
    const float dark = ramp(median, 0.28F, 0.12F);
    double deviation = 0;
    for (const float luma : canvas.luma)
        deviation += (luma - brightness) * (luma - brightness);
    const float contrast = std::sqrt(static_cast<float>(deviation / pixels));
    const float graphic = ramp(share(counts.flat, pixels), 0.45F, 0.85F);
    const float photo = 1 - graphic;  // a drawing's blue area is no sky
    const float green = photo * ramp(share(counts.green, pixels), 0.1F, 0.6F);

    SceneFeatures features{};
    auto next = features.begin();
    const auto put = [&next](float value) { *next++ = value; };
    put(photo * ramp(share(counts.sky, counts.top), 0.15F, 0.8F));
    put(photo * ramp(share(counts.cloud, counts.top), 0.15F, 0.8F));
    put(green);
    put(photo * ramp(share(counts.water, counts.bottom), 0.25F, 0.85F));
    put(photo * ramp(share(counts.snow, counts.bottom), 0.15F, 0.6F));
    put(photo * ramp(share(counts.skin, pixels), 0.06F, 0.35F));
    put(photo * ramp(share(counts.glow, pixels), 0.1F, 0.4F) * ramp(layered(canvas), 0.1F, 0.5F));
    put(dark * ramp(share(counts.lamp, pixels), 0.002F, 0.03F));
    put(dark * ramp(share(counts.neon, pixels), 0.01F, 0.08F));
    put((1 - green) * ramp(brightness, 0.34F, 0.14F) *
        ramp(chroma, 0.16F, 0.05F));  // a dark wood is no gloom
    put(photo * ramp(contrast, 0.16F, 0.08F) * ramp(chroma, 0.15F, 0.06F) * ramp(brightness, 0.35F, 0.55F));
    put(photo * ramp(share(counts.pastel, pixels), 0.2F, 0.7F));
    put(ramp(share(counts.vivid, pixels), 0.1F, 0.5F));
    put(ramp(chroma, 0.05F, 0.015F));
    put(photo * ramp(counts.warm / pixels, 0.05F, 0.25F) * ramp(brightness, 0.15F, 0.35F));
    put(ramp(share(counts.red_dark, pixels), 0.1F, 0.4F));
    put(graphic);
    return features;
}

}  // namespace bgm
