// The marker structure of a JPEG file (ITU-T T.81, annex B), walked without decoding.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace bgm {

struct JpegStream {
    int width = 0;  // as declared by the frame header
    int height = 0;
    int precision_bits = 0;
    int components = 0;
    int frame_type = -1;  // 0 baseline, 1 extended, 2 progressive, 3 lossless ...; -1 = no frame header found
    int scans = 0;        // a progressive picture has about ten
    bool ended = false;   // an end-of-image marker follows the last scan: the file was not cut off
    std::optional<int> orientation;
};

/// Never fails: a file that stops making sense is described as far as it went.
JpegStream walk_jpeg(std::span<const std::byte> file);

}  // namespace bgm
