// The container of a WebP file (RFC 9649), walked without decoding, and its first frame as a file of its own:
// OpenCV 4.6 refuses animations.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace bgm {

struct WebpStream {
    std::string_view problem;  // what is wrong with it, empty where nothing is
    int width = 0;             // of the first picture
    int height = 0;
    bool animated = false;
    std::optional<int> orientation;
    std::span<const std::byte> alpha;    // the picture's ALPH chunk with its header, may be empty
    std::span<const std::byte> picture;  // its VP8 or VP8L chunk with its header
};

/// Borrows `file`.
WebpStream walk_webp(std::span<const std::byte> file);

/// A still WebP with the first picture of `stream` (which must have no problem).
std::vector<std::byte> still_webp(const WebpStream& stream);

}  // namespace bgm
