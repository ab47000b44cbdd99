// One sentence a photo: what it shows. Free of libtorch: this is what a worker includes.
//
// A captioner owns its weights (mapped, where their type allows) and belongs to one thread. It keeps nothing
// of an image. It never throws.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "schemas/result.hpp"
#include "workers/encoders/tower_options.hpp"

namespace bgm {

class Captioner {
 public:
    virtual ~Captioner() = default;
    /// Pixels on a side of its square images.
    virtual std::int64_t image_size() const = 0;
    virtual const TowerArithmetic& arithmetic() const = 0;

    /// `pixels`: [n, 3, image_size, image_size], n at least 1, resized and normalised as the model's
    /// preprocessor_config.json says. `beams`: how many captions are followed side by side, 1 to 16; 1 is the
    /// fastest. Gives n captions, UTF-8, which may be empty. `invalid_argument` for a number of pixels that
    /// is no such shape and for other beams, `corrupt` where the weights or the vocabulary make no caption.
    virtual Result<std::vector<std::string>> caption(std::span<const float> pixels, std::size_t beams) = 0;
};

/// A directory of the "blip" family with its vocabulary. `not_found` or `corrupt`, with the file and the key
/// or tensor, where it does not hold such a model; `unsupported` for another family, device or way of
/// generating.
Result<std::unique_ptr<Captioner>> open_captioner(const std::filesystem::path& directory,
                                                  const TowerOptions& options);

}  // namespace bgm
