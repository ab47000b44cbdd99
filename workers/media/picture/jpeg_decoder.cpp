#include "workers/media/picture/jpeg_decoder.hpp"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdint>
#include <cstdio>
#include <vector>
// libjpeg's headers need <cstdio> before them.
#include <jerror.h>
#include <jpeglib.h>

namespace bgm {
namespace {

constexpr int kRowsAtOnce = 16;

// libjpeg's state, its way out of a failure, and what it is given to fill.
struct Decompression {
    jpeg_decompress_struct codec{};
    jpeg_error_mgr errors{};
    std::jmp_buf give_up{};
    int failure = 0;  // libjpeg's message code
};

[[noreturn]] void leave(j_common_ptr codec) {
    auto* state = static_cast<Decompression*>(codec->client_data);
    state->failure = codec->err->msg_code;
    std::longjmp(state->give_up, 1);  // NOLINT: the way out that libjpeg offers
}

// Damage that libjpeg gets over is common in files that every viewer shows. Missing data is not: it would be
// filled with gray.
void note(j_common_ptr codec, int level) {
    if (level < 0 && codec->err->msg_code == JWRN_JPEG_EOF) leave(codec);
}

void print_nothing(j_common_ptr) {}

class Codec {
 public:
    Codec() {
        state_.codec.err = jpeg_std_error(&state_.errors);
        state_.errors.error_exit = leave;
        state_.errors.emit_message = note;
        state_.errors.output_message = print_nothing;
        state_.codec.client_data = &state_;
    }
    ~Codec() { jpeg_destroy_decompress(&state_.codec); }
    Codec(const Codec&) = delete;
    Codec& operator=(const Codec&) = delete;

    int failure() const { return state_.failure; }
    const jpeg_decompress_struct& codec() const { return state_.codec; }

    // The steps below hold nothing that needs a destructor: a failure jumps over them, back to their first
    // line.

    bool read_header(std::span<const std::byte> file) {
        if (setjmp(state_.give_up) != 0) return false;  // NOLINT
        jpeg_create_decompress(&state_.codec);
        jpeg_mem_src(&state_.codec, reinterpret_cast<const unsigned char*>(file.data()), file.size());
        return jpeg_read_header(&state_.codec, TRUE) == JPEG_HEADER_OK;
    }

    bool start(int divisor) {
        if (setjmp(state_.give_up) != 0) return false;  // NOLINT
        const bool ink =
            state_.codec.jpeg_color_space == JCS_CMYK || state_.codec.jpeg_color_space == JCS_YCCK;
        state_.codec.out_color_space = ink ? JCS_CMYK : JCS_RGB;
        state_.codec.scale_num = 1;
        state_.codec.scale_denom = static_cast<unsigned>(divisor);
        return jpeg_start_decompress(&state_.codec) == TRUE;
    }

    // The next rows, at most `count` of them, one behind the other. 0 where it failed.
    int read_rows(std::uint8_t* pixels, std::size_t row_bytes, int count) {
        if (setjmp(state_.give_up) != 0) return 0;  // NOLINT
        std::array<JSAMPROW, kRowsAtOnce> rows{};
        for (int i = 0; i < count; ++i)
            rows[i] = pixels + static_cast<std::size_t>(i) * row_bytes;
        return static_cast<int>(
            jpeg_read_scanlines(&state_.codec, rows.data(), static_cast<JDIMENSION>(count)));
    }

 private:
    Decompression state_;
};

// a * b / 255, rounded, for bytes.
unsigned part(unsigned a, unsigned b) {
    const unsigned product = a * b + 128;
    return ((product >> 8U) + product) >> 8U;
}

// Stored inverted, each ink is what it leaves of the light (Pillow's "CMYK;I" and cmyk2rgb()).
void ink_to_rgb(const std::uint8_t* ink, int pixels, std::uint8_t* rgb) {
    for (int i = 0; i < pixels; ++i, ink += 4, rgb += 3) {
        const unsigned light = ink[3];
        for (int c = 0; c < 3; ++c)
            rgb[c] = static_cast<std::uint8_t>(light - part(255U - ink[c], light));
    }
}

Error failed(int message_code) {
    if (message_code == JERR_OUT_OF_MEMORY) {
        return Error{.code = ErrorCode::resource_exhausted, .message = "not enough memory for this image"};
    }
    return Error{.code = ErrorCode::corrupt,
                 .message = "a JPEG image that cannot be decoded: cut off or damaged"};
}

}  // namespace

Result<RgbImage> decode_jpeg(std::span<const std::byte> file, const ImageHeader& header, int divisor) {
    Codec codec;
    if (!codec.read_header(file)) return failed(codec.failure());
    const auto& state = codec.codec();
    // Whoever reads a file in two ways can be told two stories: the limits were held to the first one.
    if (state.image_width != static_cast<JDIMENSION>(header.width) ||
        state.image_height != static_cast<JDIMENSION>(header.height)) {
        return Error{.code = ErrorCode::corrupt, .message = "a JPEG image that declares two sizes"};
    }
    if (!codec.start(divisor)) return failed(codec.failure());

    RgbImage image;
    image.width = static_cast<int>(state.output_width);
    image.height = static_cast<int>(state.output_height);
    const std::size_t row_bytes = static_cast<std::size_t>(image.width) * 3;
    image.pixels.resize(row_bytes * image.height);
    const bool ink = state.output_components == 4;
    const std::size_t ink_bytes = static_cast<std::size_t>(image.width) * 4;
    std::vector<std::uint8_t> ink_rows(ink ? ink_bytes * kRowsAtOnce : 0);
    for (int y = 0; y < image.height;) {
        std::uint8_t* to = image.pixels.data() + static_cast<std::size_t>(y) * row_bytes;
        const int wanted = std::min(kRowsAtOnce, image.height - y);
        const int rows = codec.read_rows(ink ? ink_rows.data() : to, ink ? ink_bytes : row_bytes, wanted);
        if (rows <= 0) return failed(codec.failure());
        for (int r = 0; ink && r < rows; ++r) {
            ink_to_rgb(ink_rows.data() + static_cast<std::size_t>(r) * ink_bytes, image.width,
                       to + static_cast<std::size_t>(r) * row_bytes);
        }
        y += rows;
    }
    return image;
}

}  // namespace bgm
