// BLIP's image encoder: a vision transformer over the patches of a square image, with a class token in front.
//
// Immutable once made; belongs to one thread, as its TransformerStack does.
#pragma once

#include <torch/types.h>

#include <vector>

#include "workers/encoders/blip_config.hpp"

namespace bgm {

class CaptionVision {
 public:
    /// Takes the tensors `vision_model.*`; the error is that of the first one that is missing or misshapen.
    static Result<CaptionVision> open(const BlipConfig::Vision& config, const Weights& weights,
                                      const Arithmetic& arithmetic);

    /// pixels: [n, 3, image_size, image_size] F32, normalised; gives [n, 1 + patches, width]: what a decoder
    /// attends to. `hidden_states`, where given, receives the embeddings and what each block put out.
    torch::Tensor forward(const torch::Tensor& pixels,
                          std::vector<torch::Tensor>* hidden_states = nullptr) const;
    /// What transformers calls pooler_output, of forward()'s result: [n, width].
    torch::Tensor pooled(const torch::Tensor& image) const;

 private:
    CaptionVision(torch::Tensor class_token, torch::Tensor positions, torch::Tensor patch_weight,
                  torch::Tensor patch_bias, NormWeights norm, TransformerStack stack);

    torch::Tensor class_token_;                // [1, 1, width]
    torch::Tensor positions_;                  // [1, 1 + patches, width]
    torch::Tensor patch_weight_, patch_bias_;  // [width, 3, patch, patch], [width]
    NormWeights norm_;
    TransformerStack stack_;
};

}  // namespace bgm
