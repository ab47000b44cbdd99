#include "workers/media/picture/exif_orientation.hpp"

#include <cstring>
#include <string_view>

#include "workers/media/picture/byte_reader.hpp"

namespace bgm {
namespace {

constexpr std::uint16_t kOrientationTag = 0x0112;
constexpr std::uint16_t kShort = 3;

bool starts_with(std::span<const std::byte> bytes, std::string_view prefix) {
    return bytes.size() >= prefix.size() && std::memcmp(bytes.data(), prefix.data(), prefix.size()) == 0;
}

}  // namespace

std::optional<int> exif_orientation(std::span<const std::byte> exif) {
    constexpr std::string_view kPrefix("Exif\0\0", 6);
    if (starts_with(exif, kPrefix)) exif = exif.subspan(kPrefix.size());

    ByteReader tiff(exif);
    if (starts_with(exif, "II")) {
        tiff.set_endian(Endian::little);
    } else if (!starts_with(exif, "MM")) {
        return std::nullopt;
    }
    tiff.skip(2);
    if (tiff.u16() != 42) return std::nullopt;
    if (!tiff.seek(tiff.u32())) return std::nullopt;

    // Only the first directory describes the main picture; the second one belongs to the thumbnail.
    const std::uint16_t entries = tiff.u16();
    for (std::uint16_t i = 0; i < entries && tiff.ok(); ++i) {
        const std::uint16_t tag = tiff.u16();
        const std::uint16_t type = tiff.u16();
        const std::uint32_t count = tiff.u32();
        const std::uint16_t value = tiff.u16();
        tiff.skip(2);
        if (tag != kOrientationTag) continue;
        if (!tiff.ok() || type != kShort || count != 1 || value < 1 || value > 8) return std::nullopt;
        return value;
    }
    return std::nullopt;
}

RgbImage apply_orientation(RgbImage stored, int orientation) {
    if (orientation < 2 || orientation > 8) return stored;
    const bool transposed = orientation >= 5;
    RgbImage shown;
    shown.width = transposed ? stored.height : stored.width;
    shown.height = transposed ? stored.width : stored.height;
    shown.pixels.resize(stored.pixels.size());

    // Where stored row 0 and column 0 are shown (Exif 2.32, 4.6.4): 2 top right, 3 bottom right, 4 bottom
    // left, 5 left top, 6 right top, 7 right bottom, 8 left bottom.
    const bool flip_x = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
    const bool flip_y = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
    for (int y = 0; y < stored.height; ++y) {
        for (int x = 0; x < stored.width; ++x) {
            int shown_x = transposed ? y : x;
            int shown_y = transposed ? x : y;
            if (flip_x) shown_x = shown.width - 1 - shown_x;
            if (flip_y) shown_y = shown.height - 1 - shown_y;
            const auto from = (static_cast<std::size_t>(y) * stored.width + x) * 3;
            const auto to = (static_cast<std::size_t>(shown_y) * shown.width + shown_x) * 3;
            std::memcpy(&shown.pixels[to], &stored.pixels[from], 3);
        }
    }
    return shown;
}

}  // namespace bgm
