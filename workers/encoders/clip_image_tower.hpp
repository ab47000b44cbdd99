// CLIP's image tower: a vision transformer whose first position, projected, is the embedding (Radford et al.
// 2021).
//
// Owns its weights. Immutable, but belongs to one thread, as its blocks do.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>

#include "schemas/result.hpp"
#include "workers/encoders/arithmetic.hpp"
#include "workers/encoders/packed_linear.hpp"
#include "workers/encoders/tower_trace.hpp"
#include "workers/encoders/transformer.hpp"

namespace bgm {

class ClipImageTower {
 public:
    /// Of a "clip" or "clip_vision_model" directory. The error names the file and its key or tensor.
    static Result<ClipImageTower> load(const std::filesystem::path& directory, const Arithmetic& arithmetic);

    /// pixels: [batch, channels(), image_size(), image_size()] F32, normalised, on any device. Gives
    /// [batch, dimensions()], not of length 1: what get_image_features of transformers gives.
    torch::Tensor features(const torch::Tensor& pixels, TowerTrace* trace = nullptr) const;

    std::int64_t channels() const { return channels_; }
    std::int64_t image_size() const { return image_size_; }
    std::int64_t dimensions() const { return projection_.weight.size(0); }
    double logit_scale() const { return logit_scale_; }

 private:
    ClipImageTower(PackedLinear patch_embedding, TransformerStack stack)
        : patch_embedding_(std::move(patch_embedding)), stack_(std::move(stack)) {}
    // The first position and one position a patch: [batch, 1 + patches, width].
    torch::Tensor positions(const torch::Tensor& pixels) const;

    std::int64_t channels_ = 3;
    std::int64_t image_size_ = 224;
    std::int64_t patch_size_ = 32;
    PackedLinear patch_embedding_;      // [width, channels * patch * patch], without bias
    torch::Tensor class_embedding_;     // [width]
    torch::Tensor position_embedding_;  // [1 + patches, width]
    NormWeights first_norm_;
    TransformerStack stack_;
    NormWeights last_norm_;
    LinearWeights projection_;  // without bias
    double logit_scale_ = 100;
};

}  // namespace bgm
