// What config.json says of a tower of CLAP, and what both towers end in.
//
// Read as transformers 4.34 reads it (ClapConfig, ClapAudioConfig, ClapTextConfig): absent keys have its
// defaults.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>

#include "workers/config_object.hpp"
#include "workers/encoders/layers.hpp"
#include "workers/encoders/weights.hpp"

namespace bgm {

/// The section of a tower, "audio" or "text". A checkpoint of that tower alone is all section.
ConfigObject clap_section(const ConfigObject& config, const std::string& tower);

/// The perceptron from a tower's width to the space that both towers share.
class ClapProjection {
 public:
    /// Sizes and activation from the whole model's config, weights from "audio_projection" or
    /// "text_projection".
    struct Shape {
        std::int64_t width = 0;
        std::int64_t dimensions = 512;
        Activation activation = Activation::relu;

        static Shape read(const ConfigObject& config, std::int64_t width);
    };
    static ClapProjection take(const Weights& weights, const std::string& prefix, const Shape& shape);

    /// [rows, width] to [rows, dimensions()].
    torch::Tensor forward(const torch::Tensor& rows) const;
    std::int64_t dimensions() const { return out_.weight.size(0); }

 private:
    LinearWeights in_, out_;
    Activation activation_ = Activation::relu;
};

/// What cosines are multiplied by: exp of the checkpoint's `name` ("logit_scale_a": for a sound over texts,
/// "logit_scale_t": for a text over sounds), or config.json's logit_scale_init_value where it has none.
double clap_logit_scale(const Weights& weights, const ConfigObject& config, const std::string& name);

}  // namespace bgm
