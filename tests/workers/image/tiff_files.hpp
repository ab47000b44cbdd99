// TIFF files of every layout, made by libtiff.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/workers/image/image_files.hpp"

namespace bgm::test {

enum class TiffKind { gray, gray_inverted, palette, rgb, cmyk, ycbcr, cie_lab, icc_lab };
enum class TiffOpacity { none, undeclared, unspecified, premultiplied, straight };

/// Which way to store a picture. Numbers are TIFF's own.
struct TiffShape {
    std::string name = "plain";
    TiffKind kind = TiffKind::rgb;
    int bits = 8;
    bool planar = false;
    int compression = 1;
    int predictor = 1;
    int tile = 0;  // a multiple of 16; 0: strips
    int rows_per_strip = 16;
    int sample_format = 1;
    int fill_order = 1;
    int subsampling_x = 1, subsampling_y = 1;
    int inkset = 1;
    TiffOpacity opacity = TiffOpacity::none;
    bool big_endian = false;
    bool big_tiff = false;
    int orientation = 0;   // 0: none
    int samples_more = 0;  // that mean nothing
};

/// Every layout, depth, kind of colour and compression that is read.
std::vector<TiffShape> tiff_shapes_to_read();
/// As many colours as a palette of so many bits has, at most 64.
RgbImage few_colours(int width, int height, int bits);

Bytes encode_tiff(const RgbImage& image, const TiffShape& shape = {});

/// What is to be read from it, on white: the colours that remain at that depth. `alpha` is 255 to the left
/// of the middle and 128 to the right, where there is any.
RgbImage expected_from_tiff(const RgbImage& image, const TiffShape& shape);

/// Whether this machine's libtiff can write it.
bool tiff_can(int compression);

}  // namespace bgm::test
