#include "workers/clip/pooled_rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace bgm {

std::vector<float> pooled(std::span<const float> rows, std::size_t width, std::span<const float> weights) {
    std::vector<double> sum(width, 0);
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (std::size_t row = 0; row < weights.size(); ++row) {
        const double weight = total > 0 ? static_cast<double>(weights[row]) : 1.0;
        for (std::size_t i = 0; i < width; ++i)
            sum[i] += weight * static_cast<double>(rows[row * width + i]);
    }
    const double length = std::sqrt(std::inner_product(sum.begin(), sum.end(), sum.begin(), 0.0));
    std::vector<float> unit(width);
    std::transform(sum.begin(), sum.end(), unit.begin(),
                   [&](double value) { return static_cast<float>(length > 0 ? value / length : 0); });
    return unit;
}

}  // namespace bgm
