// The tensors of a model directory as downloaded: model.safetensors, or the shards that
// model.safetensors.index.json names.
//
// F32 tensors on the CPU are used in place: they are views of the mapped file, whose pages all workers of a
// host share. F16 and BF16 are widened to F32 copies. A model asks for every tensor by name and shape; the
// first one that is missing or of another shape is remembered, and status() names it, so that a model asks
// for all and checks once. When the Weights themselves go, the pages read so far stop counting as memory of
// this process: what was packed or widened is not read again, and the rest comes back from the page cache.
// Any number of threads may read different Weights; one Weights belongs to one thread.
#pragma once

#include <torch/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

class Weights {
 public:
    /// `not_found` where the directory holds no safetensors, `corrupt` (with the file) for a hostile or half
    /// written one.
    static Result<Weights> open(const std::filesystem::path& directory, const torch::Device& device);

    bool has(const std::string& name) const;
    /// F32, contiguous, on the device. An undefined tensor after a mistake, which status() then tells.
    torch::Tensor take(const std::string& name, std::vector<std::int64_t> shape) const;
    /// As take(), but of the type that it is stored in, so that F16 and BF16 stay in place, too: for tables
    /// of which only some rows are looked up (lookup() in layers.hpp).
    torch::Tensor table(const std::string& name, std::vector<std::int64_t> shape) const;
    /// The first name that the files know: checkpoints differ in their prefixes.
    torch::Tensor take_any(const std::vector<std::string>& names, std::vector<std::int64_t> shape) const;

    /// `corrupt`, with the file and the tensor, from the first mistake on.
    Status status() const;

 private:
    struct Index;
    explicit Weights(std::shared_ptr<Index> index) : index_(std::move(index)) {}

    std::shared_ptr<Index> index_;
};

}  // namespace bgm
