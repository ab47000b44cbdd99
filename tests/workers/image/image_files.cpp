#include "tests/workers/image/image_files.hpp"

#include <zlib.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
// libjpeg's header needs <cstdio> before it.
#include <jpeglib.h>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace bgm::test {
namespace {

cv::Mat to_bgr(const RgbImage& image) {
    const cv::Mat rgb(image.height, image.width, CV_8UC3, const_cast<std::uint8_t*>(image.pixels.data()));
    cv::Mat bgr;
    cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
    return bgr;
}

Bytes write(const cv::Mat& mat, const std::string& extension, std::vector<int> parameters = {}) {
    if (extension == ".webp" && parameters.empty())
        parameters = {cv::IMWRITE_WEBP_QUALITY, 101};  // above 100 means lossless
    Bytes bytes;
    cv::imencode(extension, mat, bytes, parameters);
    return bytes;
}

void append(Bytes& to, std::string_view text) {
    to.insert(to.end(), text.begin(), text.end());
}
void append(Bytes& to, const Bytes& bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}
void append_big(Bytes& to, std::uint32_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i)
        to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}
void append_little(Bytes& to, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
        to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void append_chunk(Bytes& png, std::string_view type, const Bytes& data) {
    append_big(png, static_cast<std::uint32_t>(data.size()), 4);
    Bytes covered;
    append(covered, type);
    append(covered, data);
    append(png, covered);
    append_big(png, static_cast<std::uint32_t>(crc32(0, covered.data(), static_cast<uInt>(covered.size()))),
               4);
}

// Codes of 9 to 12 bits; the table starts over when it is full.
Bytes compress_lzw(const Bytes& indices) {
    constexpr int kClear = 256;
    constexpr int kEnd = 257;
    Bytes packed;
    std::uint32_t held = 0;
    int held_bits = 0;
    int width = 9;
    const auto emit = [&](int code) {
        held |= static_cast<std::uint32_t>(code) << held_bits;
        held_bits += width;
        while (held_bits >= 8) {
            packed.push_back(static_cast<std::uint8_t>(held));
            held >>= 8U;
            held_bits -= 8;
        }
    };
    std::map<std::pair<int, int>, int> table;
    int next = kEnd + 1;
    emit(kClear);
    int current = -1;
    for (const std::uint8_t index : indices) {
        if (current < 0) {
            current = index;
            continue;
        }
        const auto found = table.find({current, index});
        if (found != table.end()) {
            current = found->second;
            continue;
        }
        emit(current);
        table[{current, index}] = next;
        if (next == (1 << width) && width < 12) width += 1;
        next += 1;
        if (next == 4096) {
            emit(kClear);
            table.clear();
            next = kEnd + 1;
            width = 9;
        }
        current = index;
    }
    if (current >= 0) emit(current);
    emit(kEnd);
    if (held_bits > 0) packed.push_back(static_cast<std::uint8_t>(held));
    return packed;
}

}  // namespace

Bytes encode(const RgbImage& image, const std::string& extension) {
    return write(to_bgr(image), extension);
}

Bytes encode_progressive_jpeg(const RgbImage& image) {
    return write(to_bgr(image), ".jpg", {cv::IMWRITE_JPEG_PROGRESSIVE, 1, cv::IMWRITE_JPEG_QUALITY, 95});
}

Bytes encode_gray(const RgbImage& image, const std::string& extension) {
    cv::Mat gray;
    cv::cvtColor(to_bgr(image), gray, cv::COLOR_BGR2GRAY);
    return write(gray, extension);
}

Bytes encode_with_alpha(const RgbImage& image, const std::string& extension, std::uint8_t alpha, bool lossy) {
    cv::Mat bgra;
    cv::cvtColor(to_bgr(image), bgra, cv::COLOR_BGR2BGRA);
    for (int y = 0; y < bgra.rows; ++y) {
        for (int x = bgra.cols / 2; x < bgra.cols; ++x)
            bgra.at<cv::Vec4b>(y, x)[3] = alpha;
    }
    return write(bgra, extension,
                 lossy ? std::vector<int>{cv::IMWRITE_WEBP_QUALITY, 90} : std::vector<int>{});
}

