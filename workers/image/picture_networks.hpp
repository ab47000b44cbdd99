// The pretrained networks that look at pictures, as far as their packages are installed.
//
// Used by one thread, which need not be the one that opened them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "workers/image/face_reader.hpp"
#include "workers/image/kind_reader.hpp"
#include "workers/media/picture/rgb_image.hpp"
#include "workers/process/encoder.hpp"

namespace bgm {

class PictureNetworks {
 public:
    /// What cannot be loaded is left out. A package that is not installed is no news; anything else is told
    /// on stderr, by the file that is wrong. `kinds`: also what kind of picture it is.
    static PictureNetworks open(const std::filesystem::path& packages, bool kinds);

    bool any() const { return faces_ || kinds_; }
    std::vector<std::string> heads() const;

    /// What they say of one picture beside `known`, to which facts are added.
    std::vector<Encoding> look(const RgbImage& picture, Encoding& known);
    /// Faces alone, of one more picture of a film.
    void look_for_faces(const RgbImage& picture, FacesSeen& seen);

 private:
    std::optional<FaceReader> faces_;
    std::optional<KindReader> kinds_;
};

}  // namespace bgm
