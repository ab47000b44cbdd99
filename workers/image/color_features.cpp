#include "workers/image/color_features.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace bgm {
namespace {

struct Moments {
    double sum = 0;
    double squares = 0;
    double count = 0;
    void add(double value) {
        sum += value;
        squares += value * value;
        count += 1;
    }
    float mean() const { return count > 0 ? static_cast<float>(sum / count) : 0.0F; }
    float sd() const {
        if (count <= 0) return 0;
        const double m = sum / count;
        return static_cast<float>(std::sqrt(std::max(0.0, squares / count - m * m)));
    }
};

// How warm a colour is and how much of it there is: +saturation at orange (hue 40 degrees), -saturation
// opposite to it.
float warmth(const Canvas& canvas, std::size_t i) {
    constexpr float kCos40 = 0.7660F;
    constexpr float kSin40 = 0.6428F;
    return kCos40 * canvas.red_cyan[i] + kSin40 * canvas.yellow_blue[i];
}

// Sums of three planes over a grid, fine enough that eighths and thirds are both made of whole cells.
class Grid {
 public:
    explicit Grid(const Canvas& canvas) : cells_(static_cast<std::size_t>(kSide) * kSide) {
        std::vector<int> column(canvas.width);
        for (int x = 0; x < canvas.width; ++x)
            column[x] = x * kSide / canvas.width;
        for (int y = 0; y < canvas.height; ++y) {
            Cell* row = &cells_[static_cast<std::size_t>(y * kSide / canvas.height) * kSide];
            const std::size_t start = canvas.at(0, y);
            for (int x = 0; x < canvas.width; ++x) {
                Cell& cell = row[column[x]];
                cell.luma += canvas.luma[start + x];
                cell.saturation += canvas.saturation[start + x];
                cell.warmth += warmth(canvas, start + x);
                cell.count += 1;
            }
        }
    }

    struct Cell {
        float luma = 0;
        float saturation = 0;
        float warmth = 0;
        float count = 0;
    };

    /// Means of one plane over columns x rows areas. Itten's contrasts are between areas, not between
    /// neighbouring pixels.
    template <int columns, int rows>
    std::array<float, columns * rows> means(float Cell::*plane) const {
        std::array<float, columns * rows> sums{};
        std::array<float, columns * rows> counts{};
        for (int y = 0; y < kSide; ++y) {
            for (int x = 0; x < kSide; ++x) {
                const Cell& cell = cells_[static_cast<std::size_t>(y) * kSide + x];
                const int area = y * rows / kSide * columns + x * columns / kSide;
                sums[area] += cell.*plane;
                counts[area] += cell.count;
            }
        }
        // A picture smaller than the grid leaves areas without a pixel: they count as the average, not as
        // black.
        const float mean = std::accumulate(sums.begin(), sums.end(), 0.0F) /
                           std::accumulate(counts.begin(), counts.end(), 0.0F);
        for (std::size_t i = 0; i < sums.size(); ++i)
            sums[i] = counts[i] > 0 ? sums[i] / counts[i] : mean;
        return sums;
    }

 private:
    static constexpr int kSide = 24;
    std::vector<Cell> cells_;
};

template <std::size_t count>
float sd_of(const std::array<float, count>& values) {
    Moments moments;
    for (const float value : values)
        moments.add(value);
    return moments.sd();
}

struct Histograms {
    std::array<float, 256> luma{};
    std::array<float, kColorNameCount> names{};
    std::array<float, kHueBinCount> hues{};  // weighted by saturation

    float share(int first, int last) const {
        float sum = 0;
        for (int i = first; i <= last; ++i)
            sum += luma[i];
        return sum;
    }
    float percentile(float part) const {
        float sum = 0;
        for (int i = 0; i < 256; ++i) {
            sum += luma[i];
            if (sum >= part) return static_cast<float>(i) / 255.0F;
        }
        return 1;
    }
};

Histograms count_values(const Canvas& canvas) {
    Histograms counts;
    std::array<int, 256> luma{};
    std::array<int, kColorNameCount> names{};
    double saturation = 0;
    std::array<double, kHueBinCount> hues{};
    for (std::size_t i = 0; i < canvas.size(); ++i) {
        luma[static_cast<int>(std::min(canvas.luma[i] * 255.0F + 0.5F, 255.0F))] += 1;
        names[static_cast<int>(canvas.name[i])] += 1;
        hues[canvas.hue_bin[i]] += canvas.saturation[i];
        saturation += canvas.saturation[i];
    }
    const auto pixels = static_cast<float>(canvas.size());
    for (int i = 0; i < 256; ++i)
        counts.luma[i] = static_cast<float>(luma[i]) / pixels;
    for (int i = 0; i < kColorNameCount; ++i)
        counts.names[i] = static_cast<float>(names[i]) / pixels;
    for (int i = 0; i < kHueBinCount && saturation > 0; ++i)
        counts.hues[i] = static_cast<float>(hues[i] / saturation);
    return counts;
}

// 0: one hue. 1: all hues alike.
float entropy(const std::array<float, kHueBinCount>& shares) {
    float sum = 0;
    for (const float share : shares) {
        if (share > 0) sum -= share * std::log(share);
    }
    return sum / std::log(static_cast<float>(kHueBinCount));
}

}  // namespace

