#include "workers/encoders/clip_config.hpp"

#include <cmath>

namespace bgm {

ConfigObject clip_section(const ConfigObject& config, const std::string& tower) {
    if (config.text("model_type", "clip") == "clip_" + tower + "_model") return config;
    const std::string replacement = tower + "_config_dict";
    return config.object(config.has(replacement) ? replacement : tower + "_config");
}

ClipShape ClipShape::read(const ConfigObject& config, const ConfigObject& section, std::int64_t width,
                          std::int64_t heads, std::int64_t mlp_width) {
    ClipShape shape{
        .block = {.width = section.whole("hidden_size", width, 1, 16384),
                  .heads = section.whole("num_attention_heads", heads, 1, 256),
                  .mlp_width = section.whole("intermediate_size", mlp_width, 1, 65536),
                  .activation = activation(section, "hidden_act", "quick_gelu"),
                  .order = NormOrder::before},
        .layers = section.whole("num_hidden_layers", 12, 1, 256),
        .epsilon = section.number("layer_norm_eps", 1e-5, 0, 1),
        // The section has one, too, but the projections are made with the one of the whole model.
        .projection = config.whole("projection_dim", 512, 1, 16384),
    };
    if (shape.block.width % shape.block.heads != 0)
        section.refuse("num_attention_heads", std::to_string(shape.block.heads) +
                                                  " heads do not divide a width of " +
                                                  std::to_string(shape.block.width));
    return shape;
}

std::vector<BlockWeights> clip_blocks(const Weights& weights, const std::string& prefix,
                                      const ClipShape& shape) {
    const std::int64_t width = shape.block.width;
    std::vector<BlockWeights> blocks;
    for (std::int64_t i = 0; i < shape.layers && weights.status().ok(); ++i) {
        const std::string block = prefix + "." + std::to_string(i) + ".";
        const auto projection = [&](const char* name) {
            return LinearWeights::take(weights, block + "self_attn." + name, width, width);
        };
        blocks.push_back({
            .query = projection("q_proj"),
            .key = projection("k_proj"),
            .value = projection("v_proj"),
            .out = projection("out_proj"),
            .attention_norm = NormWeights::take(weights, block + "layer_norm1", width, shape.epsilon),
            .mlp_in = LinearWeights::take(weights, block + "mlp.fc1", width, shape.block.mlp_width),
            .mlp_out = LinearWeights::take(weights, block + "mlp.fc2", shape.block.mlp_width, width),
            .mlp_norm = NormWeights::take(weights, block + "layer_norm2", width, shape.epsilon),
        });
    }
    return blocks;
}

double clip_logit_scale(const Weights& weights, const ConfigObject& config) {
    constexpr double kMost = 100;
    double logarithm = config.number("logit_scale_init_value", 2.6592, -kMost, kMost);
    if (weights.has("logit_scale")) {
        const torch::Tensor stored = weights.take("logit_scale", {});
        if (stored.defined()) logarithm = double{stored.item<float>()};
        if (!(std::abs(logarithm) <= kMost))
            config.refuse("logit_scale", "the checkpoint's is no number from -100 to 100");
    }
    return std::exp(logarithm);
}

}  // namespace bgm
