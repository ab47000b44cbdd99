#include "workers/video/sample_encoding.hpp"

#include <utility>
#include <vector>

#include "workers/image/image_features.hpp"
#include "workers/video/video_embedding.hpp"

namespace bgm {

std::vector<Encoding> encode_sample(const VideoSample& sample, PictureNetworks& networks) {
    std::vector<PictureInTime> pictures;
    pictures.reserve(sample.frames.size());
    for (const VideoFrame& frame : sample.frames) {
        pictures.push_back({.encoding = encode_pixels(frame.image),
                            .colours = colour_shares(frame.image),
                            .motion = frame.motion});
    }
    Encoding encoding = combine_pictures(pictures);
    encoding.facts["duration_s"] = static_cast<float>(sample.duration_s);
    encoding.facts["width_px"] = static_cast<float>(sample.width);
    encoding.facts["height_px"] = static_cast<float>(sample.height);
    encoding.notes.insert(encoding.notes.end(), sample.notes.begin(), sample.notes.end());
    std::vector<Encoding> encodings = networks.look(sample.frames, encoding);
    encodings.insert(encodings.begin(), std::move(encoding));
    return encodings;
}

}  // namespace bgm
