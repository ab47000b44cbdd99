// Pixels to embeddings, whatever the model family. Free of libtorch: this is what a worker includes.
//
// A tower owns its weights (mapped, where their type allows) and its workspaces, and belongs to one thread.
// It keeps nothing of an image. It never throws.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "schemas/result.hpp"
#include "workers/encoders/tower_options.hpp"

namespace bgm {

class ImageTower {
 public:
    virtual ~ImageTower() = default;
    /// Pixels on a side of its square images.
    virtual std::int64_t image_size() const = 0;
    /// Numbers in an embedding.
    virtual std::int64_t dimensions() const = 0;
    /// What the model multiplies the cosine of an image and a text by, before a softmax over texts.
    virtual double logit_scale() const = 0;
    virtual const TowerArithmetic& arithmetic() const = 0;

    /// `pixels`: [count, 3, image_size, image_size], resized, cropped and normalised as the model's
    /// preprocessor_config.json says. Gives [count, dimensions], every row of length 1. `invalid_argument`
    /// where the number of pixels is no such shape.
    virtual Result<std::vector<float>> embed(std::span<const float> pixels, std::int64_t count) = 0;
};

/// The family is chosen by the directory's config.json: "clip" or "clip_vision_model". `not_found` or
/// `corrupt`, with the file and the key or tensor, where the directory does not hold such a model;
/// `unsupported` for another family, device or precision.
Result<std::unique_ptr<ImageTower>> open_image_tower(const std::filesystem::path& directory,
                                                     const TowerOptions& options);

}  // namespace bgm
