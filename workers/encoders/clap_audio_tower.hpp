// CLAP's audio tower: HTSAT (Chen et al. 2022), a Swin transformer over a log-mel spectrum that is folded
// into a square image; the mean over its last tokens, projected, is the embedding.
//
// Owns its weights. Immutable, but belongs to one thread, as its blocks do.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <vector>

#include "schemas/result.hpp"
#include "workers/encoders/arithmetic.hpp"
#include "workers/encoders/clap_audio_config.hpp"
#include "workers/encoders/clap_config.hpp"
#include "workers/encoders/swin_stage.hpp"
#include "workers/encoders/tower_trace.hpp"

namespace bgm {

/// `hidden_states`: the patches, then what each stage puts out, as [batch, width, height, width of the grid].
/// `last_hidden_state`: after the last norm, grouped by frequency.
struct ClapAudioTrace : TowerTrace {
    torch::Tensor image;  // [batch, 1, side, side]
};

class ClapAudioTower {
 public:
    /// Of a "clap" or "clap_audio_model" directory. The error names the file and its key or tensor;
    /// `unsupported` for a model with fusion, which takes four spectra.
    static Result<ClapAudioTower> load(const std::filesystem::path& directory, const Arithmetic& arithmetic);

    /// mel: [batch, frames <= frames_max(), bands()] F32, in decibels. Gives [batch, dimensions()], not of
    /// length 1.
    torch::Tensor features(const torch::Tensor& mel, ClapAudioTrace* trace = nullptr) const;

    std::int64_t bands() const { return shape_.bands; }
    std::int64_t frames_max() const { return shape_.frames_max(); }
    std::int64_t dimensions() const { return projection_.dimensions(); }
    /// What the cosine of a sound and a text is multiplied by before a softmax over texts.
    double logit_scale() const { return logit_scale_; }

 private:
    ClapAudioTower() = default;
    // [batch, 1, side, side]
    torch::Tensor image(const torch::Tensor& mel) const;
    // [batch, tokens, width], in the first stage's order.
    torch::Tensor patches(const torch::Tensor& image) const;
    // Rows of stage number `stage` (or of its end, for the last) as [batch, width, height, width of the
    // grid].
    torch::Tensor as_grid(const torch::Tensor& rows, std::size_t stage) const;
    torch::Tensor grouped_by_frequency(const torch::Tensor& grid) const;

    ClapAudioShape shape_;
    torch::Tensor band_scale_, band_offset_;  // [bands]: the batch norm
    LinearWeights patch_embedding_;           // [width, patch height * patch width]
    NormWeights patch_norm_;
    std::vector<SwinStage> stages_;
    // Places of the patches in the first stage's order, and back to the grid's order from each stage's and
    // from the end.
    torch::Tensor patch_places_;
    std::vector<torch::Tensor> grid_places_;
    NormWeights last_norm_;
    ClapProjection projection_;
    double logit_scale_ = 0;
};

}  // namespace bgm
