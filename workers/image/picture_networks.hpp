// The pretrained networks that look at pictures, as far as their packages are installed.
//
// Used by one thread, which need not be the one that opened them.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "workers/image/face_reader.hpp"
#include "workers/image/kind_reader.hpp"
#include "workers/media/av/video_sample.hpp"
#include "workers/media/picture/rgb_image.hpp"
#include "workers/process/encoder.hpp"

namespace bgm {

class PictureNetworks {
 public:
    /// What cannot be loaded is left out. A package that is not installed is no news; anything else is told
    /// on stderr, by the file that is wrong.
    static PictureNetworks open(const std::filesystem::path& packages);

    bool any() const { return faces_ || kinds_; }
    std::vector<std::string> heads() const;

    /// What they say of a picture beside `known`, to which facts are added.
    std::vector<Encoding> look(const RgbImage& picture, Encoding& known);
    /// The same of a film: of some of its pictures, spread over all of them.
    std::vector<Encoding> look(std::span<const VideoFrame> frames, Encoding& known);

 private:
    std::vector<Encoding> look(const std::vector<const RgbImage*>& pictures, Encoding& known);

    std::optional<FaceReader> faces_;
    std::optional<KindReader> kinds_;
};

}  // namespace bgm
