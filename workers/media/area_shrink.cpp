#include "workers/media/area_shrink.hpp"

#include <algorithm>
#include <cmath>

namespace bgm {
namespace {

// Which source columns (or rows) one target column covers, and by how much the first and last of them.
struct Cover {
    int first;
    int last;  // inclusive
    float first_weight;
    float last_weight;
};

std::vector<Cover> cover(int source, int target) {
    std::vector<Cover> covers(target);
    const double step = static_cast<double>(source) / target;
    for (int i = 0; i < target; ++i) {
        const double begin = i * step;
        const double end = std::min<double>((i + 1) * step, source);
        const int first = std::min(static_cast<int>(begin), source - 1);
        const int last = std::max(first, std::min(static_cast<int>(std::ceil(end)) - 1, source - 1));
        covers[i] = {first, last, static_cast<float>(std::min(first + 1.0, end) - begin),
                     static_cast<float>(end - std::max<double>(last, begin))};
    }
    return covers;
}

void add_row(const std::uint8_t* row, float weight, bool first, std::vector<float>& sums) {
    float* out = sums.data();
    const std::size_t count = sums.size();
    if (first) {
        for (std::size_t i = 0; i < count; ++i)
            out[i] = weight * static_cast<float>(row[i]);
        return;
    }
    for (std::size_t i = 0; i < count; ++i)
        out[i] += weight * static_cast<float>(row[i]);
}

// Rounded; the mean of bytes is never below 0.
std::uint8_t byte_of(float mean) {
    return static_cast<std::uint8_t>(std::min(static_cast<int>(mean + 0.5F), 255));
}

}  // namespace

// Rows first, then columns: adding up whole rows is what a processor does many at a time, and the columns,
// which it does one by one, are then left for the fewer rows of the result.
std::vector<std::uint8_t> area_shrink(const RgbImage& image, int width, int height) {
    const auto columns = cover(image.width, width);
    const auto rows = cover(image.height, height);
    std::vector<std::uint8_t> shrunk(static_cast<std::size_t>(width) * height * 3);
    const std::size_t row_bytes = static_cast<std::size_t>(image.width) * 3;
    std::vector<float> sums(row_bytes);
    const float share = 1.0F / (static_cast<float>(image.width) / static_cast<float>(width) *
                                (static_cast<float>(image.height) / static_cast<float>(height)));
    for (int y = 0; y < height; ++y) {
        const Cover& covered = rows[y];
        add_row(image.pixels.data() + covered.first * row_bytes, covered.first_weight, true, sums);
        for (int source_y = covered.first + 1; source_y <= covered.last; ++source_y)
            add_row(image.pixels.data() + source_y * row_bytes,
                    source_y == covered.last ? covered.last_weight : 1.0F, false, sums);
        std::uint8_t* to = shrunk.data() + static_cast<std::size_t>(y) * width * 3;
        for (const Cover& span : columns) {
            const float* pixel = sums.data() + static_cast<std::size_t>(span.first) * 3;
            float red = span.first_weight * pixel[0];
            float green = span.first_weight * pixel[1];
            float blue = span.first_weight * pixel[2];
            for (int x = span.first + 1; x <= span.last; ++x) {
                pixel += 3;
                const float weight = x == span.last ? span.last_weight : 1.0F;
                red += weight * pixel[0];
                green += weight * pixel[1];
                blue += weight * pixel[2];
            }
            *to++ = byte_of(red * share);
            *to++ = byte_of(green * share);
            *to++ = byte_of(blue * share);
        }
    }
    return shrunk;
}

}  // namespace bgm
