// HEIC and AVIF files as phones write them, made by libheif's encoders.
#pragma once

#include <cstdint>

#include "tests/workers/image/image_files.hpp"

namespace bgm::test {

enum class HeifCodec { hevc, av1 };

struct HeifSpec {
    HeifCodec codec = HeifCodec::hevc;
    /// Exif numbering; written as turns and mirrors of the container (irot, imir).
    int orientation = 1;
    /// Of the right half of the picture; 255 writes no alpha at all.
    std::uint8_t alpha = 255;
};

Bytes encode_heif(const RgbImage& image, const HeifSpec& spec = {});

}  // namespace bgm::test
