#include "ops/lab/parity/clap_cases.hpp"

#include <ATen/ops/matmul.h>
#include <c10/core/InferenceMode.h>

#include "ops/lab/parity/clap_mel_cases.hpp"
#include "ops/lab/parity/tensor_lines.hpp"
#include "workers/encoders/clap_audio_tower.hpp"
#include "workers/encoders/clap_text_tower.hpp"
#include "workers/encoders/guarded.hpp"
#include "workers/encoders/layers.hpp"

namespace bgm {
namespace {

constexpr std::int64_t kLengthMax = 4096;

using Tensors = std::map<std::string, torch::Tensor>;

Status run_sounds(const Fixture& fixture, const Arithmetic& arithmetic, Tensors& ours, double& logit_scale) {
    const auto tower = ClapAudioTower::load(fixture.directory() / "model", arithmetic);
    if (!tower) return tower.error();
    const auto mel = float_input(fixture, "input_features");
    if (!mel) return mel.error();
    if (mel->dim() != 4 || mel->size(1) != 1 || mel->size(2) < 1 || mel->size(2) > tower->frames_max() ||
        mel->size(3) != tower->bands())
        return Error{.code = ErrorCode::invalid_argument, .message = "input_features do not suit the model"};
    ClapAudioTrace trace;
    const torch::Tensor projected = tower->features(mel->squeeze(1), &trace);
    ours["mel_image"] = trace.image;
    add_hidden_states(ours, "audio_stage", trace.hidden_states);
    ours["audio_last_hidden_state"] = trace.last_hidden_state;
    ours["audio_pooler_output"] = trace.pooled;
    ours["audio_projected"] = projected;
    ours["audio_features"] = normalised(projected);
    logit_scale = tower->logit_scale();
    return ok_status();
}

Status run_texts(const Fixture& fixture, const Arithmetic& arithmetic, Tensors& ours, double& logit_scale) {
    const auto tower = ClapTextTower::load(fixture.directory() / "model", arithmetic);
    if (!tower) return tower.error();
    const auto ids = id_input(fixture, "input_ids", tower->vocabulary(), kLengthMax);
    if (!ids) return ids.error();
    // Padding needs no position of its own.
    if (ids->ne(tower->padding_id()).sum(1).max().item<std::int64_t>() > tower->tokens_max())
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "input_ids have more tokens than the model has positions"};
    const auto mask = mask_input(fixture, *ids, kLengthMax);
    if (!mask) return mask.error();
    TowerTrace trace;
    const torch::Tensor projected = tower->features(*ids, *mask, &trace);
    add_hidden_states(ours, "text_hidden", trace.hidden_states);
    ours["text_last_hidden_state"] = trace.last_hidden_state;
    ours["text_pooler_output"] = trace.pooled;
    ours["text_projected"] = projected;
    ours["text_features"] = normalised(projected);
    logit_scale = tower->logit_scale();
    return ok_status();
}

}  // namespace

Result<std::vector<ParityLine>> check_clap(const std::filesystem::path& directory,
                                           const Arithmetic& arithmetic) {
    return guarded(directory.string(), [&]() -> Result<std::vector<ParityLine>> {
        const c10::InferenceMode inference;
        const auto fixture = Fixture::open(directory);
        if (!fixture) return fixture.error();
        Tensors ours;
        double audio_scale = 0, text_scale = 0;
        if (fixture->has_input("input_features")) {
            if (const Status status = run_sounds(*fixture, arithmetic, ours, audio_scale); !status)
                return status.error();
        }
        if (fixture->has_input("input_ids")) {
            if (const Status status = run_texts(*fixture, arithmetic, ours, text_scale); !status)
                return status.error();
        }
        if (ours.contains("audio_features") && ours.contains("text_features")) {
            const torch::Tensor cosines = at::matmul(ours["audio_features"], ours["text_features"].t());
            ours["logits_per_audio"] = cosines * audio_scale;
            ours["logits_per_text"] = cosines.t() * text_scale;
        }
        std::vector<ParityLine> lines = check_input_features(*fixture);
        const auto compared = compare_outputs(*fixture, ours);
        lines.insert(lines.end(), compared.begin(), compared.end());
        return lines;
    });
}

}  // namespace bgm
