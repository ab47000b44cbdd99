#include "workers/image/resample_weights.hpp"

#include <algorithm>

namespace bgm {
namespace {

std::int32_t fixed_point(double weight) {
    const double scaled = weight * (1 << kWeightBits);
    return static_cast<std::int32_t>(weight < 0 ? -0.5 + scaled : 0.5 + scaled);
}

}  // namespace

ResampleWeights resample_weights(int source, std::int64_t target, std::int64_t first, int count,
                                 ResampleFilter filter) {
    ResampleWindows exact = resample_windows(source, target, first, count, filter);
    ResampleWeights axis{.spans = std::move(exact.spans), .weights = {}, .stride = exact.stride};
    axis.weights.resize(exact.weights.size());
    std::ranges::transform(exact.weights, axis.weights.begin(), fixed_point);
    return axis;
}

}  // namespace bgm
