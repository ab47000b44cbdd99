// What config.json says of CLAP's audio tower, checked so that every size in it fits every other.
//
// Read as transformers 4.34 reads it (ClapAudioConfig): absent keys have its defaults, and what it could not
// compute is refused here.
#pragma once

#include <cstdint>
#include <vector>

#include "workers/config_object.hpp"
#include "workers/encoders/swin_stage.hpp"

namespace bgm {

struct ClapAudioShape {
    std::int64_t bands = 64;  // of the log-mel spectrum
    std::int64_t side = 256;  // of the square image that it is folded into
    std::int64_t folds = 4;   // how many stretches of time lie above each other in the image
    std::int64_t patch[2] = {4, 4};
    std::int64_t stride[2] = {4, 4};
    std::int64_t width = 96;  // of a patch's embedding
    bool patch_norm = true;
    std::vector<SwinStageShape> stages;

    /// The most frames that a spectrum may have; shorter ones are stretched to it.
    std::int64_t frames_max() const { return side * folds; }
    /// Bands of the image: of one stretch of time.
    std::int64_t image_bands() const { return side / folds; }

    /// Mistakes are in section.status(), and then the shape is not to be used.
    static ClapAudioShape read(const ConfigObject& section);
};

}  // namespace bgm
