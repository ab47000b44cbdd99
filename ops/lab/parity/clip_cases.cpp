#include "ops/lab/parity/clip_cases.hpp"

#include <ATen/ops/matmul.h>
#include <c10/core/InferenceMode.h>

#include "ops/lab/parity/tensor_lines.hpp"
#include "workers/encoders/clip_image_tower.hpp"
#include "workers/encoders/clip_text_tower.hpp"
#include "workers/encoders/guarded.hpp"
#include "workers/encoders/layers.hpp"

namespace bgm {
namespace {

using Tensors = std::map<std::string, torch::Tensor>;

Status run_images(const Fixture& fixture, const Arithmetic& arithmetic, Tensors& ours, double& logit_scale) {
    const auto tower = ClipImageTower::load(fixture.directory() / "model", arithmetic);
    if (!tower) return tower.error();
    const auto pixels = float_input(fixture, "pixel_values");
    if (!pixels) return pixels.error();
    const std::int64_t size = tower->image_size();
    if (pixels->dim() != 4 ||
        pixels->sizes() != torch::IntArrayRef({pixels->size(0), tower->channels(), size, size}))
        return Error{.code = ErrorCode::invalid_argument, .message = "pixel_values do not suit the model"};
    TowerTrace trace;
    const torch::Tensor features = tower->features(*pixels, &trace);
    add_hidden_states(ours, "vision_hidden", trace.hidden_states);
    ours["vision_last_hidden_state"] = trace.last_hidden_state;
    ours["vision_pooler_output"] = trace.pooled;
    ours["image_features"] = features;
    ours["image_embeds"] = normalised(features);
    logit_scale = tower->logit_scale();
    return ok_status();
}

Status run_texts(const Fixture& fixture, const Arithmetic& arithmetic, Tensors& ours) {
    const auto tower = ClipTextTower::load(fixture.directory() / "model", arithmetic);
    if (!tower) return tower.error();
    const auto ids = id_input(fixture, "input_ids", tower->vocabulary(), tower->tokens_max());
    if (!ids) return ids.error();
    const auto mask = mask_input(fixture, *ids, tower->tokens_max());
    if (!mask) return mask.error();
    TowerTrace trace;
    const torch::Tensor features = tower->features(*ids, *mask, &trace);
    add_hidden_states(ours, "text_hidden", trace.hidden_states);
    ours["text_last_hidden_state"] = trace.last_hidden_state;
    ours["text_pooler_output"] = trace.pooled;
    ours["text_features"] = features;
    ours["text_features_nomask"] = tower->features(*ids, {});
    ours["text_embeds"] = normalised(features);
    return ok_status();
}

}  // namespace

Result<std::vector<ParityLine>> check_clip(const std::filesystem::path& directory,
                                           const Arithmetic& arithmetic) {
    return guarded(directory.string(), [&]() -> Result<std::vector<ParityLine>> {
        const c10::InferenceMode inference;
        const auto fixture = Fixture::open(directory);
        if (!fixture) return fixture.error();
        Tensors ours;
        double logit_scale = 0;
        if (fixture->has_input("pixel_values")) {
            if (const Status status = run_images(*fixture, arithmetic, ours, logit_scale); !status)
                return status.error();
        }
        if (fixture->has_input("input_ids")) {
            if (const Status status = run_texts(*fixture, arithmetic, ours); !status) return status.error();
        }
        if (ours.contains("image_embeds") && ours.contains("text_embeds")) {
            ours["logits_per_text"] = at::matmul(ours["text_embeds"], ours["image_embeds"].t()) * logit_scale;
            ours["logits_per_image"] = ours["logits_per_text"].t();
        }
        return compare_outputs(*fixture, ours);
    });
}

}  // namespace bgm
