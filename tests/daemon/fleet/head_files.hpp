// A tiny mood head as the bytes of a file, for tests of what carries heads around.
#pragma once

#include <string>
#include <vector>

#include "fusion/mood/head_file.hpp"
#include "fusion/mood/mood.hpp"

namespace bgm::testing {

/// Reads embeddings of `width` numbers; all weights are 0, and `precision` tells heads apart.
inline std::string head_file(const std::string& model, std::int64_t width = 2,
                             const std::string& precision = "1") {
    const auto zeros = [](std::size_t count) { return std::vector<float>(count); };
    const auto columns = static_cast<std::size_t>(width);
    return write_head({.mood = zeros(kMoodCount * columns),
                       .mood_bias = zeros(kMoodCount),
                       .affect = zeros(2 * columns),
                       .affect_bias = zeros(2)},
                      {{"model", model}, {"modality", "image"}, {"precision", precision}});
}

}  // namespace bgm::testing
