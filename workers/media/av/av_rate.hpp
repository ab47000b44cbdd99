// Sound at another rate.
#pragma once

#include <span>
#include <vector>

namespace bgm {

/// The parts, one behind the other, at `to_hz`, by libswresample, without what lies above half of the lower
/// rate; as long in seconds as they were, to a sample. Nothing where libswresample refuses the rates.
std::vector<float> at_rate(std::span<const std::span<const float>> parts, int from_hz, int to_hz);

}  // namespace bgm
