#include "workers/media/resample_windows.hpp"

#include <algorithm>
#include <cmath>

namespace bgm {
namespace {

double bilinear(double x) {
    x = std::abs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

double bicubic(double x) {
    constexpr double a = -0.5;
    x = std::abs(x);
    if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
    if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
    return 0.0;
}

}  // namespace

ResampleWindows resample_windows(int source, std::int64_t target, std::int64_t first, int count,
                                 ResampleFilter filter) {
    const double scale = static_cast<double>(source) / static_cast<double>(target);
    const double stretch = std::max(scale, 1.0);
    const double support = (filter == ResampleFilter::bicubic ? 2.0 : 1.0) * stretch;
    const double shrink = 1.0 / stretch;

    ResampleWindows axis;
    axis.stride = std::min(static_cast<int>(std::ceil(support)) * 2 + 1, source);
    axis.spans.resize(count);
    axis.weights.assign(static_cast<std::size_t>(count) * axis.stride, 0);
    for (int i = 0; i < count; ++i) {
        const double center = (static_cast<double>(first + i) + 0.5) * scale;
        const int begin = std::max(static_cast<int>(center - support + 0.5), 0);
        const int end = std::min(static_cast<int>(center + support + 0.5), source);
        double* weights = axis.weights.data() + static_cast<std::size_t>(i) * axis.stride;
        double sum = 0.0;
        for (int k = 0; k < end - begin; ++k) {
            const double x = (k + begin - center + 0.5) * shrink;
            weights[k] = filter == ResampleFilter::bicubic ? bicubic(x) : bilinear(x);
            sum += weights[k];
        }
        for (int k = 0; k < end - begin && sum != 0.0; ++k)
            weights[k] /= sum;
        axis.spans[i] = {begin, end - begin};
    }
    return axis;
}

}  // namespace bgm
