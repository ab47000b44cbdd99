// One axis of a resize: which source positions each target position reads, and how much each one weighs.
//
// Pillow's precompute_coeffs() (src/libImaging/Resample.c), restated: the same double arithmetic in the same
// order, because the last bit of a weight decides pixels. Pure; any thread.
#pragma once

#include <cstdint>
#include <vector>

namespace bgm {

enum class ResampleFilter {
    bilinear,  // a triangle
    bicubic,   // Keys (1981) with a = -0.5
};

struct ResampleWindows {
    struct Span {
        int first = 0;  // source position
        int count = 0;
    };
    std::vector<Span> spans;  // one a target position
    std::vector<double>
        weights;  // `stride` a target position, zeros behind the span's own; each adds up to 1
    int stride = 0;

    const double* of(std::size_t target) const { return weights.data() + target * stride; }
};

/// For the target positions [first, first + count) of `target` in all. The filter is stretched where the
/// picture shrinks, so that nothing aliases.
ResampleWindows resample_windows(int source, std::int64_t target, std::int64_t first, int count,
                                 ResampleFilter filter);

}  // namespace bgm
