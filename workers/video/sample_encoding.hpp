// The pictures of a video or an animation as the encoding of a video. Pure.
#pragma once

#include "workers/encoder.hpp"
#include "workers/media/video_sample.hpp"

namespace bgm {

/// Of model kVideoModel: what combine_pictures() makes of the frames, with the clip's length and size, and
/// the sample's notes.
Encoding encode_sample(const VideoSample& sample);

}  // namespace bgm
