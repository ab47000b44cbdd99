// The pictures of a video or an animation as the encodings of a video.
#pragma once

#include <vector>

#include "workers/image/picture_networks.hpp"
#include "workers/media/av/video_sample.hpp"
#include "workers/process/encoder.hpp"

namespace bgm {

/// First that of model kVideoModel: what combine_pictures() makes of the frames, with the clip's length and
/// size, and the sample's notes. Then what the networks see in them.
std::vector<Encoding> encode_sample(const VideoSample& sample, PictureNetworks& networks);

}  // namespace bgm
