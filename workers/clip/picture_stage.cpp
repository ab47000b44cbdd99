#include "workers/clip/picture_stage.hpp"

#include <algorithm>
#include <cmath>

#include "workers/media/animation/animation.hpp"
#include "workers/media/av/av_video.hpp"

namespace bgm {
namespace {

// Well within the 20 s that a task may take, so that a slow file ends with a message of ours.
constexpr double kCpuSecondsMax = 10;
// Deviation of the bytes of a colour. A photo has 40 to 80; a black frame 0; fog and night little.
constexpr double kBlankDeviation = 3;
constexpr double kPlainDeviation = 24;

// How much there is to see: nothing in a black or blank picture, whatever its colour.
float picture_quality(const RgbImage& picture) {
    double deviation = 0;
    for (std::size_t channel = 0; channel < 3; ++channel) {
        double sum = 0;
        double squares = 0;
        for (std::size_t i = channel; i < picture.pixels.size(); i += 3) {
            const double value = picture.pixels[i];
            sum += value;
            squares += value * value;
        }
        const double count = static_cast<double>(picture.pixels.size()) / 3;
        const double variance = squares / count - sum * sum / (count * count);
        deviation = std::max(deviation, std::sqrt(std::max(variance, 0.0)));
    }
    return static_cast<float>(
        std::clamp((deviation - kBlankDeviation) / (kPlainDeviation - kBlankDeviation), 0.0, 1.0));
}

void judge(ClipTask::Rows& pictures) {
    Encoding& encoding = pictures.encoding;
    encoding.quality = *std::max_element(pictures.weights.begin(), pictures.weights.end());
    if (encoding.quality == 0) encoding.notes.emplace_back("blank picture");
}

}  // namespace

Status PictureStage::prepare_photo(std::span<const std::byte> file, ClipTask& task) const {
    ClipTask::Rows pictures;
    pictures.values.resize(pixels_->values());
    const auto picture = pixels_->read(file, pictures.values);
    if (!picture) return picture.error();
    pictures.weights.push_back(picture_quality(picture->seen));
    judge(pictures);
    const ImageHeader& header = picture->header;
    const bool turned = header.orientation >= 5;
    pictures.encoding.facts = {{"width_px", static_cast<float>(turned ? header.height : header.width)},
                               {"height_px", static_cast<float>(turned ? header.width : header.height)}};
    if (caption_ && pictures.encoding.quality > 0) {
        task.caption_pixels.resize(caption_->values());
        if (const auto seen = caption_->read(file, task.caption_pixels); !seen) return seen.error();
    }
    task.pictures = std::move(pictures);
    return ok_status();
}

Result<ClipTask::Rows> PictureStage::prepare_video(std::span<const std::byte> file) const {
    const auto sample = sample_video(file, limits_.video, CpuBudget(kCpuSecondsMax));
    if (!sample) return sample.error();
    return prepare_frames(*sample);
}

Result<ClipTask::Rows> PictureStage::prepare_animation(std::span<const std::byte> file,
                                                       Modality posted_as) const {
    const VideoLimits limits = posted_as == Modality::image ? as_video(limits_) : limits_.video;
    const auto sample = sample_animation(file, limits, CpuBudget(kCpuSecondsMax));
    if (!sample) return sample.error();
    return prepare_frames(*sample);
}

Result<ClipTask::Rows> PictureStage::prepare_frames(const VideoSample& sample) const {
    ClipTask::Rows pictures;
    pictures.moving = true;
    pictures.values.resize(sample.frames.size() * pixels_->values());
    float motion = 0;
    float measured = 0;
    for (std::size_t i = 0; i < sample.frames.size(); ++i) {
        const VideoFrame& frame = sample.frames[i];
        const auto place = std::span(pictures.values).subspan(i * pixels_->values(), pixels_->values());
        const auto seen = pixels_->read(frame.image, place);
        if (!seen) return seen.error();
        pictures.weights.push_back(picture_quality(*seen));
        if (frame.motion < 0) continue;
        motion += frame.motion;
        ++measured;
    }
    judge(pictures);
    Encoding& encoding = pictures.encoding;
    encoding.notes.insert(encoding.notes.end(), sample.notes.begin(), sample.notes.end());
    encoding.facts = {{"frames", static_cast<float>(sample.frames.size())},
                      {"duration_s", static_cast<float>(sample.duration_s)},
                      {"width_px", static_cast<float>(sample.width)},
                      {"height_px", static_cast<float>(sample.height)}};
    if (measured > 0) encoding.facts["motion"] = motion / measured;
    return pictures;
}

}  // namespace bgm
