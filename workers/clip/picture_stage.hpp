// Photos, animations and videos on their way to the image tower: decoded, judged, resized and normalised as
// the model's own preprocessing says.
//
// Belongs to one thread. Keeps nothing of a file.
#pragma once

#include <memory>
#include <span>

#include "workers/clip/clip_task.hpp"
#include "workers/image/pixel_reader.hpp"
#include "workers/media/media_limits.hpp"

namespace bgm {

class PictureStage {
 public:
    /// `caption`: how the captioner wants its pixels; null where photos are not captioned.
    PictureStage(std::unique_ptr<PixelReader> pixels, std::unique_ptr<PixelReader> caption,
                 const MediaLimits& limits = {})
        : pixels_(std::move(pixels)), caption_(std::move(caption)), limits_(limits) {}

    /// Fills in `pictures`, and `caption_pixels` where photos are captioned. Errors as in PixelReader.
    Status prepare_photo(std::span<const std::byte> file, ClipTask& task) const;
    /// The frames of a video, each weighed by how much there is to see in it. Errors as in sample_video().
    Result<ClipTask::Rows> prepare_video(std::span<const std::byte> file) const;
    /// The same for an animated GIF or WebP. Errors as in sample_animation().
    /// `posted_as` an image it may have no more bytes than an image.
    Result<ClipTask::Rows> prepare_animation(std::span<const std::byte> file, Modality posted_as) const;

 private:
    Result<ClipTask::Rows> prepare_frames(const VideoSample& sample) const;

    std::unique_ptr<PixelReader> pixels_;
    std::unique_ptr<PixelReader> caption_;
    MediaLimits limits_;
};

}  // namespace bgm
