#include "ops/lab/encoder-bench/workloads.hpp"

#include <ATen/ATen.h>

#include <memory>

#include "workers/encoders/clap_audio_tower.hpp"
#include "workers/encoders/clip_image_tower.hpp"
#include "workers/encoders/sentence_tower.hpp"

namespace bgm::bench {
namespace {

// Of one token in one block: the products with weights, the scores, and what they weigh.
double block_gflop(double width, double length) {
    return (2 * 12 * width * width + 4 * width * length) / 1e9;
}

}  // namespace

Workload images(std::int64_t batch) {
    constexpr double kPatchGflop = 49 * 2.0 * 768 * 3 * 32 * 32 / 1e9;
    return {
        .name = "images",
        .folder = "clip-vit-base-patch32",
        .batch = batch,
        .gflop = static_cast<double>(batch) * (12 * 50 * block_gflop(768, 50) + kPatchGflop),
        .load = [batch](const auto& folder, const Arithmetic& arithmetic) -> Result<Run> {
            auto tower = ClipImageTower::load(folder, arithmetic);
            if (!tower) return tower.error();
            auto model = std::make_shared<ClipImageTower>(*std::move(tower));
            at::manual_seed(1);
            return Run([model, pixels = at::randn({batch, 3, 224, 224})] { return model->features(pixels); });
        }};
}

Workload texts(std::int64_t batch, std::int64_t length) {
    return {.name = "texts of " + std::to_string(length) + " tokens",
            .folder = "clip-ViT-B-32-multilingual-v1",
            .batch = batch,
            .gflop = static_cast<double>(6 * batch * length) * block_gflop(768, static_cast<double>(length)),
            .load = [batch, length](const auto& folder, const Arithmetic& arithmetic) -> Result<Run> {
                auto tower = SentenceTower::load(folder, arithmetic);
                if (!tower) return tower.error();
                auto model = std::make_shared<SentenceTower>(*std::move(tower));
                at::manual_seed(2);
                const auto ids = at::randint(1000, 100000, {batch, length}, torch::kInt64);
                return Run([model, ids, mask = at::ones_like(ids)] { return model->features(ids, mask); });
            }};
}

// Each is 1001 frames of 64 mel bands.
Workload sounds(std::int64_t batch) {
    double gflop = 0;
    double tokens = 64 * 64;
    double width = 96;
    for (const int depth : {2, 2, 6, 2}) {
        gflop += depth * tokens * block_gflop(width, 64);
        tokens /= 4;
        if (tokens >= 64) gflop += tokens * 2 * 4 * width * 2 * width / 1e9;  // four tokens become one
        width *= 2;
    }
    return {.name = "sounds",
            .folder = "clap-htsat-unfused",
            .batch = batch,
            .gflop = static_cast<double>(batch) * gflop,
            .load = [batch](const auto& folder, const Arithmetic& arithmetic) -> Result<Run> {
                auto tower = ClapAudioTower::load(folder, arithmetic);
                if (!tower) return tower.error();
                auto model = std::make_shared<ClapAudioTower>(*std::move(tower));
                at::manual_seed(3);
                return Run(
                    [model, mel = at::randn({batch, 1001, 64}) * 20 - 40] { return model->features(mel); });
            }};
}

}  // namespace bgm::bench
