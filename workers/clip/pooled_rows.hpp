// Several embeddings as one: what a video's frames or a sound's windows are together.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace bgm {

/// The weighted mean of `rows`, [weights.size(), width], scaled to length 1; zeros where they cancel. Where
/// nothing has weight, all count alike (the quality says that it means little).
std::vector<float> pooled(std::span<const float> rows, std::size_t width, std::span<const float> weights);

}  // namespace bgm