ColorFeatures measure_color(const Canvas& canvas) {
    Moments luma;
    Moments saturation;
    Moments red_cyan;
    Moments yellow_blue;
    Moments red_green;    // Hasler and Suesstrunk's opponent axes: R - G
    Moments yellow_rest;  // and (R + G) / 2 - B
    Moments warm;
    double warm_pixels = 0;
    double cool_pixels = 0;
    double chroma = 0;
    constexpr float kColored = 0.06F;  // below it a pixel is neither warm nor cool
    for (std::size_t i = 0; i < canvas.size(); ++i) {
        luma.add(canvas.luma[i]);
        saturation.add(canvas.saturation[i]);
        red_cyan.add(canvas.red_cyan[i]);
        yellow_blue.add(canvas.yellow_blue[i]);
        chroma += std::sqrt(canvas.red_cyan[i] * canvas.red_cyan[i] +
                            canvas.yellow_blue[i] * canvas.yellow_blue[i]);
        const std::uint8_t* pixel = &canvas.rgb[i * 3];
        red_green.add((pixel[0] - pixel[1]) / 255.0);
        yellow_rest.add(((pixel[0] + pixel[1]) / 2.0 - pixel[2]) / 255.0);
        const float heat = warmth(canvas, i);
        warm.add(heat);
        if (heat > kColored) warm_pixels += 1;
        if (heat < -kColored) cool_pixels += 1;
    }
    const Histograms counts = count_values(canvas);
    const Grid grid(canvas);
    const auto light_cells = grid.means<8, 8>(&Grid::Cell::luma);
    const auto saturation_cells = grid.means<8, 8>(&Grid::Cell::saturation);
    const auto warmth_cells = grid.means<8, 8>(&Grid::Cell::warmth);
    const auto light_ninths = grid.means<3, 3>(&Grid::Cell::luma);
    const auto warmth_thirds = grid.means<1, 3>(&Grid::Cell::warmth);
    const auto saturation_thirds = grid.means<1, 3>(&Grid::Cell::saturation);

    const float brightness = luma.mean();
    const float colored = saturation.mean();
    const auto pixels = static_cast<float>(canvas.size());
    // 0 where nothing is coloured: the hue of gray is chance.
    const float concentration = chroma / pixels > 0.01F ? std::hypot(red_cyan.mean(), yellow_blue.mean()) *
                                                              pixels / static_cast<float>(chroma)
                                                        : 0.0F;
    const float colorfulness = std::hypot(red_green.sd(), yellow_rest.sd()) +
                               0.3F * std::hypot(red_green.mean(), yellow_rest.mean());

    ColorFeatures features{};
    auto next = features.begin();
    const auto put = [&next](float value) { *next++ = value; };
    put(brightness);
    put(luma.sd());
    put(colored);
    put(saturation.sd());
    put(0.69F * brightness +
        0.22F * colored);  // Valdez and Mehrabian 1994, for brightness and saturation in 0..1
    put(-0.31F * brightness + 0.60F * colored);
    put(-0.76F * brightness + 0.32F * colored);
    put(red_cyan.mean());
    put(yellow_blue.mean());
    put(concentration);
    put(entropy(counts.hues));
    put(colorfulness);
    put(warm.mean());
    put(static_cast<float>(warm_pixels) / pixels);
    put(static_cast<float>(cool_pixels) / pixels);
    put(sd_of(light_cells));
    put(sd_of(saturation_cells));
    put(sd_of(warmth_cells));
    put(counts.share(0, 25));
    put(counts.share(26, 89));
    put(counts.share(90, 165));
    put(counts.share(166, 229));
    put(counts.share(230, 255));
    put(counts.percentile(0.05F));
    put(counts.percentile(0.50F));
    put(counts.percentile(0.95F));
    for (const float share : counts.names)
        put(share);
    for (const float light : light_ninths)
        put(light);
    for (const float heat : warmth_thirds)
        put(heat);
    for (const float third : saturation_thirds)
        put(third);
    return features;
}

}  // namespace bgm
