#include "workers/encoders/audio_tower.hpp"

#include <ATen/ops/arange.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/sin.h>
#include <c10/core/InferenceMode.h>

#include "workers/config_object.hpp"
#include "workers/encoders/clap_audio_tower.hpp"
#include "workers/encoders/guarded.hpp"
#include "workers/encoders/tower_opening.hpp"
#include "workers/encoders/tower_rows.hpp"

namespace bgm {
namespace {

class OpenAudioTower : public AudioTower {
 public:
    explicit OpenAudioTower(OpenedModel<ClapAudioTower> opened) : opened_(std::move(opened)) {}

    std::int64_t bands() const override { return model().bands(); }
    std::int64_t frames_max() const override { return model().frames_max(); }
    std::int64_t dimensions() const override { return model().dimensions(); }
    double logit_scale() const override { return model().logit_scale(); }
    const TowerArithmetic& arithmetic() const override { return opened_.arithmetic; }

    Result<std::vector<float>> embed(std::span<const float> spectra, std::int64_t count) override {
        const auto values = static_cast<std::int64_t>(spectra.size());
        const std::int64_t frames = count < 1 ? 0 : values / count / bands();
        if (frames < 1 || frames > frames_max() || frames * bands() * count != values) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = std::to_string(values) + " values are not " + std::to_string(count) +
                                    " spectra of " + std::to_string(bands()) + " bands and at most " +
                                    std::to_string(frames_max()) + " frames"};
        }
        return guarded("audio tower", [&] {
            const c10::InferenceMode inference;
            // Only read: the tower makes tensors of its own.
            const torch::Tensor batch =
                at::from_blob(const_cast<float*>(spectra.data()), {count, frames, bands()}, torch::kFloat32);
            return unit_rows(model().features(batch));
        });
    }

 private:
    const ClapAudioTower& model() const { return opened_.model; }

    OpenedModel<ClapAudioTower> opened_;
};

// Slow waves over time and faster ones over the bands, at the level of quiet music.
torch::Tensor probe(const ClapAudioTower& model) {
    const c10::InferenceMode inference;
    constexpr std::int64_t kSounds = 2;
    const torch::Tensor steps = at::arange(kSounds * model.frames_max() * model.bands(), torch::kFloat32);
    const torch::Tensor waves =
        (steps * 0.37).sin() + (steps / static_cast<double>(model.bands()) * 0.05).sin();
    return model.features((waves * 15.0 - 40.0).view({kSounds, model.frames_max(), model.bands()}));
}

}  // namespace

Result<std::unique_ptr<AudioTower>> open_audio_tower(const std::filesystem::path& directory,
                                                     const TowerOptions& options) {
    const auto config = ConfigObject::read(directory / "config.json");
    if (!config) return config.error();
    const std::string type = config->text("model_type", "");
    if (!config->status().ok()) return config->status().error();
    if (type != "clap" && type != "clap_audio_model") {
        return Error{.code = ErrorCode::unsupported,
                     .message = (directory / "config.json").string() + ": model_type: '" + type +
                                "' has no audio tower that is known (clap and clap_audio_model have)"};
    }
    return guarded(directory.string(), [&]() -> Result<std::unique_ptr<AudioTower>> {
        auto opened = open_model<ClapAudioTower>(
            options,
            [&](const Arithmetic& arithmetic) { return ClapAudioTower::load(directory, arithmetic); }, probe);
        if (!opened) return opened.error();
        return std::unique_ptr<AudioTower>(std::make_unique<OpenAudioTower>(*std::move(opened)));
    });
}

}  // namespace bgm
