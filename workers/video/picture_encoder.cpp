#include "workers/video/picture_encoder.hpp"

#include <string>
#include <utility>
#include <vector>

#include "workers/image/image_encoder.hpp"
#include "workers/media/animation/animation.hpp"
#include "workers/media/picture/image_probe.hpp"
#include "workers/video/sample_encoding.hpp"

namespace bgm {
namespace {

// Well within the 20 s that a task may take, so that a slow file ends with a message of ours.
constexpr double kCpuSecondsMax = 10;

class PictureEncoder final : public Encoder {
 public:
    PictureEncoder(std::unique_ptr<Encoder> stills, std::shared_ptr<PictureNetworks> networks,
                   const MediaLimits& limits)
        : stills_(std::move(stills)), networks_(std::move(networks)), moving_(as_video(limits)) {}

    Modality modality() const override { return stills_->modality(); }
    std::string model() const override { return stills_->model(); }
    std::vector<std::string> heads() const override { return stills_->heads(); }

    std::vector<EncodeResult> encode(std::span<const EncodeTask> tasks) override {
        std::vector<EncodeResult> results;
        results.reserve(tasks.size());
        for (const EncodeTask& task : tasks)
            results.push_back(is_animation(task.media) ? encode_moving(task) : encode_still(task));
        return results;
    }

 private:
    EncodeResult encode_still(const EncodeTask& task) { return stills_->encode({&task, 1}).front(); }

    EncodeResult encode_moving(const EncodeTask& task) {
        const auto sample = sample_animation(task.media, moving_, CpuBudget(kCpuSecondsMax));
        if (!sample) return sample.error();
        if (sample->frames.size() < 2) return encode_still(task);
        return encode_sample(*sample, *networks_);
    }

    std::unique_ptr<Encoder> stills_;
    std::shared_ptr<PictureNetworks> networks_;
    VideoLimits moving_;
};

}  // namespace

Result<std::unique_ptr<Encoder>> make_picture_encoder(const EncoderFiles& files, const MediaLimits& limits) {
    const auto networks = std::make_shared<PictureNetworks>(PictureNetworks::open(files.packages));
    auto stills = make_image_encoder(files, limits, networks);
    if (!stills) return stills.error();
    return std::unique_ptr<Encoder>(std::make_unique<PictureEncoder>(*std::move(stills), networks, limits));
}

}  // namespace bgm
