#include "workers/encoders/clip_image_tower.hpp"

#include <ATen/ops/cat.h>

#include "workers/encoders/clip_config.hpp"
#include "workers/encoders/guarded.hpp"

namespace bgm {
namespace {

// Attention takes memory with the square of the number of patches.
constexpr std::int64_t kPatchesMax = 2500;

}  // namespace

Result<ClipImageTower> ClipImageTower::load(const std::filesystem::path& directory,
                                            const Arithmetic& arithmetic) {
    return guarded(directory.string(), [&]() -> Result<ClipImageTower> {
        auto config = ConfigObject::read(directory / "config.json");
        if (!config) return config.error();
        const ConfigObject section = clip_section(*config, "vision");
        const ClipShape shape = ClipShape::read(*config, section, 768, 12, 3072);
        const std::int64_t width = shape.block.width;
        const std::int64_t channels = section.whole("num_channels", 3, 1, 16);
        const std::int64_t image = section.whole("image_size", 224, 1, 4096);
        const std::int64_t patch = section.whole("patch_size", 32, 1, 1024);
        const std::int64_t patches = (image / patch) * (image / patch);
        if (patches < 1 || patches > kPatchesMax)
            section.refuse("patch_size", "makes " + std::to_string(patches) + " patches of an image; 1 to " +
                                             std::to_string(kPatchesMax) + " are possible");
        if (!config->status().ok()) return config->status().error();

        auto weights = Weights::open(directory, arithmetic.device);
        if (!weights) return weights.error();
        const std::string model = "vision_model.";
        auto blocks = clip_blocks(*weights, model + "encoder.layers", shape);
        const torch::Tensor filters =
            weights->take(model + "embeddings.patch_embedding.weight", {width, channels, patch, patch});
        const torch::Tensor class_embedding = weights->take(model + "embeddings.class_embedding", {width});
        const torch::Tensor position_embedding =
            weights->take(model + "embeddings.position_embedding.weight", {1 + patches, width});
        // The reference spells it so.
        const NormWeights first_norm =
            NormWeights::take(*weights, model + "pre_layrnorm", width, shape.epsilon);
        const NormWeights last_norm =
            NormWeights::take(*weights, model + "post_layernorm", width, shape.epsilon);
        const LinearWeights projection =
            LinearWeights::take(*weights, "visual_projection", width, shape.projection, false);
        const double logit_scale = clip_logit_scale(*weights, *config);
        if (!weights->status().ok()) return weights->status().error();
        if (!config->status().ok()) return config->status().error();

        const LinearWeights patch_embedding{.weight = filters.view({width, channels * patch * patch}),
                                            .bias = {}};
        ClipImageTower tower(PackedLinear(patch_embedding, arithmetic),
                             TransformerStack(shape.block, std::move(blocks), arithmetic));
        tower.channels_ = channels;
        tower.image_size_ = image;
        tower.patch_size_ = patch;
        tower.class_embedding_ = class_embedding;
        tower.position_embedding_ = position_embedding;
        tower.first_norm_ = first_norm;
        tower.last_norm_ = last_norm;
        tower.projection_ = projection;
        tower.logit_scale_ = logit_scale;
        return tower;
    });
}

torch::Tensor ClipImageTower::positions(const torch::Tensor& pixels) const {
    // A convolution whose stride is its size is one product over patches laid out as rows. Pixels beyond the
    // last whole patch are not seen.
    const std::int64_t batch = pixels.size(0);
    const std::int64_t grid = image_size_ / patch_size_;
    const std::int64_t seen = grid * patch_size_;
    const torch::Tensor patches = pixels.narrow(2, 0, seen)
                                      .narrow(3, 0, seen)
                                      .reshape({batch, channels_, grid, patch_size_, grid, patch_size_})
                                      .permute({0, 2, 4, 1, 3, 5})
                                      .reshape({batch, grid * grid, channels_ * patch_size_ * patch_size_});
    const torch::Tensor first = class_embedding_.expand({batch, 1, class_embedding_.size(0)});
    return at::cat({first, patch_embedding_.forward(patches)}, 1) + position_embedding_;
}

torch::Tensor ClipImageTower::features(const torch::Tensor& pixels, TowerTrace* trace) const {
    const torch::Tensor hidden = layer_norm(positions(pixels.to(class_embedding_.device())), first_norm_);
    if (trace != nullptr) trace->hidden_states.push_back(hidden);
    const torch::Tensor last = stack_.forward(hidden, {}, trace != nullptr ? &trace->hidden_states : nullptr);
    const torch::Tensor pooled = layer_norm(last.select(1, 0).contiguous(), last_norm_);
    if (trace != nullptr) {
        trace->last_hidden_state = last;
        trace->pooled = pooled;
    }
    return linear(pooled, projection_);
}

}  // namespace bgm
