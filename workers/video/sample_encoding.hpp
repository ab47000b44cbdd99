// The pictures of a video or an animation as the encoding of a video. Pure.
#pragma once

#include "workers/media/av/video_sample.hpp"
#include "workers/process/encoder.hpp"

namespace bgm {

/// Of model kVideoModel: what combine_pictures() makes of the frames, with the clip's length and size, and
/// the sample's notes.
Encoding encode_sample(const VideoSample& sample);

}  // namespace bgm
