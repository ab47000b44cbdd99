// What a file is by its first bytes, whatever its name claims.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace bgm {

enum class ImageKind { jpeg, png, webp, gif, bmp, tiff, heic, avif, other };

struct ImageSignature {
    ImageKind kind = ImageKind::other;
    bool is_image = false;  // also true for pictures that are recognised but not handled (JPEG XL, SVG ...)
    std::string_view what;  // "a JPEG image", "a zip archive"; empty where nothing is recognised
};

ImageSignature sniff_image(std::span<const std::byte> file);

}  // namespace bgm
