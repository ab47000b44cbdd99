// The container of a WebP file (RFC 9649), walked without decoding: its first picture as a file of its own,
// since OpenCV 4.6 refuses animations, and the frames of an animation one after the other. Borrows the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "workers/media/animation/frame_place.hpp"
#include "workers/media/picture/byte_reader.hpp"

namespace bgm {

struct WebpStream {
    std::string_view problem;  // what is wrong with it, empty where nothing is
    int width = 0;             // of the first picture
    int height = 0;
    bool animated = false;  // made as an animation, be it of one frame
    std::optional<int> orientation;
    std::span<const std::byte> alpha;    // the picture's ALPH chunk with its header, may be empty
    std::span<const std::byte> picture;  // its VP8 or VP8L chunk with its header
};

WebpStream walk_webp(std::span<const std::byte> file);

/// A still WebP with the first picture of `stream` (which must have no problem).
std::vector<std::byte> still_webp(const WebpStream& stream);

struct WebpFrame {
    FramePlace place;  // not empty, within the canvas
    double seconds = 0;
    bool blended = false;  // laid over what is there; otherwise it takes its place, transparency too
    WebpStream still;      // its picture, of the same size
};

class WebpReader {
 public:
    explicit WebpReader(std::span<const std::byte> file);

    std::int64_t canvas_width() const { return canvas_width_; }
    std::int64_t canvas_height() const { return canvas_height_; }

    /// The next frame of an animation; none at the end, and where a frame is cut off or contradicts itself.
    std::optional<WebpFrame> next_frame();
    /// True where all there is has been read, and nothing was wrong with it.
    bool ended() const { return ended_; }

 private:
    ByteReader reader_;
    std::int64_t canvas_width_ = 0, canvas_height_ = 0;  // 0 where the file is no animation
    bool ended_ = false;
};

struct WebpLength {
    int frames = 0;         // that are whole, at most as many as asked for
    double duration_s = 0;  // of these, as declared
};

/// Counts without decoding anything.
WebpLength measure_webp(std::span<const std::byte> file, int frames_max);

}  // namespace bgm
