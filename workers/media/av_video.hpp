// A few small pictures spread over a video, and how much moves, without decoding all of it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "schemas/result.hpp"
#include "workers/media/cpu_budget.hpp"
#include "workers/media/rgb_image.hpp"

namespace bgm {

struct VideoLimits {
    std::size_t bytes_max = 200'000'000;
    double analysed_s = 600;  // what lies behind is not looked at
    std::size_t frames_max = 16;
    int longer_side_px = 384;  // of the pictures handed out
};

struct VideoFrame {
    RgbImage
        image;  // upright, square pixels, longer side at most longer_side_px (small videos are not enlarged)
    double time_s = 0;
    float motion =
        -1;  // mean change of luma (0..1) per second to a frame shortly after; -1 where there was none
};

struct VideoSample {
    std::vector<VideoFrame> frames;  // at least one, in order of time
    double duration_s = 0;           // as claimed; 0 where the container does not say
    int width = 0, height = 0;       // as shown, before scaling
    bool decoded_through = false;    // too few key frames: the beginning was decoded frame by frame
    std::vector<std::string> notes;
};

/// Seeks to evenly spread places and decodes the key frame there and the next reference frame, for the
/// motion. Where that gives fewer than four pictures (clips of one key frame, decoders that yield nothing
/// without their neighbours), decodes from the beginning instead, within the budget. Fails with `unsupported`
/// (not media, no pictures in it), `corrupt` (no frame decodes: "the video has no frames"), `too_large`
/// (file, or a frame past 50 MP), `deadline_exceeded`. A video that breaks off is used as far as it goes.
Result<VideoSample> sample_video(std::span<const std::byte> file, const VideoLimits& limits,
                                 const CpuBudget& budget);

}  // namespace bgm
