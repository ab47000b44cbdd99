#include "workers/encoders/caption_vision.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>

namespace bgm {
namespace {

// One product makes queries, keys and values; each is a third of its rows.
LinearWeights third(const LinearWeights& fused, std::int64_t index, std::int64_t width) {
    return {.weight = fused.weight.narrow(0, index * width, width),
            .bias = fused.bias.narrow(0, index * width, width)};
}

struct LayerWeights {
    LinearWeights fused;
    BlockWeights block;
};

LayerWeights take_layer(const Weights& weights, const std::string& prefix, const BlockShape& shape,
                        double epsilon) {
    const std::int64_t width = shape.width;
    LayerWeights layer;
    layer.fused = LinearWeights::take(weights, prefix + "self_attn.qkv", width, 3 * width);
    layer.block.out = LinearWeights::take(weights, prefix + "self_attn.projection", width, width);
    layer.block.attention_norm = NormWeights::take(weights, prefix + "layer_norm1", width, epsilon);
    layer.block.mlp_in = LinearWeights::take(weights, prefix + "mlp.fc1", width, shape.mlp_width);
    layer.block.mlp_out = LinearWeights::take(weights, prefix + "mlp.fc2", shape.mlp_width, width);
    layer.block.mlp_norm = NormWeights::take(weights, prefix + "layer_norm2", width, epsilon);
    return layer;
}

}  // namespace

Result<CaptionVision> CaptionVision::open(const BlipConfig::Vision& config, const Weights& weights,
                                          const Arithmetic& arithmetic) {
    const std::int64_t width = config.block.width;
    const std::int64_t patch = config.patch_size;
    const std::string prefix = "vision_model.";
    const auto class_token = weights.take(prefix + "embeddings.class_embedding", {1, 1, width});
    const auto positions =
        weights.take(prefix + "embeddings.position_embedding", {1, 1 + config.patches(), width});
    const auto patch_weight =
        weights.take(prefix + "embeddings.patch_embedding.weight", {width, 3, patch, patch});
    const auto patch_bias = weights.take(prefix + "embeddings.patch_embedding.bias", {width});
    const auto norm = NormWeights::take(weights, prefix + "post_layernorm", width, config.epsilon);
    std::vector<LayerWeights> layers;
    for (std::int64_t i = 0; i < config.layers; ++i) {
        layers.push_back(take_layer(weights, prefix + "encoder.layers." + std::to_string(i) + ".",
                                    config.block, config.epsilon));
    }
    if (auto status = weights.status(); !status) return status.error();
    std::vector<BlockWeights> blocks;
    for (LayerWeights& layer : layers) {
        layer.block.query = third(layer.fused, 0, width);
        layer.block.key = third(layer.fused, 1, width);
        layer.block.value = third(layer.fused, 2, width);
        blocks.push_back(std::move(layer.block));
    }
    return CaptionVision(class_token, positions, patch_weight, patch_bias, norm,
                         TransformerStack(config.block, std::move(blocks), arithmetic));
}

CaptionVision::CaptionVision(torch::Tensor class_token, torch::Tensor positions, torch::Tensor patch_weight,
                             torch::Tensor patch_bias, NormWeights norm, TransformerStack stack)
    : class_token_(std::move(class_token)),
      positions_(std::move(positions)),
      patch_weight_(std::move(patch_weight)),
      patch_bias_(std::move(patch_bias)),
      norm_(std::move(norm)),
      stack_(std::move(stack)) {}

torch::Tensor CaptionVision::forward(const torch::Tensor& pixels,
                                     std::vector<torch::Tensor>* hidden_states) const {
    const std::int64_t patch = patch_weight_.size(2);
    const torch::Tensor patches =
        at::conv2d(pixels.to(patch_weight_.device()), patch_weight_, patch_bias_, {patch, patch})
            .flatten(2)
            .transpose(1, 2);
    const torch::Tensor embedded =
        at::cat({class_token_.expand({pixels.size(0), 1, -1}), patches}, 1) + positions_;
    if (hidden_states != nullptr) hidden_states->push_back(embedded);
    return layer_norm(stack_.forward(embedded, {}, hidden_states), norm_);
}

torch::Tensor CaptionVision::pooled(const torch::Tensor& image) const {
    return layer_norm(image.select(1, 0), norm_);
}

}  // namespace bgm
