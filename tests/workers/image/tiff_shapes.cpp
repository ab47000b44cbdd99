// The ways of TIFF that are read.
#include <algorithm>

#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/tiff_files.hpp"

namespace bgm::test {
namespace {

constexpr int kLzw = 5, kJpeg = 7, kDeflate = 8, kFax3 = 3, kFax4 = 4, kPackBits = 32773, kOldDeflate = 32946,
              kLzma = 34925, kZstd = 50000, kWebp = 50001;

}  // namespace

std::vector<TiffShape> tiff_shapes_to_read() {
    std::vector<TiffShape> shapes;
    const auto add = [&](TiffShape shape, const std::string& name) {
        shape.name = name;
        shapes.push_back(std::move(shape));
    };
    for (const bool planar : {false, true}) {
        const std::string how = planar ? "planar " : "chunky ";
        for (const int bits : {1, 2, 4, 8, 12, 16, 32}) {
            for (const bool big_endian : {false, true}) {
                const std::string what = how + std::to_string(bits) + (big_endian ? " MM " : " II ");
                add({.bits = bits, .planar = planar, .big_endian = big_endian}, what + "rgb");
                add({.bits = bits, .planar = planar, .tile = 32, .big_endian = big_endian},
                    what + "rgb tiled");
                add({.kind = TiffKind::cmyk, .bits = bits, .planar = planar, .big_endian = big_endian},
                    what + "cmyk");
                if (planar) continue;
                add({.kind = TiffKind::gray, .bits = bits, .big_endian = big_endian}, what + "gray");
                add({.kind = TiffKind::gray, .bits = bits, .tile = 16, .big_endian = big_endian},
                    what + "gray tiled");
                add({.kind = TiffKind::gray_inverted, .bits = bits, .big_endian = big_endian},
                    what + "gray inverted");
            }
        }
        for (const int bits : {8, 16}) {
            for (const TiffOpacity opacity : {TiffOpacity::undeclared, TiffOpacity::unspecified,
                                              TiffOpacity::premultiplied, TiffOpacity::straight}) {
                const std::string what = how + std::to_string(bits) + " opacity " +
                                         std::to_string(static_cast<int>(opacity)) + ' ';
                add({.bits = bits, .planar = planar, .opacity = opacity}, what + "rgb");
                add({.bits = bits, .planar = planar, .tile = 16, .opacity = opacity}, what + "rgb tiled");
                add({.kind = TiffKind::gray, .bits = bits, .planar = planar, .opacity = opacity},
                    what + "gray");
            }
            add({.kind = TiffKind::gray_inverted,
                 .bits = bits,
                 .planar = planar,
                 .opacity = TiffOpacity::straight},
                how + "see-through gray inverted");
            add({.kind = TiffKind::cmyk, .bits = bits, .planar = planar, .opacity = TiffOpacity::straight},
                how + "see-through inks");
            add({.bits = bits, .planar = planar, .opacity = TiffOpacity::straight, .samples_more = 3},
                how + "more samples");
            add({.bits = bits, .planar = planar, .samples_more = 2}, how + "more samples, opaque");
            add({.kind = TiffKind::cie_lab, .bits = bits, .planar = planar}, how + "CIELAB");
            add({.kind = TiffKind::icc_lab, .bits = bits, .planar = planar}, how + "ICCLAB");
        }
        for (const int compression : {kLzw, kDeflate, kOldDeflate, kPackBits, kLzma, kZstd}) {
            for (const int bits : {8, 16}) {
                for (const int predictor : {1, 2}) {
                    if (predictor == 2 && compression == kPackBits) continue;
                    add({.bits = bits, .planar = planar, .compression = compression, .predictor = predictor},
                        how + "compression " + std::to_string(compression) + " predictor " +
                            std::to_string(predictor));
                }
            }
        }
    }
    for (const int bits : {1, 2, 4, 8}) {
        add({.kind = TiffKind::palette, .bits = bits}, "palette " + std::to_string(bits));
        add({.kind = TiffKind::palette, .bits = bits, .tile = 16}, "tiled palette " + std::to_string(bits));
    }
    for (const int compression : {2, kFax3, kFax4}) {
        for (const TiffKind kind : {TiffKind::gray, TiffKind::gray_inverted}) {
            for (const int fill_order : {1, 2})
                add({.kind = kind, .bits = 1, .compression = compression, .fill_order = fill_order},
                    "fax " + std::to_string(compression) + " order " + std::to_string(fill_order));
        }
    }
    add({.kind = TiffKind::gray, .bits = 4, .fill_order = 2}, "bits in reverse");
    add({.compression = kWebp}, "WebP in TIFF");
    add({.compression = kJpeg}, "JPEG in TIFF, rgb");
    add({.planar = true, .compression = kJpeg}, "JPEG in TIFF, planar");
    add({.kind = TiffKind::gray, .compression = kJpeg}, "JPEG in TIFF, gray");
    for (const auto& [x, y] : {std::pair{1, 1}, {2, 1}, {2, 2}, {4, 1}, {4, 2}, {4, 4}}) {
        const std::string name = std::to_string(x) + " x " + std::to_string(y);
        add({.kind = TiffKind::ycbcr, .subsampling_x = x, .subsampling_y = y}, "YCbCr " + name);
        if (x > 2) continue;
        for (const int tile : {0, 32})
            add({.kind = TiffKind::ycbcr,
                 .compression = kJpeg,
                 .tile = tile,
                 .subsampling_x = x,
                 .subsampling_y = y},
                "JPEG in TIFF " + name);
    }
    add({.big_tiff = true}, "BigTIFF");
    add({.bits = 16, .planar = true, .big_endian = true, .big_tiff = true}, "BigTIFF, planar");
    add({.rows_per_strip = 1'000}, "one strip");
    add({.bits = 16, .planar = true, .rows_per_strip = 1'000}, "one strip a colour");
    return shapes;
}

// As many colours as a palette of so many bits has, at most 64.
RgbImage few_colours(int width, int height, int bits) {
    RgbImage image = draw_flat(width, height, 0, 0, 0);
    const int colours = std::min(1 << bits, 64);
    for (int i = 0; i < width * height; ++i) {
        const int colour = (i % width / 5 + i / width / 7) % colours;
        for (int c = 0; c < 3; ++c)
            image.pixels[static_cast<std::size_t>(i) * 3 + static_cast<std::size_t>(c)] =
                static_cast<std::uint8_t>(40 + colour * (31 + 16 * c) % 216);
    }
    return image;
}

}  // namespace bgm::test
