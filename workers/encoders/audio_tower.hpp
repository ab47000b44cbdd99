// Log-mel spectra to embeddings, whatever the model family. Free of libtorch: this is what a worker includes.
//
// A tower owns its weights (mapped, where their type allows) and its workspaces, and belongs to one thread.
// It keeps nothing of a sound. It never throws.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "schemas/result.hpp"
#include "workers/encoders/tower_options.hpp"

namespace bgm {

class AudioTower {
 public:
    virtual ~AudioTower() = default;
    /// Bands of its spectra: what the feature extractor (workers/audio/clap_mel.hpp) is to give.
    virtual std::int64_t bands() const = 0;
    /// The most frames that a spectrum may have.
    virtual std::int64_t frames_max() const = 0;
    /// Numbers in an embedding.
    virtual std::int64_t dimensions() const = 0;
    /// What the model multiplies the cosine of a sound and a text by, before a softmax over texts.
    virtual double logit_scale() const = 0;
    virtual const TowerArithmetic& arithmetic() const = 0;

    /// `spectra`: [count, frames, bands()] in decibels, as the model's preprocessor_config.json says; any
    /// number of frames from 1 to frames_max(), the same for all. Gives [count, dimensions()], every row of
    /// length 1. `invalid_argument` where the number of values is no such shape.
    virtual Result<std::vector<float>> embed(std::span<const float> spectra, std::int64_t count) = 0;
};

/// The family is chosen by the directory's config.json: "clap" or "clap_audio_model". `not_found` or
/// `corrupt`, with the file and the key or tensor, where the directory does not hold such a model;
/// `unsupported` for another family, device or precision, and for a model with fusion.
Result<std::unique_ptr<AudioTower>> open_audio_tower(const std::filesystem::path& directory,
                                                     const TowerOptions& options);

}  // namespace bgm
