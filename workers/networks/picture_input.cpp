#include "workers/networks/picture_input.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace bgm {
namespace {

// What one row or column of the result is made of: `weights` of consecutive ones of the source.
struct Mix {
    int first = 0;
    std::vector<float> weights;
};

// The cubic of Keys (1981) with a = -0.5: sharper than a triangle, which networks take for skin.
double cubic(double x) {
    x = std::abs(x);
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
    return 0;
}

// Stretched where the picture shrinks, so that nothing aliases.
std::vector<Mix> mixes(int source, int target) {
    std::vector<Mix> all(static_cast<std::size_t>(target));
    const double scale = static_cast<double>(source) / target;
    const double stretch = std::max(scale, 1.0);
    for (int i = 0; i < target; ++i) {
        const double centre = (i + 0.5) * scale - 0.5;
        const int first = std::max(static_cast<int>(std::ceil(centre - 2 * stretch)), 0);
        const int last = std::min(static_cast<int>(std::floor(centre + 2 * stretch)), source - 1);
        Mix& mix = all[static_cast<std::size_t>(i)];
        mix.first = first;
        double sum = 0;
        std::vector<double> weights;
        for (int at = first; at <= last; ++at) {
            weights.push_back(cubic((at - centre) / stretch));
            sum += weights.back();
        }
        for (const double weight : weights)
            mix.weights.push_back(static_cast<float>(weight / sum));
    }
    return all;
}

// Writes into a window of `out`, whose rows have `stride` numbers.
void scale_into(const RgbImage& picture, const PixelBox& box, int width, int height, float* out,
                std::size_t stride) {
    const auto columns = mixes(box.width, width);
    const auto rows = mixes(box.height, height);
    const std::size_t row_numbers = static_cast<std::size_t>(box.width) * 3;
    std::vector<float> sums(row_numbers + 1);  // the last pixel, too, is read as four numbers
    for (int y = 0; y < height; ++y) {
        std::ranges::fill(sums, 0.0F);
        const Mix& mix = rows[static_cast<std::size_t>(y)];
        for (std::size_t k = 0; k < mix.weights.size(); ++k) {
            const std::size_t source_y = static_cast<std::size_t>(box.top + mix.first) + k;
            const std::uint8_t* from = &picture.pixels[(source_y * static_cast<std::size_t>(picture.width) +
                                                        static_cast<std::size_t>(box.left)) *
                                                       3];
            const float weight = mix.weights[k];
            for (std::size_t i = 0; i < row_numbers; ++i)
                sums[i] += weight * static_cast<float>(from[i]);
        }
        float* to = out + static_cast<std::size_t>(y) * stride;
        for (const Mix& column : columns) {
            const float* from = &sums[static_cast<std::size_t>(column.first) * 3];
            // Four lanes, of which the last is the next pixel's and dropped: a whole vector register.
            std::array<float, 4> colour{};
            for (const float weight : column.weights) {
                for (std::size_t lane = 0; lane < colour.size(); ++lane)
                    colour[lane] += weight * from[lane];
                from += 3;
            }
            for (std::size_t channel = 0; channel < 3; ++channel)
                *to++ = std::clamp(colour[channel], 0.0F, 255.0F);
        }
    }
}

}  // namespace

void scale_picture(const RgbImage& picture, const PixelBox& box, int width, int height,
                   std::span<float> out) {
    scale_into(picture, box, width, height, out.data(), static_cast<std::size_t>(width) * 3);
}

Fit fit_into_square(const RgbImage& picture, const PixelBox& box, int side, SquarePlace place,
                    std::span<float> out) {
    const double scale = static_cast<double>(side) / std::max(box.width, box.height);
    const Fit fit{.width = std::clamp(static_cast<int>(std::lround(box.width * scale)), 1, side),
                  .height = std::clamp(static_cast<int>(std::lround(box.height * scale)), 1, side)};
    const bool centre = place == SquarePlace::centre;
    const int left = centre ? (side - fit.width) / 2 : 0;
    const int top = centre ? (side - fit.height) / 2 : 0;
    std::ranges::fill(out, 0.0F);
    const std::size_t stride = static_cast<std::size_t>(side) * 3;
    scale_into(picture, box, fit.width, fit.height,
               &out[static_cast<std::size_t>(top) * stride + static_cast<std::size_t>(left) * 3], stride);
    return fit;
}

Fit fit_into_square(const RgbImage& picture, int side, SquarePlace place, std::span<float> out) {
    return fit_into_square(picture, {0, 0, picture.width, picture.height}, side, place, out);
}

}  // namespace bgm
