#include "workers/encoders/text_tower.hpp"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <string>

#include "workers/config_object.hpp"
#include "workers/encoders/clap_text_tower.hpp"
#include "workers/encoders/clip_text_tower.hpp"
#include "workers/encoders/guarded.hpp"
#include "workers/encoders/sentence_tower.hpp"
#include "workers/encoders/tower_opening.hpp"
#include "workers/encoders/tower_rows.hpp"

namespace bgm {
namespace {

template <typename Family>
class OpenTextTower : public TextTower {
 public:
    explicit OpenTextTower(OpenedModel<Family> opened) : opened_(std::move(opened)) {}

    std::int64_t tokens_max() const override { return opened_.model.tokens_max(); }
    std::int64_t dimensions() const override { return opened_.model.dimensions(); }
    const TowerArithmetic& arithmetic() const override { return opened_.arithmetic; }

    Result<std::vector<float>> embed(std::span<const std::vector<std::int64_t>> texts) override {
        return guarded("text tower", [&]() -> Result<std::vector<float>> {
            const c10::InferenceMode inference;
            const auto batch = token_batch(texts, tokens_max(), opened_.model.vocabulary());
            if (!batch) return batch.error();
            return unit_rows(
                opened_.model.features(batch->ids, Family::kSeesPadding ? batch->mask : torch::Tensor()));
        });
    }

 private:
    OpenedModel<Family> opened_;
};

// Ids from all over the vocabulary, at lengths from the shortest to that of a long sentence.
template <typename Family>
torch::Tensor probe(const Family& model) {
    const c10::InferenceMode inference;
    std::vector<std::vector<std::int64_t>> texts;
    for (const std::int64_t length : {1, 4, 11, 32}) {
        std::vector<std::int64_t> ids;
        for (std::int64_t i = 0; i < std::min(length, model.tokens_max()); ++i)
            ids.push_back((i + 1) * (length + 1) * 7919 % model.vocabulary());
        texts.push_back(std::move(ids));
    }
    const auto batch = token_batch(texts, model.tokens_max(), model.vocabulary());
    return model.features(batch->ids, batch->mask);
}

template <typename Family>
Result<std::unique_ptr<TextTower>> open_family(const std::filesystem::path& directory,
                                               const TowerOptions& options) {
    return guarded(directory.string(), [&]() -> Result<std::unique_ptr<TextTower>> {
        auto opened = open_model<Family>(
            options, [&](const Arithmetic& arithmetic) { return Family::load(directory, arithmetic); },
            probe<Family>);
        if (!opened) return opened.error();
        return std::unique_ptr<TextTower>(std::make_unique<OpenTextTower<Family>>(*std::move(opened)));
    });
}

}  // namespace

Result<std::unique_ptr<TextTower>> open_text_tower(const std::filesystem::path& directory,
                                                   const TowerOptions& options) {
    // Its trunk may lie in a folder of its own, and reads its config.json itself.
    if (std::filesystem::exists(directory / "modules.json"))
        return open_family<SentenceTower>(directory, options);
    const auto config = ConfigObject::read(directory / "config.json");
    if (!config) return config.error();
    const std::string type = config->text("model_type", "");
    if (!config->status().ok()) return config->status().error();
    if (type == "distilbert") return open_family<SentenceTower>(directory, options);
    if (type == "clip" || type == "clip_text_model") return open_family<ClipTextTower>(directory, options);
    if (type == "clap" || type == "clap_text_model") return open_family<ClapTextTower>(directory, options);
    return Error{.code = ErrorCode::unsupported,
                 .message = (directory / "config.json").string() + ": model_type: '" + type +
                            "' has no text tower that is known (clip, clip_text_model, clap, clap_text_model "
                            "and distilbert have)"};
}

}  // namespace bgm
