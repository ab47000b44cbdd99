// How the samples of a TIFF picture become colours. Knows nothing of files or of libtiff; pure functions, any
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "workers/media/av/alpha_rule.hpp"
#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

enum class TiffColour { black_is_zero, white_is_zero, palette, rgb, cmyk, cie_lab, icc_lab };

enum class TiffAlpha {
    none,
    straight,       // colours are stored whole ("unassociated")
    premultiplied,  // colours are stored multiplied with it ("associated")
};

/// How many samples make a colour, alpha not among them.
int channels_of(TiffColour colour);

/// A whole picture as eight bits a sample: width * height * channels, interleaved, rows from the top.
struct TiffSamples {
    int width = 0;
    int height = 0;
    TiffColour colour = TiffColour::rgb;
    TiffAlpha alpha = TiffAlpha::none;                      // the last channel, unless none
    std::vector<std::array<std::uint8_t, 3>> palette = {};  // of every index that there can be
    std::vector<std::uint8_t> values = {};

    int channels() const { return channels_of(colour) + (alpha == TiffAlpha::none ? 0 : 1); }
};

/// Of a row as TIFF packs it: samples of `bits` bits (1 to 16, or 32), `stride` of them a pixel. 16 and 32
/// bits are in this machine's byte order, all others run from the highest bit of each byte. The row must be
/// readable for three bytes beyond its end.
struct PackedRow {
    const std::uint8_t* bytes;
    int bits;
    int stride;
};

/// Writes one channel of `pixels` pixels to every `step`th byte. Scaled to eight bits, deeper samples by
/// leaving out the lower bits as Pillow does; the numbers of a palette's colours are taken as they are.
void unpack_channel(const PackedRow& row, int channel, int pixels, bool is_index, std::uint8_t* to, int step);

/// Inks and CIELAB become sRGB without a colour profile; CIELAB's white is D50, as TIFF 6.0 has it.
RgbImage to_rgb(TiffSamples samples, AlphaRule rule);

}  // namespace bgm
