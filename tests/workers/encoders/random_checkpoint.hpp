// Named tensors of random numbers: written as a checkpoint lies on disk, and kept in double precision as the
// numbers that the file came to hold.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "workers/encoders/tower_options.hpp"

namespace bgm {

class RandomCheckpoint {
 public:
    /// The same numbers for the same seed and the same calls.
    explicit RandomCheckpoint(std::uint32_t seed) : random_(seed) {}

    /// F32, F16 or BF16, around `centre` and at most `spread` from it.
    void add(const std::string& name, const std::vector<std::int64_t>& shape, double spread,
             double centre = 0, const std::string& dtype = "F32");
    /// Spread so that rows keep their size.
    void add_linear(const std::string& prefix, std::int64_t in, std::int64_t out, bool bias = true,
                    const std::string& dtype = "F32");
    void add_norm(const std::string& prefix, std::int64_t width, const std::string& dtype = "F32");
    /// `count` blocks, with the names of each part given by `parts`: query, key, value, out, first norm, two
    /// of the perceptron, second norm.
    void add_blocks(const std::string& prefix, std::int64_t count, std::int64_t width, std::int64_t mlp_width,
                    const std::vector<std::string>& parts, const std::string& dtype = "F32");

    const std::vector<double>& operator[](const std::string& name) const { return tensors_.at(name).values; }
    std::vector<std::string> names() const;
    void erase(const std::string& name) { tensors_.erase(name); }

    void write(const std::filesystem::path& file) const;

 private:
    struct Tensor {
        std::string dtype;
        std::vector<std::int64_t> shape;
        std::string bytes;
        std::vector<double> values;
    };
    std::mt19937 random_;
    std::map<std::string, Tensor> tensors_;
};

inline const std::vector<std::string> kClipParts = {
    "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj",
    "layer_norm1",      "mlp.fc1",          "mlp.fc2",          "layer_norm2"};
inline const std::vector<std::string> kDistilBertParts = {
    "attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin",
    "sa_layer_norm",   "ffn.lin1",        "ffn.lin2",        "output_layer_norm"};

/// For models this small: threads would only wait for each other.
inline const TowerOptions kOneThread{.threads = 1};

/// A file with these bytes, and the folders that it lies in.
void write_file(const std::filesystem::path& file, const std::string& bytes);

/// A new folder of this process, which removes itself.
class ScratchFolder {
 public:
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

}  // namespace bgm