Bytes encode_png_16_bit(const RgbImage& image) {
    cv::Mat deep;
    to_bgr(image).convertTo(deep, CV_16U, 257.0);
    return write(deep, ".png");
}

Bytes encode_cmyk_jpeg(const Bytes& ink, int width, int height, bool turned) {
    jpeg_compress_struct codec{};
    jpeg_error_mgr errors{};
    codec.err = jpeg_std_error(&errors);
    jpeg_create_compress(&codec);
    unsigned char* memory = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&codec, &memory, &size);
    codec.image_width = static_cast<JDIMENSION>(width);
    codec.image_height = static_cast<JDIMENSION>(height);
    codec.input_components = 4;
    codec.in_color_space = JCS_CMYK;
    jpeg_set_defaults(&codec);
    if (turned) jpeg_set_colorspace(&codec, JCS_YCCK);
    jpeg_set_quality(&codec, 100, TRUE);
    jpeg_start_compress(&codec, TRUE);
    Bytes row(static_cast<std::size_t>(width) * 4);
    while (codec.next_scanline < codec.image_height) {
        std::copy_n(ink.data() + codec.next_scanline * row.size(), row.size(), row.data());
        JSAMPROW pointer = row.data();
        jpeg_write_scanlines(&codec, &pointer, 1);
    }
    jpeg_finish_compress(&codec);
    jpeg_destroy_compress(&codec);
    Bytes file(memory, memory + size);
    std::free(memory);  // NOLINT: libjpeg took it with malloc
    return file;
}

Bytes exif_block(int orientation, bool big_endian) {
    Bytes exif;
    append(exif, std::string_view("Exif\0\0", 6));
    append(exif, big_endian ? "MM" : "II");
    const auto number = [&](std::uint32_t value, int bytes) {
        big_endian ? append_big(exif, value, bytes) : append_little(exif, value, bytes);
    };
    number(42, 2);
    number(8, 4);       // the directory follows at once
    number(1, 2);       // with one entry:
    number(0x0112, 2);  // orientation,
    number(3, 2);       // a 16-bit number,
    number(1, 4);       // of which there is one
    number(static_cast<std::uint32_t>(orientation), 2);
    number(0, 2);
    number(0, 4);
    return exif;
}

Bytes with_exif(const Bytes& jpeg, const Bytes& exif) {
    Bytes file(jpeg.begin(), jpeg.begin() + 2);
    file.push_back(0xFF);
    file.push_back(0xE1);
    append_big(file, static_cast<std::uint32_t>(exif.size() + 2), 2);
    append(file, exif);
    file.insert(file.end(), jpeg.begin() + 2, jpeg.end());
    return file;
}

Bytes make_png(std::uint32_t width, std::uint32_t height, int bit_depth, int color_type,
               const std::vector<PngChunk>& before, const Bytes& rows, bool interlaced) {
    Bytes png;
    append(png, "\x89PNG\r\n\x1A\n");
    Bytes header;
    append_big(header, width, 4);
    append_big(header, height, 4);
    header.insert(header.end(), {static_cast<std::uint8_t>(bit_depth), static_cast<std::uint8_t>(color_type),
                                 0, 0, static_cast<std::uint8_t>(interlaced ? 1 : 0)});
    append_chunk(png, "IHDR", header);
    for (const PngChunk& chunk : before)
        append_chunk(png, chunk.type, chunk.data);
    uLongf packed_bytes = compressBound(rows.size());
    Bytes packed(packed_bytes);
    compress(packed.data(), &packed_bytes, rows.data(), rows.size());
    packed.resize(packed_bytes);
    append_chunk(png, "IDAT", packed);
    append_chunk(png, "IEND", {});
    return png;
}

