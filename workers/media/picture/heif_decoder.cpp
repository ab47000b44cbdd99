#include "workers/media/picture/heif_decoder.hpp"

#include <libheif/heif.h>

#include <cmath>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/free_with.hpp"
#include "workers/media/picture/heif_references.hpp"
#include "workers/media/picture/heif_relations.hpp"

namespace bgm {
namespace {

using Context = std::unique_ptr<heif_context, FreeWith<heif_context_free>>;
using Handle = std::unique_ptr<heif_image_handle, FreeWith<heif_image_handle_release>>;
using Options = std::unique_ptr<heif_decoding_options, FreeWith<heif_decoding_options_free>>;
using Picture = std::unique_ptr<heif_image, FreeWith<heif_image_release>>;

std::string_view noun(ImageKind kind) {
    return kind == ImageKind::avif ? "an AVIF image" : "a HEIC image";
}

// libheif's own words may quote the file; only its code is passed on.
Error failed(const heif_error& error, ImageKind kind) {
    const std::string what(noun(kind));
    if (error.subcode == heif_suberror_Security_limit_exceeded)
        return Error{.code = ErrorCode::too_large, .message = what + " with parts beyond the limits"};
    switch (error.code) {
        case heif_error_Memory_allocation_error:
            return Error{.code = ErrorCode::resource_exhausted,
                         .message = "not enough memory for this image"};
        case heif_error_Unsupported_filetype:
        case heif_error_Unsupported_feature:
            return Error{.code = ErrorCode::unsupported,
                         .message = what + " that needs a codec or a feature that is not supported"};
        default:
            return Error{.code = ErrorCode::corrupt,
                         .message = what + " that cannot be decoded: cut off or damaged"};
    }
}

struct Opened {
    std::vector<std::byte> rewritten;  // what libheif reads, where it is not the file itself
    Context context;                   // outlives the handle
    Handle primary;
};

Result<Opened> open(std::span<const std::byte> file, ImageKind kind, std::int64_t pixels_max) {
    if (const Status followed = check_heif_references(file); !followed) return followed.error();
    Opened opened{.rewritten = with_plain_relations(file),
                  .context = Context(heif_context_alloc()),
                  .primary = nullptr};
    if (!opened.rewritten.empty()) file = opened.rewritten;
    if (!opened.context) throw std::bad_alloc();
    // libheif limits each side, for every picture in the file; the product is checked by the caller. A
    // panorama may be four times as long as a square of as many pixels.
    const double side = std::sqrt(static_cast<double>(pixels_max)) * 4;
    heif_context_set_maximum_image_size_limit(opened.context.get(), static_cast<int>(side));
    // Tiles are decoded one after the other by the caller's thread.
    heif_context_set_max_decoding_threads(opened.context.get(), 0);
    heif_error error =
        heif_context_read_from_memory_without_copy(opened.context.get(), file.data(), file.size(), nullptr);
    if (error.code != heif_error_Ok) return failed(error, kind);
    heif_image_handle* primary = nullptr;
    error = heif_context_get_primary_image_handle(opened.context.get(), &primary);
    opened.primary.reset(primary);
    if (error.code != heif_error_Ok) return failed(error, kind);
    return opened;
}

Status check_size(int width, int height, ImageKind kind, std::int64_t pixels_max) {
    const std::string what(noun(kind));
    if (width <= 0 || height <= 0)
        return Error{.code = ErrorCode::corrupt, .message = what + " without any pixels"};
    if (std::int64_t{width} * height > pixels_max) {
        return Error{.code = ErrorCode::too_large,
                     .message = what + " of " + std::to_string(width) + " x " + std::to_string(height) +
                                " pixels, more than the " + std::to_string(pixels_max) + " allowed"};
    }
    return ok_status();
}

}  // namespace

Result<ImageHeader> probe_heif(std::span<const std::byte> file, ImageKind kind, std::int64_t pixels_max) {
    const auto opened = open(file, kind, pixels_max);
    if (!opened) return opened.error();
    const heif_image_handle* primary = opened->primary.get();
    // What is decoded, before turning and cropping, and what comes out of that.
    if (auto stored = check_size(heif_image_handle_get_ispe_width(primary),
                                 heif_image_handle_get_ispe_height(primary), kind, pixels_max);
        !stored)
        return stored.error();
    ImageHeader header;
    header.kind = kind;
    header.width = heif_image_handle_get_width(primary);
    header.height = heif_image_handle_get_height(primary);
    if (auto shown = check_size(header.width, header.height, kind, pixels_max); !shown) return shown.error();
    return header;
}

Result<RgbImage> decode_heif(std::span<const std::byte> file, const ImageHeader& header,
                             std::int64_t pixels_max, AlphaRule alpha) {
    const ImageKind kind = header.kind;
    const auto opened = open(file, kind, pixels_max);
    if (!opened) return opened.error();
    const Options options(heif_decoding_options_alloc());
    if (!options) throw std::bad_alloc();
    options->convert_hdr_to_8bit = 1;
    options->strict_decoding = 1;  // a half-decoded picture would count as a mood
    const bool see_through = heif_image_handle_has_alpha_channel(opened->primary.get()) != 0;
    heif_image* decoded = nullptr;
    const heif_error error = heif_decode_image(
        opened->primary.get(), &decoded, heif_colorspace_RGB,
        see_through ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, options.get());
    const Picture picture(decoded);
    if (error.code != heif_error_Ok) return failed(error, kind);

    const int width = heif_image_get_width(decoded, heif_channel_interleaved);
    const int height = heif_image_get_height(decoded, heif_channel_interleaved);
    int stride = 0;
    const std::uint8_t* rows = heif_image_get_plane_readonly(decoded, heif_channel_interleaved, &stride);
    const int channels = see_through ? 4 : 3;
    if (rows == nullptr || width <= 0 || height <= 0 || stride < width * channels)
        return Error{.code = ErrorCode::corrupt, .message = std::string(noun(kind)) + " without any pixels"};
    // The boxes told one size, the coded picture another.
    if (auto size = check_size(width, height, kind, pixels_max); !size) return size.error();

    RgbImage image{.width = width, .height = height, .pixels = {}};
    image.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    std::uint8_t* to = image.pixels.data();
    for (int y = 0; y < height; ++y) {
        const std::uint8_t* from = rows + static_cast<std::size_t>(y) * static_cast<std::size_t>(stride);
        for (int x = 0; x < width; ++x, from += channels, to += 3) {
            const unsigned opaque = see_through && alpha == AlphaRule::on_white ? from[3] : 255U;
            for (int c = 0; c < 3; ++c)
                to[c] = static_cast<std::uint8_t>((from[c] * opaque + 255U * (255U - opaque) + 127U) / 255U);
        }
    }
    return image;
}

void prepare_heif() {
    const Context context(heif_context_alloc());
}

}  // namespace bgm
