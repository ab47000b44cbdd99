#include "tests/workers/image/heif_files.hpp"

#include <libheif/heif.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "schemas/free_with.hpp"

namespace bgm::test {
namespace {

void check(const heif_error& error) {
    if (error.code != heif_error_Ok) throw std::runtime_error(std::string("heif_files: ") + error.message);
}

heif_error append(heif_context*, const void* data, std::size_t size, void* file) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    auto& to = *static_cast<Bytes*>(file);
    to.insert(to.end(), bytes, bytes + size);
    return {heif_error_Ok, heif_suberror_Unspecified, "ok"};
}

}  // namespace

Bytes encode_heif(const RgbImage& image, const HeifSpec& spec) {
    const std::unique_ptr<heif_context, FreeWith<heif_context_free>> context(heif_context_alloc());
    heif_encoder* made_encoder = nullptr;
    check(heif_context_get_encoder_for_format(
        context.get(), spec.codec == HeifCodec::av1 ? heif_compression_AV1 : heif_compression_HEVC,
        &made_encoder));
    const std::unique_ptr<heif_encoder, FreeWith<heif_encoder_release>> encoder(made_encoder);
    check(heif_encoder_set_lossy_quality(encoder.get(), 90));

    const bool see_through = spec.alpha != 255;
    heif_image* made_picture = nullptr;
    check(heif_image_create(image.width, image.height, heif_colorspace_RGB,
                            see_through ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB,
                            &made_picture));
    const std::unique_ptr<heif_image, FreeWith<heif_image_release>> picture(made_picture);
    check(heif_image_add_plane(picture.get(), heif_channel_interleaved, image.width, image.height, 8));
    int stride = 0;
    std::uint8_t* rows = heif_image_get_plane(picture.get(), heif_channel_interleaved, &stride);
    const std::uint8_t* from = image.pixels.data();
    for (int y = 0; y < image.height; ++y) {
        std::uint8_t* to = rows + static_cast<std::ptrdiff_t>(y) * stride;
        for (int x = 0; x < image.width; ++x, from += 3) {
            for (int c = 0; c < 3; ++c)
                *to++ = from[c];
            if (see_through) *to++ = x >= image.width / 2 ? spec.alpha : 255;
        }
    }

    const std::unique_ptr<heif_encoding_options, FreeWith<heif_encoding_options_free>> options(
        heif_encoding_options_alloc());
    options->image_orientation = static_cast<heif_orientation>(spec.orientation);
    check(heif_context_encode_image(context.get(), picture.get(), encoder.get(), options.get(), nullptr));
    Bytes file;
    heif_writer writer{.writer_api_version = 1, .write = append};
    check(heif_context_write(context.get(), &writer, &file));
    return file;
}

}  // namespace bgm::test
