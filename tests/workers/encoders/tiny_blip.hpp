// A BLIP captioning model of a few thousand random weights, written the way a real one lies on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace bgm {

/// The tensors of a model by name: shape and values.
struct TinyTensor {
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};
using TinyTensors = std::map<std::string, TinyTensor>;

struct TinyBlip {
    /// Vocabulary of 24: bos 22, separator 2, padding 0; images of 8 x 8 in patches of 4.
    nlohmann::json config;
    TinyTensors tensors;

    /// The same weights for the same seed.
    explicit TinyBlip(std::uint32_t seed = 1);
    /// Writes config.json and model.safetensors (F32).
    void write(const std::filesystem::path& directory) const;
};

}  // namespace bgm
