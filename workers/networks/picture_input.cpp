#include "workers/networks/picture_input.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "workers/media/resample_windows.hpp"

namespace bgm {
namespace {

// What one row or column of the result is made of: `weights` of consecutive ones of the source.
struct Mix {
    int first = 0;
    std::vector<float> weights;
};

// By a cubic filter: it is sharper than a triangle, which networks take for skin.
std::vector<Mix> mixes(int source, int target) {
    const ResampleWindows windows = resample_windows(source, target, 0, target, ResampleFilter::bicubic);
    std::vector<Mix> all;
    for (std::size_t i = 0; i < windows.spans.size(); ++i) {
        const auto [first, count] = windows.spans[i];
        all.push_back({.first = first, .weights = {windows.of(i), windows.of(i) + count}});
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
