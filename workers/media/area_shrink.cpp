#include "workers/media/area_shrink.hpp"

#include <algorithm>
#include <array>
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

}  // namespace

// Two passes: columns of one source row, added up over the rows that a target row covers.
std::vector<std::uint8_t> area_shrink(const RgbImage& image, int width, int height) {
    const auto columns = cover(image.width, width);
    const auto rows = cover(image.height, height);
    std::vector<std::uint8_t> shrunk(static_cast<std::size_t>(width) * height * 3);
    std::vector<float> sums(static_cast<std::size_t>(width) * 3);
    const float area = static_cast<float>(image.width) / static_cast<float>(width) *
                       (static_cast<float>(image.height) / static_cast<float>(height));
    for (int y = 0; y < height; ++y) {
        std::fill(sums.begin(), sums.end(), 0.0F);
        for (int source_y = rows[y].first; source_y <= rows[y].last; ++source_y) {
            float row_weight = 1.0F;
            if (source_y == rows[y].first) {
                row_weight = rows[y].first_weight;
            } else if (source_y == rows[y].last) {
                row_weight = rows[y].last_weight;
            }
            const std::uint8_t* row =
                image.pixels.data() + static_cast<std::size_t>(source_y) * image.width * 3;
            for (int x = 0; x < width; ++x) {
                const Cover& span = columns[x];
                const std::uint8_t* pixel = row + static_cast<std::size_t>(span.first) * 3;
                std::array<float, 3> sum{};
                for (int c = 0; c < 3; ++c)
                    sum[c] = span.first_weight * pixel[c];
                if (span.last > span.first) {
                    std::array<int, 3> whole{};
                    pixel += 3;
                    for (int i = span.first + 1; i < span.last; ++i, pixel += 3) {
                        for (int c = 0; c < 3; ++c)
                            whole[c] += pixel[c];
                    }
                    for (int c = 0; c < 3; ++c)
                        sum[c] += static_cast<float>(whole[c]) + span.last_weight * pixel[c];
                }
                for (int c = 0; c < 3; ++c)
                    sums[static_cast<std::size_t>(x) * 3 + c] += row_weight * sum[c];
            }
        }
        std::uint8_t* to = shrunk.data() + static_cast<std::size_t>(y) * width * 3;
        for (std::size_t i = 0; i < sums.size(); ++i) {
            to[i] = static_cast<std::uint8_t>(std::clamp(sums[i] / area + 0.5F, 0.0F, 255.0F));
        }
    }
    return shrunk;
}

}  // namespace bgm
