// The blocks of a GIF, one frame after the other, and the codes that its pixels are packed in.
//
// Everything comes from a stranger; reading takes no memory that depends on the file. Borrows the bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "schemas/result.hpp"
#include "workers/media/animation/frame_place.hpp"
#include "workers/media/picture/byte_reader.hpp"

namespace bgm {

struct GifFrame {
    FramePlace place;  // not empty; may lie anywhere
    bool interlaced = false;
    int transparent = -1;  // no entry of the palette
    int delay_hundredths = 0;
    std::span<const std::byte> palette;  // red, green, blue; not empty, may have fewer than 256 entries
};

class GifReader {
 public:
    explicit GifReader(std::span<const std::byte> file);

    int screen_width() const { return screen_width_; }
    int screen_height() const { return screen_height_; }

    /// The next frame; passes over the pixels of the one before. Fails with `corrupt` where there is none:
    /// see ended().
    Result<GifFrame> next_frame();
    /// True where the file has no more frames as it should: at its trailer, or at its end between two blocks.
    bool ended() const { return ended_; }

    /// Unpacks the frame that next_frame() gave last; false where the data end before `indices` is full,
    /// which has width * height places. Rows come as they are stored: see gif_row().
    bool read_pixels(std::span<std::uint8_t> indices);

 private:
    ByteReader reader_;
    int screen_width_ = 0, screen_height_ = 0;
    std::span<const std::byte> palette_;  // of all frames that have none of their own
    std::size_t pixels_at_ = 0;  // of the last frame: its first block of codes; 0 before there is one
    int root_bits_ = 0;
    bool ended_ = false;
};

/// Where the row stored as the `stored`-th of `height` belongs.
int gif_row(int stored, int height, bool interlaced);

/// The colour of an index, as three bytes: black where the palette has no such entry.
inline std::span<const std::byte> gif_colour(std::span<const std::byte> palette, std::uint8_t index) {
    static constexpr std::array<std::byte, 3> kBlack{};
    const std::size_t at = std::size_t{index} * 3;
    return at + 3 <= palette.size() ? palette.subspan(at, 3) : std::span<const std::byte>(kBlack);
}

struct GifLength {
    int frames = 0;         // whose headers are there, at most as many as asked for
    double duration_s = 0;  // of these, as declared
};

/// Counts without unpacking anything.
GifLength measure_gif(std::span<const std::byte> file, int frames_max);

}  // namespace bgm
