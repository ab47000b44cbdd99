#include "workers/image/composition_features.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace bgm {
namespace {

constexpr float kEdge = 0.1F;  // a step of a tenth of the brightness range

// Share of a plane's fine detail that lies in the middle quarter of the picture, beyond the quarter it would
// have by chance: 0 = sharp everywhere, 1 = only the middle is sharp.
float depth_of_field(const Canvas& canvas, const std::vector<float>& plane) {
    double inner = 0;
    double total = 0;
    for (int y = 0; y + 1 < canvas.height; ++y) {
        const bool middle_row = y * 4 >= canvas.height && y * 4 < canvas.height * 3;
        for (int x = 0; x + 1 < canvas.width; ++x) {
            const std::size_t i = canvas.at(x, y);
            const float detail =
                std::fabs(plane[i] - plane[i + 1]) + std::fabs(plane[i] - plane[i + canvas.width]);
            total += detail;
            if (middle_row && x * 4 >= canvas.width && x * 4 < canvas.width * 3) inner += detail;
        }
    }
    if (total < 1e-6) return 0;
    return std::clamp(static_cast<float>((inner / total - 0.25) / 0.75), 0.0F, 1.0F);
}

// 1: each pixel equals its mirror image; 0: they are as different as black and white.
float symmetry(const Canvas& canvas, bool left_right) {
    double difference = 0;
    for (int y = 0; y < canvas.height; ++y) {
        const int mirror_y = left_right ? y : canvas.height - 1 - y;
        for (int x = 0; x < canvas.width; ++x) {
            const int mirror_x = left_right ? canvas.width - 1 - x : x;
            difference +=
                std::fabs(canvas.luma[canvas.at(x, y)] - canvas.luma[canvas.at(mirror_x, mirror_y)]);
        }
    }
    const double mean = difference / static_cast<double>(canvas.size());
    return static_cast<float>(std::clamp(1.0 - 2.0 * mean, 0.0, 1.0));
}

// Edges, sorted by whether a small neighbourhood agrees on one direction. Machajdik and Hanbury find lines
// with the Hough transform; the structure tensor of each cell says the same at a hundredth of the cost.
struct Lines {
    float horizontal =
        0;  // shares of the edge energy that lies in straight pieces: within 15 degrees of level,
    float vertical = 0;   // of upright,
    float slanted = 0;    // and the rest
    float roundness = 0;  // 0: every cell is straight; 1: no cell has a direction
    float corners = 0;    // share of the cells with edges in which two directions are strong
};

Lines measure_lines(const Canvas& canvas) {
    constexpr int kCell = 12;
    double straight_horizontal = 0;
    double straight_vertical = 0;
    double straight_slanted = 0;
    double total = 0;
    double round = 0;
    int busy_cells = 0;
    int corner_cells = 0;
    for (int top = 0; top < canvas.height; top += kCell) {
        for (int left = 0; left < canvas.width; left += kCell) {
            float xx = 0;
            float yy = 0;
            float xy = 0;
            for (int y = top; y < std::min(top + kCell, canvas.height); ++y) {
                for (int x = left; x < std::min(left + kCell, canvas.width); ++x) {
                    const float gx = canvas.gradient_x[canvas.at(x, y)];
                    const float gy = canvas.gradient_y[canvas.at(x, y)];
                    xx += gx * gx;
                    yy += gy * gy;
                    xy += gx * gy;
                }
            }
            const float energy = xx + yy;
            if (energy < kCell * kEdge * kEdge) continue;  // less than one edge across the cell
            busy_cells += 1;
            const float coherence = std::hypot(xx - yy, 2 * xy) / energy;
            if (coherence < 0.5F) corner_cells += 1;
            total += energy;
            round += energy * (1 - coherence);
            // The gradient stands across the line: a level line has an upright gradient.
            const float gradient_angle = 0.5F * std::atan2(2 * xy, xx - yy);  // -90..90 degrees
            constexpr float kFifteenDegrees = 0.2618F;
            constexpr float kUpright = 1.5708F;
            const float strength = energy * coherence;
            if (std::fabs(gradient_angle) > kUpright - kFifteenDegrees) {
                straight_horizontal += strength;
            } else if (std::fabs(gradient_angle) < kFifteenDegrees) {
                straight_vertical += strength;
            } else {
                straight_slanted += strength;
            }
        }
    }
    Lines lines;
    const double straight = straight_horizontal + straight_vertical + straight_slanted;
    if (straight > 0) {
        lines.horizontal = static_cast<float>(straight_horizontal / straight);
        lines.vertical = static_cast<float>(straight_vertical / straight);
        lines.slanted = static_cast<float>(straight_slanted / straight);
    }
    if (total > 0) lines.roundness = static_cast<float>(round / total);
    if (busy_cells > 0) lines.corners = static_cast<float>(corner_cells) / static_cast<float>(busy_cells);
    return lines;
}

// Mean of a plane in the inner third less its mean over the picture: where the eye is led, by Datta et al.
// (2006).
float inner_third(const Canvas& canvas, const std::vector<float>& plane) {
    double inner = 0;
    double total = 0;
    int count = 0;
    for (int y = 0; y < canvas.height; ++y) {
        for (int x = 0; x < canvas.width; ++x) {
            const float value = plane[canvas.at(x, y)];
            total += value;
            if (y * 3 >= canvas.height && y * 3 < canvas.height * 2 && x * 3 >= canvas.width &&
                x * 3 < canvas.width * 2) {
                inner += value;
                count += 1;
            }
        }
    }
    if (count == 0) return 0;
    return static_cast<float>(inner / count - total / static_cast<double>(canvas.size()));
}

struct Edges {
    float share = 0;  // of the pixels
    float x = 0.5F;   // centre of gravity, 0..1
    float y = 0.5F;
    float spread = 0;  // 0: all in one place; 1: over the whole picture
};

Edges measure_edges(const Canvas& canvas) {
    double weight = 0;
    double sum_x = 0;
    double sum_y = 0;
    double squares = 0;
    int count = 0;
    for (int y = 0; y < canvas.height; ++y) {
        const double down = (y + 0.5) / canvas.height;
        for (int x = 0; x < canvas.width; ++x) {
            const float gradient = canvas.gradient[canvas.at(x, y)];
            if (gradient < kEdge) continue;
            const double across = (x + 0.5) / canvas.width;
            count += 1;
            weight += gradient;
            sum_x += gradient * across;
            sum_y += gradient * down;
            squares += gradient * (across * across + down * down);
        }
    }
    Edges edges;
    edges.share = static_cast<float>(count) / static_cast<float>(canvas.size());
    if (weight > 0) {
        const double mean_x = sum_x / weight;
        const double mean_y = sum_y / weight;
        const double variance = std::max(0.0, squares / weight - mean_x * mean_x - mean_y * mean_y);
        edges.x = static_cast<float>(mean_x);
        edges.y = static_cast<float>(mean_y);
        edges.spread =
            static_cast<float>(std::min(1.0, std::sqrt(variance * 6)));  // edges everywhere: variance 1/6
    }
    return edges;
}

// The largest step between a row and the next few rows, each averaged over the width: a level line through
// the picture.
float horizon(const Canvas& canvas) {
    constexpr int kBand = 6;
    if (canvas.height < 3 * kBand) return 0;
    std::vector<float> rows(canvas.height);
    for (int y = 0; y < canvas.height; ++y) {
        double sum = 0;
        for (int x = 0; x < canvas.width; ++x)
            sum += canvas.luma[canvas.at(x, y)];
        rows[y] = static_cast<float>(sum / canvas.width);
    }
    float best = 0;
    for (int y = kBand; y + kBand <= canvas.height; ++y) {
        float above = 0;
        float below = 0;
        for (int i = 0; i < kBand; ++i) {
            above += rows[y - 1 - i];
            below += rows[y + i];
        }
        best = std::max(best, std::fabs(above - below) / kBand);
    }
    return best;
}

}  // namespace

CompositionFeatures measure_composition(const Canvas& canvas) {
    CompositionFeatures features{};
    auto next = features.begin();
    const auto put = [&next](float value) { *next++ = value; };
    const Edges edges = measure_edges(canvas);
    const Lines lines = measure_lines(canvas);
    put(edges.share);
    put(depth_of_field(canvas, canvas.luma));
    put(depth_of_field(canvas, canvas.saturation));
    put(symmetry(canvas, true));
    put(symmetry(canvas, false));
    put(lines.horizontal);
    put(lines.vertical);
    put(lines.slanted);
    put(lines.roundness);
    put(lines.corners);
    put(inner_third(canvas, canvas.luma));
    put(inner_third(canvas, canvas.saturation));
    put(edges.x);
    put(edges.y);
    put(edges.spread);
    put(horizon(canvas));
    put(std::log2(static_cast<float>(canvas.height) / static_cast<float>(canvas.width)));
    return features;
}

}  // namespace bgm
