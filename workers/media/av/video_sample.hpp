// What is looked at of a video or an animation: a few small pictures, and how much moves. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "schemas/default_limits.hpp"
#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

struct VideoLimits {
    std::size_t bytes_max = kVideoBytesMaxDefault;
    std::int64_t pixels_max = kPixelsMaxDefault;  // declared, of a frame
    double analysed_s = kAnalysedVideoDefault_s;  // what lies behind is not looked at
    std::size_t frames_max = kVideoFramesMaxDefault;
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
    bool decoded_through = false;    // the beginning was decoded frame by frame
    std::vector<std::string> notes;
};

}  // namespace bgm
