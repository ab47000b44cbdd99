// Image files made at test time: through OpenCV where it can write them, by hand where a test needs what it
// cannot.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workers/media/picture/rgb_image.hpp"

namespace bgm::test {

using Bytes = std::vector<std::uint8_t>;

inline std::span<const std::byte> as_media(const Bytes& bytes) {
    return std::as_bytes(std::span(bytes));
}

/// `extension` decides the format: ".jpg" (quality 95), ".png", ".webp" (lossless), ".bmp".
Bytes encode(const RgbImage& image, const std::string& extension);
Bytes encode_progressive_jpeg(const RgbImage& image);
Bytes encode_gray(const RgbImage& image, const std::string& extension);
/// `alpha` covers the right half of the picture. A lossy WebP keeps it in a chunk of its own.
Bytes encode_with_alpha(const RgbImage& image, const std::string& extension, std::uint8_t alpha,
                        bool lossy = false);
Bytes encode_png_16_bit(const RgbImage& image);
/// As printers' software writes it: `ink` is width * height * 4 bytes of cyan, magenta, yellow and black,
/// stored as they are, which by Adobe's convention means inverted.
/// `turned`: as brightness and hues of the inks (YCCK).
Bytes encode_cmyk_jpeg(const Bytes& ink, int width, int height, bool turned = false);

/// An Exif block as cameras write it, with the orientation as its only tag.
Bytes exif_block(int orientation, bool big_endian);
/// Puts an APP1 segment behind the start-of-image marker.
Bytes with_exif(const Bytes& jpeg, const Bytes& exif);

struct PngChunk {
    std::string_view type;
    Bytes data;
};
/// A PNG with valid checksums. `rows` are the scan lines with their filter byte; `interlaced`: those of
/// Adam7's seven passes, one pass after the other.
Bytes make_png(std::uint32_t width, std::uint32_t height, int bit_depth, int color_type,
               const std::vector<PngChunk>& before, const Bytes& rows, bool interlaced = false);

struct MovingWebpFrame {
    Bytes still;   // a WebP of its own, of the same size
    int left = 0;  // even numbers
    int top = 0;
    int width = 0;
    int height = 0;
    int milliseconds = 100;
    bool replaces = false;       // what it covers, transparency too, instead of being laid over it
    bool to_background = false;  // afterwards
};
Bytes make_moving_webp(int width, int height, const std::vector<MovingWebpFrame>& frames);
/// An animation of one frame per still WebP, as sticker apps write it.
Bytes animate_webp(const std::vector<Bytes>& stills, int width, int height);

struct GifFrame {
    int left = 0;
    int top = 0;
    int width = 0;
    int height = 0;
    bool interlaced = false;
    int transparent = -1;
    int hundredths = 10;  // of a second
    int disposal = 0;     // 1: it stays; 2: the background comes back; 3: what was there before
    Bytes indices;
};
/// A GIF with a palette of 256 (`palette` red, green, blue; padded with black), compressed as real encoders
/// do.
Bytes make_gif(int width, int height, const Bytes& palette, const std::vector<GifFrame>& frames);

}  // namespace bgm::test
