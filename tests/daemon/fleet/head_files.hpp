// A tiny mood head as the bytes of a file, for tests of what carries heads around.
#pragma once

#include <string>
#include <vector>

#include "fusion/mood/mood.hpp"
#include "schemas/safetensors.hpp"

namespace bgm::testing {

/// Reads embeddings of `width` numbers; all weights are 0, and `precision` tells heads apart.
inline std::string head_file(const std::string& model, std::int64_t width = 2,
                             const std::string& precision = "1") {
    const auto zeros = [](std::int64_t count) {
        return std::string(static_cast<std::size_t>(count) * sizeof(float), '\0');
    };
    const auto moods = static_cast<std::int64_t>(kMoodCount);
    return write_safetensors({{"mood.weight", "F32", {moods, width}, zeros(moods * width)},
                              {"mood.bias", "F32", {moods}, zeros(moods)},
                              {"affect.weight", "F32", {2, width}, zeros(2 * width)},
                              {"affect.bias", "F32", {2}, zeros(2)}},
                             {{"model", model}, {"modality", "image"}, {"precision", precision}});
}

}  // namespace bgm::testing
