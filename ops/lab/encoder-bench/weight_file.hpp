// A model.safetensors of random weights, as large as a real one, written without ever being in memory.
//
// The same numbers for the same names and shapes on every machine. One thread; an Error where the disk fails.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "schemas/result.hpp"

namespace bgm::bench {

class WeightFile {
 public:
    /// F32, evenly spread over centre - spread ... centre + spread.
    void add(const std::string& name, const std::vector<std::int64_t>& shape, float spread, float centre = 0);
    /// Rows keep their size: a spread of sqrt(3 / in).
    void add_linear(const std::string& prefix, std::int64_t in, std::int64_t out, bool bias = true);
    void add_norm(const std::string& prefix, std::int64_t width);

    /// Also makes the folder.
    Status write(const std::filesystem::path& file) const;

 private:
    struct Tensor {
        std::string name;
        std::vector<std::int64_t> shape;
        std::uint64_t elements;
        float spread;
        float centre;
    };
    std::vector<Tensor> tensors_;
};

/// A small file beside the weights.
Status write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace bgm::bench
