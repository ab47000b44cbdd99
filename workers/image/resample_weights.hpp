// One axis of a resize with its weights in fixed point.
//
// Pillow's normalize_coeffs_8bpc() (src/libImaging/Resample.c), restated: the same double arithmetic in the
// same order, because the last bit of a weight decides pixels.
#pragma once

#include <cstdint>
#include <vector>

#include "workers/media/resample_windows.hpp"

namespace bgm {

inline constexpr int kWeightBits = 22;  // behind the point: 32 less 8 of a sample less 2 for overshoot

struct ResampleWeights {
    std::vector<ResampleWindows::Span> spans;  // one a target position
    std::vector<std::int32_t> weights;         // `stride` a target position, zeros behind the span's own
    int stride = 0;

    const std::int32_t* of(std::size_t target) const { return weights.data() + target * stride; }
};

/// For the target positions [first, first + count) of `target` in all.
ResampleWeights resample_weights(int source, std::int64_t target, std::int64_t first, int count,
                                 ResampleFilter filter);

}  // namespace bgm
