// How much of strangers' media a worker takes and looks at: bgmd's configuration, which reaches it by its
// command line. Plain values.
#pragma once

#include "workers/media/av/av_audio.hpp"
#include "workers/media/av/video_sample.hpp"
#include "workers/media/picture/image_probe.hpp"

namespace bgm {

struct MediaLimits {
    ImageLimits image = {};
    AudioLimits audio = {};
    VideoLimits video = {};
};

/// Those of an animation that was posted as an image.
inline VideoLimits as_video(const MediaLimits& limits) {
    VideoLimits moving = limits.video;
    moving.bytes_max = limits.image.bytes_max;
    moving.pixels_max = limits.image.pixels_max;
    return moving;
}

}  // namespace bgm
