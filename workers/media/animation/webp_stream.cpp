#include "workers/media/animation/webp_stream.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "workers/media/picture/exif_orientation.hpp"

namespace bgm {
namespace {

constexpr std::uint8_t kAnimationFlag = 0x02;
constexpr std::uint8_t kAlphaFlag = 0x10;
constexpr std::uint8_t kDisposeFlag = 0x01;  // of a frame
constexpr std::uint8_t kNoBlendFlag = 0x02;

struct Chunk {
    std::string_view type;
    std::span<const std::byte> data;
    std::span<const std::byte> whole;  // with the eight bytes of header, without padding
    bool cut_off = false;
};

// Ends with an empty type.
Chunk next_chunk(ByteReader& reader) {
    Chunk chunk;
    if (reader.left() < 8) return chunk;
    const auto type = reader.take(4);
    chunk.type = {reinterpret_cast<const char*>(type.data()), type.size()};
    const std::size_t length = reader.u32();
    chunk.cut_off = length > reader.left();
    chunk.data = reader.take(std::min(length, reader.left()));
    chunk.whole = {type.data(), 8 + chunk.data.size()};
    if (length % 2 == 1 && reader.left() > 0) reader.skip(1);
    return chunk;
}

// The size that the compressed picture itself declares.
bool read_picture_size(const Chunk& chunk, WebpStream& stream) {
    ByteReader reader(chunk.data, Endian::little);
    if (chunk.type == "VP8 ") {
        reader.skip(3);
        if (reader.u24() != 0x2A019D) return false;
        stream.width = reader.u16() & 0x3FFF;
        stream.height = reader.u16() & 0x3FFF;
    } else {
        if (reader.u8() != 0x2F) return false;
        const std::uint32_t bits = reader.u32();
        stream.width = static_cast<int>(bits & 0x3FFFU) + 1;
        stream.height = static_cast<int>((bits >> 14U) & 0x3FFFU) + 1;
    }
    return reader.ok() && stream.width > 0 && stream.height > 0;
}

void take_picture(const Chunk& chunk, WebpStream& stream) {
    if (chunk.type == "ALPH" && stream.picture.empty()) {
        stream.alpha = chunk.whole;
        if (chunk.cut_off) stream.problem = "a WebP image that was cut off";
    }
    if ((chunk.type != "VP8 " && chunk.type != "VP8L") || !stream.picture.empty()) return;
    stream.picture = chunk.whole;
    if (chunk.cut_off) stream.problem = "a WebP image that was cut off";
    if (!read_picture_size(chunk, stream)) stream.problem = "a WebP image with a broken header";
}

void append(std::vector<std::byte>& to, std::span<const std::byte> bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}
void append(std::vector<std::byte>& to, std::string_view text) {
    append(to, std::as_bytes(std::span(text)));
}
void append_little(std::vector<std::byte>& to, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
        to.push_back(static_cast<std::byte>(value >> (8 * i)));
}
void append_padded(std::vector<std::byte>& to, std::span<const std::byte> chunk) {
    append(to, chunk);
    if (chunk.size() % 2 == 1) to.push_back(std::byte{0});
}

}  // namespace

WebpStream walk_webp(std::span<const std::byte> file) {
    WebpStream stream;
    int canvas_width = 0;
    int canvas_height = 0;
    ByteReader reader(file, Endian::little);
    reader.skip(12);
    for (Chunk chunk = next_chunk(reader); !chunk.type.empty(); chunk = next_chunk(reader)) {
        if (chunk.type == "VP8X") {
            ByteReader canvas(chunk.data, Endian::little);
            stream.animated = (canvas.u8() & kAnimationFlag) != 0;
            canvas.skip(3);
            canvas_width = static_cast<int>(canvas.u24()) + 1;
            canvas_height = static_cast<int>(canvas.u24()) + 1;
        } else if (chunk.type == "ANMF") {
            constexpr std::size_t kFrameHeader = 16;  // place, size, duration, flags
            ByteReader frame(chunk.data, Endian::little);
            if (!frame.skip(kFrameHeader) || !stream.picture.empty()) continue;
            for (Chunk part = next_chunk(frame); !part.type.empty(); part = next_chunk(frame))
                take_picture(part, stream);
        } else if (chunk.type == "EXIF") {
            stream.orientation = exif_orientation(chunk.data);
        } else if (!stream.animated) {
            take_picture(chunk, stream);
        }
    }
    if (!stream.problem.empty()) return stream;
    if (stream.picture.empty()) {
        stream.problem = "a WebP image without a picture";
    } else if (!stream.animated && canvas_width > 0 &&
               (canvas_width != stream.width || canvas_height != stream.height)) {
        stream.problem = "a WebP image whose picture does not fit its canvas";
    }
    return stream;
}

WebpReader::WebpReader(std::span<const std::byte> file) : reader_(file, Endian::little) {
    reader_.skip(12);
    const Chunk chunk = next_chunk(reader_);
    ByteReader canvas(chunk.data, Endian::little);
    if (chunk.type != "VP8X" || (canvas.u8() & kAnimationFlag) == 0) return;
    canvas.skip(3);
    canvas_width_ = std::int64_t{canvas.u24()} + 1;
    canvas_height_ = std::int64_t{canvas.u24()} + 1;
}

std::optional<WebpFrame> WebpReader::next_frame() {
    if (canvas_width_ == 0 || ended_) return std::nullopt;
    Chunk chunk;
    do {
        chunk = next_chunk(reader_);
    } while (!chunk.type.empty() && chunk.type != "ANMF");
    ended_ = chunk.type.empty();
    if (ended_ || chunk.cut_off) return std::nullopt;
    ByteReader header(chunk.data, Endian::little);
    WebpFrame frame;
    frame.place.left = static_cast<int>(header.u24()) * 2;
    frame.place.top = static_cast<int>(header.u24()) * 2;
    frame.place.width = static_cast<int>(header.u24()) + 1;
    frame.place.height = static_cast<int>(header.u24()) + 1;
    frame.seconds = header.u24() / 1'000.0;
    const std::uint8_t flags = header.u8();
    if ((flags & kDisposeFlag) != 0) frame.place.disposal = Disposal::to_background;
    frame.blended = (flags & kNoBlendFlag) == 0;
    for (Chunk part = next_chunk(header); !part.type.empty(); part = next_chunk(header))
        take_picture(part, frame.still);
    const bool sound = header.ok() && frame.still.problem.empty() && !frame.still.picture.empty() &&
                       frame.still.width == frame.place.width && frame.still.height == frame.place.height &&
                       frame.place.left + frame.place.width <= canvas_width_ &&
                       frame.place.top + frame.place.height <= canvas_height_;
    if (!sound) return std::nullopt;
    return frame;
}

WebpLength measure_webp(std::span<const std::byte> file, int frames_max) {
    WebpReader reader(file);
    WebpLength length;
    while (length.frames < frames_max) {
        const auto frame = reader.next_frame();
        if (!frame) break;
        ++length.frames;
        length.duration_s += shown_s(frame->seconds);
    }
    return length;
}

std::vector<std::byte> still_webp(const WebpStream& stream) {
    std::vector<std::byte> chunks;
    append(chunks, "WEBP");
    if (!stream.alpha.empty()) {  // alpha in a chunk of its own needs the extended format
        append(chunks, "VP8X");
        append_little(chunks, 10, 4);
        append_little(chunks, kAlphaFlag, 4);
        append_little(chunks, static_cast<std::uint32_t>(stream.width - 1), 3);
        append_little(chunks, static_cast<std::uint32_t>(stream.height - 1), 3);
        append_padded(chunks, stream.alpha);
    }
    append_padded(chunks, stream.picture);
    std::vector<std::byte> file;
    append(file, "RIFF");
    append_little(file, static_cast<std::uint32_t>(chunks.size()), 4);
    append(file, chunks);
    return file;
}

}  // namespace bgm
