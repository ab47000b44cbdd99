// What config.json says of a tower of CLIP, and the blocks that both towers are made of.
//
// Read as transformers 4.34 reads it (CLIPConfig, CLIPVisionConfig, CLIPTextConfig): absent keys have its
// defaults, and a `vision_config_dict` or `text_config_dict`, as old files have it, stands in for the whole
// section.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workers/config_object.hpp"
#include "workers/encoders/transformer.hpp"
#include "workers/encoders/weights.hpp"

namespace bgm {

/// The section of a tower, "vision" or "text". A checkpoint of that tower alone is all section.
ConfigObject clip_section(const ConfigObject& config, const std::string& tower);

struct ClipShape {
    BlockShape block;
    std::int64_t layers = 12;
    double epsilon = 1e-5;
    std::int64_t projection = 512;

    /// `width`, `heads` and `mlp_width` are the section's defaults. Mistakes are in config.status().
    static ClipShape read(const ConfigObject& config, const ConfigObject& section, std::int64_t width,
                          std::int64_t heads, std::int64_t mlp_width);
};

/// The blocks `prefix.0`, `prefix.1`, ... Mistakes are in weights.status().
std::vector<BlockWeights> clip_blocks(const Weights& weights, const std::string& prefix,
                                      const ClipShape& shape);

/// What cosines are multiplied by: exp of the checkpoint's logit_scale, or of config.json's where it has
/// none.
double clip_logit_scale(const Weights& weights, const ConfigObject& config);

}  // namespace bgm