Bytes make_moving_webp(int width, int height, const std::vector<MovingWebpFrame>& frames) {
    Bytes body;
    append(body, "WEBPVP8X");
    append_little(body, 10, 4);
    append_little(body, 0x12, 4);  // animation, alpha
    append_little(body, static_cast<std::uint32_t>(width - 1), 3);
    append_little(body, static_cast<std::uint32_t>(height - 1), 3);
    append(body, "ANIM");
    append_little(body, 6, 4);
    append(body, Bytes(6, 0));
    for (const MovingWebpFrame& frame : frames) {
        Bytes chunks(frame.still.begin() + 12, frame.still.end());
        if (std::string_view(reinterpret_cast<const char*>(chunks.data()), 4) == "VP8X")
            chunks.erase(chunks.begin(), chunks.begin() + 18);
        append(body, "ANMF");
        append_little(body, static_cast<std::uint32_t>(16 + chunks.size()), 4);
        append_little(body, static_cast<std::uint32_t>(frame.left / 2), 3);
        append_little(body, static_cast<std::uint32_t>(frame.top / 2), 3);
        append_little(body, static_cast<std::uint32_t>(frame.width - 1), 3);
        append_little(body, static_cast<std::uint32_t>(frame.height - 1), 3);
        append_little(body, static_cast<std::uint32_t>(frame.milliseconds), 3);
        body.push_back(static_cast<std::uint8_t>((frame.replaces ? 2 : 0) + (frame.to_background ? 1 : 0)));
        append(body, chunks);
    }
    Bytes file;
    append(file, "RIFF");
    append_little(file, static_cast<std::uint32_t>(body.size()), 4);
    append(file, body);
    return file;
}

Bytes animate_webp(const std::vector<Bytes>& stills, int width, int height) {
    std::vector<MovingWebpFrame> frames;
    for (const Bytes& still : stills)
        frames.push_back({.still = still, .width = width, .height = height});
    return make_moving_webp(width, height, frames);
}

Bytes make_gif(int width, int height, const Bytes& palette, const std::vector<GifFrame>& frames) {
    Bytes gif;
    append(gif, "GIF89a");
    append_little(gif, static_cast<std::uint32_t>(width), 2);
    append_little(gif, static_cast<std::uint32_t>(height), 2);
    gif.insert(gif.end(), {0xF7, 0, 0});  // a global palette of 256
    Bytes colors = palette;
    colors.resize(768, 0);
    append(gif, colors);
    append(gif, std::string_view("\x21\xFF\x0BNETSCAPE2.0\x03\x01\x00\x00\x00",
                                 19));  // loop for ever, as animations say
    for (const GifFrame& frame : frames) {
        gif.insert(gif.end(), {0x21, 0xF9, 4});
        gif.push_back(static_cast<std::uint8_t>(frame.disposal * 4 + (frame.transparent >= 0 ? 1 : 0)));
        append_little(gif, static_cast<std::uint32_t>(frame.hundredths), 2);
        gif.push_back(static_cast<std::uint8_t>(frame.transparent >= 0 ? frame.transparent : 0));
        gif.push_back(0);
        gif.push_back(0x2C);
        for (const int value : {frame.left, frame.top, frame.width, frame.height})
            append_little(gif, static_cast<std::uint32_t>(value), 2);
        gif.push_back(frame.interlaced ? 0x40 : 0);
        gif.push_back(8);
        const Bytes packed = compress_lzw(frame.indices);
        for (std::size_t i = 0; i < packed.size(); i += 255) {
            const std::size_t count = std::min<std::size_t>(255, packed.size() - i);
            gif.push_back(static_cast<std::uint8_t>(count));
            gif.insert(gif.end(), packed.begin() + static_cast<std::ptrdiff_t>(i),
                       packed.begin() + static_cast<std::ptrdiff_t>(i + count));
        }
        gif.push_back(0);
    }
    gif.push_back(0x3B);
    return gif;
}

}  // namespace bgm::test
