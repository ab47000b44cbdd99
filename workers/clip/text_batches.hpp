// Texts through a text tower, those of like length together, so that little is padded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "schemas/result.hpp"
#include "workers/encoders/text_tower.hpp"

namespace bgm {

/// An embedding for each text, in their order. `rows_max`: how many the tower takes at once. Errors are the
/// tower's, and of all of them.
Result<std::vector<std::vector<float>>> embed_texts(TextTower& tower,
                                                    std::span<const std::vector<std::int64_t>> texts,
                                                    std::size_t rows_max);

}  // namespace bgm
