// Photos, animations and videos on their way to the image tower: decoded, judged, resized and normalised as
// the model's own preprocessing says.
//
// Belongs to one thread. Keeps nothing of a file.
#pragma once

#include <memory>
#include <span>

#include "workers/clip/clip_task.hpp"
#include "workers/image/pixel_reader.hpp"
#include "workers/media/video_sample.hpp"

namespace bgm {

class PictureStage {
 public:
    /// `caption`: how the captioner wants its pixels; null where photos are not captioned.
    PictureStage(std::unique_ptr<PixelReader> pixels, std::unique_ptr<PixelReader> caption)
        : pixels_(std::move(pixels)), caption_(std::move(caption)) {}

    /// Fills in `pictures`, and `caption_pixels` where photos are captioned. Errors as in PixelReader.
    Status prepare_photo(std::span<const std::byte> file, ClipTask& task) const;
    /// The frames of a video, each weighed by how much there is to see in it. Errors as in sample_video().
    Result<ClipTask::Rows> prepare_video(std::span<const std::byte> file) const;
    /// The same for an animated GIF or WebP. Errors as in sample_animation().
    Result<ClipTask::Rows> prepare_animation(std::span<const std::byte> file, std::size_t bytes_max) const;

 private:
    Result<ClipTask::Rows> prepare_frames(const VideoSample& sample) const;

    std::unique_ptr<PixelReader> pixels_;
    std::unique_ptr<PixelReader> caption_;
};

}  // namespace bgm
