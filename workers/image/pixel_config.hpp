// How a published image model wants its pictures: preprocessor_config.json, read as transformers 4.34 reads
// it (CLIPImageProcessor, BlipImageProcessor).
//
// A plain value. The file is not trusted: every size has a bound, because it decides how much memory is
// taken, and what would not give tensors of one size is refused. Keys that these processors do not know are
// left alone, as they do.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>

#include "schemas/result.hpp"
#include "workers/image/resample.hpp"

namespace bgm {

/// Whose defaults fill in for absent keys. Where the file names an image processor, it must be the family's.
enum class PixelFamily {
    clip,  // the shortest edge to 224, the middle 224 x 224
    blip,  // straight to 384 x 384; crops are not known
};

inline constexpr std::int64_t kPixelSideMax = 4096;

struct PixelConfig {
    enum class Resize {
        none,
        shortest_edge,  // keeps the proportions
        exact,          // does not
    };
    Resize resize = Resize::shortest_edge;
    int shortest_edge = 224;
    int resize_width = 0;  // of Resize::exact
    int resize_height = 0;
    ResampleFilter filter = ResampleFilter::bicubic;
    bool center_crop = true;
    int crop_width = 224;
    int crop_height = 224;
    bool rescale = true;
    double rescale_factor = 1.0 / 255.0;
    bool normalize = true;
    std::array<float, 3> mean{0.48145466F, 0.4578275F, 0.40821073F};
    std::array<float, 3> deviation{0.26862954F, 0.26130258F, 0.27577711F};

    /// What an encoder gets; the same for every picture.
    int width() const { return center_crop ? crop_width : resize_width; }
    int height() const { return center_crop ? crop_height : resize_height; }
};

/// Errors: `not_found`, `corrupt`, `too_large` (the file), `unsupported` (another processor or filter) and
/// `invalid_argument` (a value out of bounds); the message names file and key.
Result<PixelConfig> read_pixel_config(const std::filesystem::path& file, PixelFamily family);

}  // namespace bgm
