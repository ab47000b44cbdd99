// One file of every layout of every picture format that is read.
#pragma once

#include <string>
#include <vector>

#include "tests/workers/image/image_files.hpp"

namespace bgm::test {

struct PictureFile {
    std::string name;
    Bytes file;
};

/// Of the size and content of `image`, as far as a layout can hold it; those of PNG and BMP with few bits
/// hold stripes and noise.
std::vector<PictureFile> pictures_of_every_layout(const RgbImage& image);

struct BmpShape {
    int bits = 24;
    int compression = 0;    // 1: run lengths of bytes; 2: of half bytes; 3: masks of bits
    int header_bytes = 40;  // 12: OS/2's
    bool from_top = false;
    int colours = 0;  // in the palette; 0: as many as there can be
    std::vector<std::uint32_t> masks = {};
};
/// `rows` are the bytes behind palette and masks, as they are.
Bytes make_bmp(int width, int height, const BmpShape& shape, const Bytes& rows);

}  // namespace bgm::test
