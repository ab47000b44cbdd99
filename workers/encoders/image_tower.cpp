#include "workers/encoders/image_tower.hpp"

#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>

#include "workers/config_object.hpp"
#include "workers/encoders/clip_image_tower.hpp"
#include "workers/encoders/guarded.hpp"
#include "workers/encoders/tower_opening.hpp"
#include "workers/encoders/tower_rows.hpp"

namespace bgm {
namespace {

class OpenImageTower : public ImageTower {
 public:
    explicit OpenImageTower(OpenedModel<ClipImageTower> opened) : opened_(std::move(opened)) {}

    std::int64_t image_size() const override { return model().image_size(); }
    std::int64_t dimensions() const override { return model().dimensions(); }
    double logit_scale() const override { return model().logit_scale(); }
    const TowerArithmetic& arithmetic() const override { return opened_.arithmetic; }

    Result<std::vector<float>> embed(std::span<const float> pixels, std::int64_t count) override {
        const std::int64_t size = image_size();
        const auto image = static_cast<std::size_t>(model().channels() * size * size);
        if (count < 1 || pixels.size() / image != static_cast<std::size_t>(count) ||
            pixels.size() % image != 0) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = std::to_string(pixels.size()) + " pixel values are not " +
                                    std::to_string(count) + " images of " + std::to_string(image)};
        }
        return guarded("image tower", [&] {
            const c10::InferenceMode inference;
            // Only read: the tower makes tensors of its own.
            const torch::Tensor batch = at::from_blob(
                const_cast<float*>(pixels.data()), {count, model().channels(), size, size}, torch::kFloat32);
            return unit_rows(model().features(batch));
        });
    }

 private:
    const ClipImageTower& model() const { return opened_.model; }

    OpenedModel<ClipImageTower> opened_;
};

torch::Tensor probe(const ClipImageTower& model) {
    const c10::InferenceMode inference;
    return model.features(probe_pixels(model.channels(), model.image_size()));
}

}  // namespace

Result<std::unique_ptr<ImageTower>> open_image_tower(const std::filesystem::path& directory,
                                                     const TowerOptions& options) {
    const auto config = ConfigObject::read(directory / "config.json");
    if (!config) return config.error();
    const std::string type = config->text("model_type", "");
    if (!config->status().ok()) return config->status().error();
    if (type != "clip" && type != "clip_vision_model") {
        return Error{.code = ErrorCode::unsupported,
                     .message = (directory / "config.json").string() + ": model_type: '" + type +
                                "' has no image tower that is known (clip and clip_vision_model have)"};
    }
    return guarded(directory.string(), [&]() -> Result<std::unique_ptr<ImageTower>> {
        auto opened = open_model<ClipImageTower>(
            options,
            [&](const Arithmetic& arithmetic) { return ClipImageTower::load(directory, arithmetic); }, probe);
        if (!opened) return opened.error();
        return std::unique_ptr<ImageTower>(std::make_unique<OpenImageTower>(*std::move(opened)));
    });
}

}  // namespace bgm
