#include "workers/image/texture_features.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace bgm {
namespace {

// Sums over any rectangle in four look-ups.
class IntegralImage {
 public:
    explicit IntegralImage(const Canvas& canvas)
        : stride_(canvas.width + 1), sums_(static_cast<std::size_t>(stride_) * (canvas.height + 1), 0.0F) {
        for (int y = 0; y < canvas.height; ++y) {
            double row = 0;
            for (int x = 0; x < canvas.width; ++x) {
                row += canvas.luma[canvas.at(x, y)];
                sums_[at(x + 1, y + 1)] = sums_[at(x + 1, y)] + static_cast<float>(row);
            }
        }
    }
    /// Mean over [left, left + size) x [top, top + size), which must lie inside.
    float mean(int left, int top, int size) const {
        const float sum = sums_[at(left + size, top + size)] - sums_[at(left, top + size)] -
                          sums_[at(left + size, top)] + sums_[at(left, top)];
        return sum / static_cast<float>(size * size);
    }

 private:
    std::size_t at(int x, int y) const { return static_cast<std::size_t>(y) * stride_ + x; }
    int stride_;
    std::vector<float> sums_;
};

// The size of window (2 .. 32 pixels) in which neighbouring windows differ most, averaged; 0 = finest, 1 =
// coarsest.
float coarseness(const Canvas& canvas) {
    constexpr int kLevels = 5;
    constexpr int kStep = 6;  // every 36th pixel is enough for a mean
    const IntegralImage sums(canvas);
    double total = 0;
    int count = 0;
    for (int y = 0; y < canvas.height; y += kStep) {
        for (int x = 0; x < canvas.width; x += kStep) {
            float best = 0.02F;  // smaller differences are noise: flat areas count as coarse
            int best_level = kLevels;
            for (int level = 1; level <= kLevels; ++level) {
                const int size = 1 << level;
                const int left = x - size;
                const int top = y - size;
                if (left < 0 || top < 0 || x + size > canvas.width || y + size > canvas.height) break;
                const int half = size / 2;
                const float across =
                    std::fabs(sums.mean(x, y - half, size) - sums.mean(left, y - half, size));
                const float down = std::fabs(sums.mean(x - half, y, size) - sums.mean(x - half, top, size));
                const float difference = std::max(across, down);
                if (difference > best) {
                    best = difference;
                    best_level = level;
                }
            }
            total += best_level - 1;
            count += 1;
        }
    }
    return count > 0 ? static_cast<float>(total / count / (kLevels - 1)) : 1.0F;
}

// Standard deviation over the fourth root of the kurtosis: a few bright points count less than many shades.
float tamura_contrast(const Canvas& canvas) {
    double mean = 0;
    for (const float value : canvas.luma)
        mean += value;
    mean /= static_cast<double>(canvas.size());
    double second = 0;
    double fourth = 0;
    for (const float value : canvas.luma) {
        const double square = (value - mean) * (value - mean);
        second += square;
        fourth += square * square;
    }
    second /= static_cast<double>(canvas.size());
    fourth /= static_cast<double>(canvas.size());
    if (fourth < 1e-12) return 0;
    return static_cast<float>(std::sqrt(second) / std::pow(fourth / (second * second), 0.25));
}

// 1: all edges run the same way; 0: every way alike. Length of the mean doubled-angle vector, so that the two
// sides of a line count as one direction.
float directionality(const Canvas& canvas) {
    double cosine = 0;
    double sine = 0;
    double total = 0;
    for (std::size_t i = 0; i < canvas.size(); ++i) {
        const float gx = canvas.gradient_x[i];
        const float gy = canvas.gradient_y[i];
        cosine += gx * gx - gy * gy;
        sine += 2 * gx * gy;
        total += gx * gx + gy * gy;
    }
    return total > 1e-9 ? static_cast<float>(std::hypot(cosine, sine) / total) : 0.0F;
}

struct CoOccurrence {
    float contrast = 0;     // 0..1, mean squared difference of neighbouring levels
    float correlation = 1;  // -1..1
    float energy = 1;       // 0..1, 1 = one single pair
    float homogeneity = 1;  // 0..1
};

// Neighbours one pixel to the right, below, and on both diagonals; 16 levels of luma.
CoOccurrence co_occurrence(const Canvas& canvas) {
    constexpr int kLevels = 16;
    if (canvas.width < 2 || canvas.height < 2) return {};
    std::vector<std::uint8_t> levels(canvas.size());
    std::transform(canvas.luma.begin(), canvas.luma.end(), levels.begin(), [](float luma) {
        return static_cast<std::uint8_t>(std::min(static_cast<int>(luma * kLevels), kLevels - 1));
    });
    std::array<std::uint32_t, kLevels * kLevels> pairs{};
    for (int y = 0; y + 1 < canvas.height; ++y) {
        const std::uint8_t* here = &levels[canvas.at(0, y)];
        const std::uint8_t* below = here + canvas.width;
        for (int x = 0; x + 1 < canvas.width; ++x) {
            pairs[here[x] * kLevels + here[x + 1]] += 1;
            pairs[here[x] * kLevels + below[x]] += 1;
            pairs[here[x] * kLevels + below[x + 1]] += 1;
            pairs[here[x + 1] * kLevels + below[x]] += 1;
        }
    }
    const double total = 4.0 * (canvas.width - 1) * (canvas.height - 1);
    double mean = 0;
    for (int a = 0; a < kLevels; ++a) {
        for (int b = 0; b < kLevels; ++b)
            mean += (a + b) / 2.0 * (pairs[a * kLevels + b] / total);
    }
    double contrast = 0;
    double variance = 0;
    double covariance = 0;
    double energy = 0;
    double homogeneity = 0;
    for (int a = 0; a < kLevels; ++a) {
        for (int b = 0; b < kLevels; ++b) {
            // The matrix is made symmetric, so that a pair counts the same from both ends.
            const double share = (pairs[a * kLevels + b] + pairs[b * kLevels + a]) / (2.0 * total);
            const double difference = a - b;
            contrast += share * difference * difference;
            variance += share * (a - mean) * (a - mean);
            covariance += share * (a - mean) * (b - mean);
            energy += share * share;
            homogeneity += share / (1.0 + std::fabs(difference));
        }
    }
    constexpr double kContrastScale = 15.0;  // neighbours rarely differ by more than four of the 15 steps
    CoOccurrence result;
    result.contrast = static_cast<float>(contrast / kContrastScale);
    result.correlation = variance > 1e-9 ? static_cast<float>(covariance / variance) : 1.0F;
    result.energy = static_cast<float>(energy);
    result.homogeneity = static_cast<float>(homogeneity);
    return result;
}

// Mean size of the details at three scales.
std::array<float, 3> wavelet_energy(std::vector<float> plane, int width, int height) {
    std::array<float, 3> energies{};
    for (float& energy : energies) {
        const int half_width = width / 2;
        const int half_height = height / 2;
        if (half_width == 0 || half_height == 0) break;
        double sum = 0;
        std::vector<float> half(static_cast<std::size_t>(half_width) * half_height);
        for (int y = 0; y < half_height; ++y) {
            const float* upper = plane.data() + static_cast<std::size_t>(2 * y) * width;
            const float* lower = upper + width;
            float row = 0;
            for (int x = 0; x < half_width; ++x) {
                const float a = upper[2 * x];
                const float b = upper[2 * x + 1];
                const float c = lower[2 * x];
                const float d = lower[2 * x + 1];
                half[static_cast<std::size_t>(y) * half_width + x] = (a + b + c + d) / 4;
                row += (std::fabs(a - b + c - d) + std::fabs(a + b - c - d) + std::fabs(a - b - c + d)) / 4;
            }
            sum += row;
        }
        energy = static_cast<float>(sum / (static_cast<double>(half_width) * half_height));
        plane = std::move(half);
        width = half_width;
        height = half_height;
    }
    return energies;
}

}  // namespace

TextureFeatures measure_texture(const Canvas& canvas) {
    TextureFeatures features{};
    auto next = features.begin();
    const auto put = [&next](float value) { *next++ = value; };
    put(coarseness(canvas));
    put(tamura_contrast(canvas));
    put(directionality(canvas));
    const CoOccurrence pairs = co_occurrence(canvas);
    put(pairs.contrast);
    put(pairs.correlation);
    put(pairs.energy);
    put(pairs.homogeneity);
    for (const float energy : wavelet_energy(canvas.luma, canvas.width, canvas.height))
        put(energy);
    for (const float energy : wavelet_energy(canvas.saturation, canvas.width, canvas.height))
        put(energy);
    return features;
}

}  // namespace bgm
