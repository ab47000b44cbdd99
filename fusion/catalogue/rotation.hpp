// A fixed random turn of a space, after which no axis keeps its shape and all numbers of a vector are of one
// size: what codes of few bits need.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace bgm {

/// Products of two vectors stay what they were. `size`: a power of two, at least the vector's own; what it
/// has more is made up of zeros.
std::vector<float> rotated(std::span<const float> vector, std::size_t size);

}  // namespace bgm
