#include "workers/media/picture/image_probe.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "workers/media/animation/gif_reader.hpp"
#include "workers/media/animation/webp_stream.hpp"
#include "workers/media/picture/byte_reader.hpp"
#include "workers/media/picture/exif_orientation.hpp"
#include "workers/media/picture/heif_decoder.hpp"
#include "workers/media/picture/jpeg_stream.hpp"
#include "workers/media/picture/tiff_decoder.hpp"

namespace bgm {
namespace {

// A progressive picture needs about ten scans. Hundreds of them only serve to keep a decoder busy: each one
// is a pass over the whole picture.
constexpr int kScansMax = 100;

Error refuse(ErrorCode code, std::string message) {
    return Error{.code = code, .message = std::move(message)};
}

bool equals(std::span<const std::byte> bytes, std::string_view text) {
    return bytes.size() == text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

Result<ImageHeader> probe_jpeg(std::span<const std::byte> file) {
    const JpegStream stream = walk_jpeg(file);
    if (stream.frame_type < 0) return refuse(ErrorCode::corrupt, "a JPEG image without a frame header");
    if (stream.precision_bits != 8) {
        return refuse(ErrorCode::unsupported,
                      "a JPEG image with " + std::to_string(stream.precision_bits) + " bits a sample");
    }
    const int type = stream.frame_type;
    if (type != 0 && type != 1 && type != 2 && type != 9 && type != 10) {
        return refuse(ErrorCode::unsupported, "a lossless or hierarchical JPEG image");
    }
    if (stream.scans > kScansMax) {
        return refuse(ErrorCode::too_large, "a JPEG image with " + std::to_string(stream.scans) + " scans");
    }
    // libjpeg would fill what is missing with gray, which then counts as a mood. Bytes after the end are
    // fine: phones put depth maps and videos there.
    if (!stream.ended)
        return refuse(ErrorCode::corrupt, "a JPEG image that was cut off: it has no end marker");
    ImageHeader header;
    header.width = stream.width;
    header.height = stream.height;
    header.orientation = stream.orientation.value_or(1);
    return header;
}

// As many bytes of compressed pixels as an honest writer could need, and then some: zlib stores what it
// cannot compress nearly as it is, and some writers flush it after every row. libpng inflates all that there
// are, however small the picture: a megabyte for 64 x 64 pixels would be a gigabyte.
std::int64_t png_data_bytes_max(std::int64_t width, std::int64_t height, int depth, int colour_type) {
    constexpr std::int64_t kAnyPicture = 64 * 1024, kAnyRow = 8, kRowMax = 1 << 30;
    constexpr std::array<int, 8> kChannels{1, 1, 3, 1, 2, 1, 4, 4};
    const int bits = kChannels.at(static_cast<std::size_t>(colour_type & 7)) * std::clamp(depth, 1, 16);
    const std::int64_t row_bytes = std::min((width * bits + 7) / 8 + 1, kRowMax);
    return kAnyPicture + height * (2 * row_bytes + kAnyRow);
}

Result<ImageHeader> probe_png(std::span<const std::byte> file) {
    ByteReader reader(file);
    reader.skip(8);
    const std::uint32_t header_bytes = reader.u32();
    const bool is_header = equals(reader.take(4), "IHDR");
    const std::uint32_t width = reader.u32();
    const std::uint32_t height = reader.u32();
    const int depth = reader.u8();
    const int colour_type = reader.u8();
    if (!reader.ok() || !is_header || header_bytes != 13)
        return refuse(ErrorCode::corrupt, "a PNG image without a header");
    if (width > INT32_MAX || height > INT32_MAX)
        return refuse(ErrorCode::corrupt, "a PNG image with an impossible size");
    ImageHeader header;
    header.width = static_cast<int>(width);
    header.height = static_cast<int>(height);
    std::int64_t data_left = png_data_bytes_max(width, height, depth, colour_type);
    reader.seek(8 + 12 + 13);
    while (reader.left() >= 12) {  // eXIf stands before or after the pixels
        const std::uint32_t length = reader.u32();
        const auto type = reader.take(4);
        if (equals(type, "IDAT")) data_left -= length;
        if (data_left < 0)
            return refuse(ErrorCode::corrupt, "a PNG image with far more data than its pixels can take");
        const auto data = reader.take(length);
        if (!reader.ok() || equals(type, "IEND")) break;
        if (equals(type, "eXIf")) header.orientation = exif_orientation(data).value_or(1);
        reader.skip(4);
    }
    return header;
}

Result<ImageHeader> probe_gif(std::span<const std::byte> file) {
    ByteReader reader(file, Endian::little);
    reader.skip(6);
    ImageHeader header;
    header.width = reader.u16();
    header.height = reader.u16();
    if (!reader.ok()) return refuse(ErrorCode::corrupt, "a GIF image without a header");
    header.animated = measure_gif(file, 2).frames > 1;
    return header;
}

Result<ImageHeader> probe_bmp(std::span<const std::byte> file) {
    ByteReader reader(file, Endian::little);
    reader.skip(14);
    const std::uint32_t header_bytes = reader.u32();
    ImageHeader header;
    if (header_bytes == 12) {
        header.width = reader.u16();
        header.height = reader.u16();
    } else {
        header.width = static_cast<std::int32_t>(reader.u32());
        const auto height = static_cast<std::int32_t>(reader.u32());  // negative: rows run from the top
        if (height == INT32_MIN) return refuse(ErrorCode::corrupt, "a BMP image with an impossible size");
        header.height = std::abs(height);
        reader.skip(4);  // planes and bits
        const std::uint32_t compression = reader.u32();
        // What OpenCV 4.6 takes for damaged: half bytes in runs, and whole files inside.
        constexpr std::uint32_t kPlain = 0, kRunsOfBytes = 1, kMasks = 3;
        if (reader.ok() && header_bytes >= 40 && compression != kPlain && compression != kRunsOfBytes &&
            compression != kMasks)
            return refuse(ErrorCode::unsupported,
                          "a BMP image of compression " + std::to_string(compression));
    }
    if (!reader.ok()) return refuse(ErrorCode::corrupt, "a BMP image without a header");
    return header;
}

Result<ImageHeader> probe_webp(std::span<const std::byte> file) {
    const WebpStream stream = walk_webp(file);
    if (!stream.problem.empty()) return refuse(ErrorCode::corrupt, std::string(stream.problem));
    ImageHeader header;
    header.width = stream.width;
    header.height = stream.height;
    header.orientation = stream.orientation.value_or(1);
    header.animated = measure_webp(file, 2).frames > 1;
    return header;
}

Result<ImageHeader> probe_kind(ImageKind kind, std::span<const std::byte> file, std::int64_t pixels_max) {
    switch (kind) {
        case ImageKind::jpeg:
            return probe_jpeg(file);
        case ImageKind::png:
            return probe_png(file);
        case ImageKind::gif:
            return probe_gif(file);
        case ImageKind::bmp:
            return probe_bmp(file);
        case ImageKind::webp:
            return probe_webp(file);
        case ImageKind::tiff:
            return probe_tiff(file, pixels_max);
        case ImageKind::heic:
        case ImageKind::avif:
            return probe_heif(file, kind, pixels_max);
        case ImageKind::other:
            break;
    }
    return refuse(ErrorCode::unsupported, "not an image of a known kind");
}

}  // namespace

Result<ImageHeader> probe_image(std::span<const std::byte> file, const ImageLimits& limits) {
    if (file.empty()) return refuse(ErrorCode::corrupt, "the file is empty");
    if (file.size() > limits.bytes_max) {
        return refuse(ErrorCode::too_large, "the file has " + std::to_string(file.size()) +
                                                " bytes, more than the " + std::to_string(limits.bytes_max) +
                                                " allowed");
    }
    const ImageSignature signature = sniff_image(file);
    const std::string what(signature.what);
    if (signature.kind == ImageKind::other) {
        if (what.empty()) return refuse(ErrorCode::unsupported, "not an image of a known kind");
        if (signature.is_image) {
            return refuse(ErrorCode::unsupported,
                          what + " is not supported; send JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC or AVIF");
        }
        return refuse(ErrorCode::unsupported, what + ", not an image");
    }
    auto header = probe_kind(signature.kind, file, limits.pixels_max);
    if (!header) return header;
    header->kind = signature.kind;
    if (header->width <= 0 || header->height <= 0)
        return refuse(ErrorCode::corrupt, what + " without any pixels");
    const std::int64_t pixels = std::int64_t{header->width} * header->height;
    if (pixels > limits.pixels_max) {
        return refuse(ErrorCode::too_large, what + " of " + std::to_string(header->width) + " x " +
                                                std::to_string(header->height) + " pixels, more than the " +
                                                std::to_string(limits.pixels_max) + " allowed");
    }
    return header;
}

}  // namespace bgm
