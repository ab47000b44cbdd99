#include "workers/encoders/clap_audio_tower.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/im2col.h>
#include <ATen/ops/upsample_bicubic2d.h>

#include <algorithm>
#include <string>

#include "workers/encoders/guarded.hpp"

namespace bgm {
namespace {

constexpr double kEpsilon = 1e-5;  // no key of config.json: the reference has it in its code

torch::Tensor places_tensor(const TokenOrder& from, const TokenOrder& to, const torch::Device& device) {
    const TokenOrder found = places(from, to);
    const torch::Tensor tensor = at::empty({static_cast<std::int64_t>(found.size())}, torch::kInt64);
    std::copy(found.begin(), found.end(), tensor.data_ptr<std::int64_t>());
    return tensor.to(device);
}

}  // namespace

Result<ClapAudioTower> ClapAudioTower::load(const std::filesystem::path& directory,
                                            const Arithmetic& arithmetic) {
    return guarded(directory.string(), [&]() -> Result<ClapAudioTower> {
        const auto config = ConfigObject::read(directory / "config.json");
        if (!config) return config.error();
        const ConfigObject section = clap_section(*config, "audio");
        const bool fusion = section.flag("enable_fusion", false);
        if (config->status().ok() && fusion)
            return Error{.code = ErrorCode::unsupported,
                         .message = (directory / "config.json").string() +
                                    ": enable_fusion: models with fusion are not handled"};
        ClapAudioTower tower;
        ClapAudioShape& shape = tower.shape_;
        shape = ClapAudioShape::read(section);
        if (!config->status().ok()) return config->status().error();
        const std::int64_t width_out = shape.stages.back().width_out();
        const auto projection_shape = ClapProjection::Shape::read(*config, width_out);
        if (!config->status().ok()) return config->status().error();

        const auto weights = Weights::open(directory, arithmetic.device);
        if (!weights) return weights.error();
        const std::string encoder = "audio_model.audio_encoder.";
        const auto band_values = [&](const char* name) {
            return weights->take(encoder + "batch_norm." + name, {shape.bands});
        };
        const torch::Tensor scale = band_values("weight"), offset = band_values("bias");
        const torch::Tensor mean = band_values("running_mean"), variance = band_values("running_var");
        const torch::Tensor filters = weights->take(encoder + "patch_embed.proj.weight",
                                                    {shape.width, 1, shape.patch[0], shape.patch[1]});
        tower.patch_embedding_.bias = weights->take(encoder + "patch_embed.proj.bias", {shape.width});
        if (shape.patch_norm)
            tower.patch_norm_ =
                NormWeights::take(*weights, encoder + "patch_embed.norm", shape.width, kEpsilon);
        for (std::size_t i = 0; i < shape.stages.size() && weights->status().ok(); ++i) {
            const SwinStageShape& stage = shape.stages[i];
            const TokenOrder exit =
                stage.merges ? shape.stages[i + 1].entry() : row_major(stage.tokens_out());
            tower.grid_places_.push_back(
                places_tensor(stage.entry(), row_major(stage.tokens()), arithmetic.device));
            tower.stages_.push_back(SwinStage::take(*weights, encoder + "layers." + std::to_string(i) + ".",
                                                    stage, exit, arithmetic));
        }
        tower.last_norm_ = NormWeights::take(*weights, encoder + "norm", width_out, kEpsilon);
        tower.projection_ = ClapProjection::take(*weights, "audio_projection", projection_shape);
        tower.logit_scale_ = clap_logit_scale(*weights, *config, "logit_scale_a");
        if (!weights->status().ok()) return weights->status().error();
        if (!config->status().ok()) return config->status().error();

        tower.band_scale_ = scale / (variance + kEpsilon).sqrt();
        tower.band_offset_ = offset - mean * tower.band_scale_;
        tower.patch_embedding_.weight = filters.view({shape.width, shape.patch[0] * shape.patch[1]});
        const TokenOrder entry = shape.stages.front().entry();
        tower.patch_places_ =
            places_tensor(row_major(shape.stages.front().tokens()), entry, arithmetic.device);
        return tower;
    });
}

torch::Tensor ClapAudioTower::image(const torch::Tensor& mel) const {
    const std::int64_t batch = mel.size(0), frames = shape_.frames_max(), bands = shape_.image_bands();
    torch::Tensor spectrum = (mel * band_scale_ + band_offset_).unsqueeze(1);
    if (spectrum.size(2) < frames || spectrum.size(3) < bands)
        spectrum = at::upsample_bicubic2d(spectrum, {frames, bands}, true);
    // The stretches of time go one above the other, each with its bands from top to bottom and its frames
    // from left to right.
    return spectrum.reshape({batch, shape_.folds, shape_.side, bands})
        .transpose(2, 3)
        .reshape({batch, 1, shape_.side, shape_.side});
}

torch::Tensor ClapAudioTower::patches(const torch::Tensor& image) const {
    const auto padding = [this](int i) { return (shape_.patch[i] - shape_.stride[i]) / 2; };
    const torch::Tensor pixels =
        at::im2col(image, shape_.patch, {1, 1}, {padding(0), padding(1)}, shape_.stride).transpose(1, 2);
    // Moved while they are narrow.
    const torch::Tensor rows = linear(take_rows(pixels, patch_places_), patch_embedding_);
    return shape_.patch_norm ? layer_norm(rows, patch_norm_) : rows;
}

torch::Tensor ClapAudioTower::as_grid(const torch::Tensor& rows, std::size_t stage) const {
    const bool end = stage == shape_.stages.size();
    const SwinStageShape& shape = end ? shape_.stages.back() : shape_.stages[stage];
    const torch::Tensor ordered = end ? rows : take_rows(rows, grid_places_[stage]);
    return ordered.transpose(1, 2).reshape({rows.size(0), rows.size(2), shape.height, shape.width});
}

torch::Tensor ClapAudioTower::grouped_by_frequency(const torch::Tensor& grid) const {
    const std::int64_t batch = grid.size(0), width = grid.size(1), height = grid.size(2);
    const std::int64_t bands = height / shape_.folds;
    return grid.reshape({batch, width, height / bands, bands, grid.size(3)})
        .transpose(2, 3)
        .reshape({batch, width, bands, -1});
}

torch::Tensor ClapAudioTower::features(const torch::Tensor& mel, ClapAudioTrace* trace) const {
    const torch::Tensor folded = image(mel.to(band_scale_.device()));
    torch::Tensor rows = patches(folded);
    if (trace != nullptr) {
        trace->image = folded;
        trace->hidden_states.push_back(as_grid(rows, 0));
    }
    for (std::size_t i = 0; i < stages_.size(); ++i) {
        rows = stages_[i].forward(rows);
        if (trace != nullptr) trace->hidden_states.push_back(as_grid(rows, i + 1));
    }
    const torch::Tensor last = layer_norm(rows, last_norm_);
    const torch::Tensor pooled = last.mean(1);
    if (trace != nullptr) {
        trace->last_hidden_state = grouped_by_frequency(as_grid(last, stages_.size()));
        trace->pooled = pooled;
    }
    return projection_.forward(pooled);
}

}  // namespace bgm
