#include "workers/media/animation/gif_reader.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace bgm {
namespace {

constexpr int kExtension = 0x21;
constexpr int kGraphicControl = 0xF9;
constexpr int kFrame = 0x2C;
constexpr int kTrailer = 0x3B;
constexpr int kCodesMax = 4096;  // a code has at most 12 bits

Error corrupt(std::string message) {
    return Error{.code = ErrorCode::corrupt, .message = "a GIF image " + std::move(message)};
}

void skip_sub_blocks(ByteReader& reader) {
    while (reader.ok()) {
        const std::size_t length = reader.u8();
        if (length == 0) return;
        reader.skip(length);
    }
}

// Codes of growing width, least significant bit first, out of the sub-blocks that hold the compressed
// picture.
class CodeReader {
 public:
    explicit CodeReader(ByteReader& reader) : reader_(reader) {}

    /// -1 where the data end.
    int next(int width_bits) {
        while (held_bits_ < width_bits) {
            if (block_.empty()) {
                const std::size_t length = reader_.u8();
                if (length == 0) return -1;
                block_ = reader_.take(length);
                if (block_.empty()) return -1;
            }
            held_ |= std::to_integer<std::uint32_t>(block_[0]) << held_bits_;
            held_bits_ += 8;
            block_ = block_.subspan(1);
        }
        const int code = static_cast<int>(held_ & ((1U << width_bits) - 1U));
        held_ >>= width_bits;
        held_bits_ -= width_bits;
        return code;
    }

 private:
    ByteReader& reader_;
    std::span<const std::byte> block_;
    std::uint32_t held_ = 0;
    int held_bits_ = 0;
};

// LZW with a table of (prefix, first and last byte): every string is written backwards from its end, so that
// no string is stored. Decodes at most `indices.size()` bytes and returns how many.
std::size_t decode_lzw(ByteReader& reader, int root_bits, std::span<std::uint8_t> indices) {
    std::array<std::uint16_t, kCodesMax> prefix{};
    std::array<std::uint8_t, kCodesMax> first{};
    std::array<std::uint8_t, kCodesMax> last{};
    std::array<std::uint16_t, kCodesMax> length{};
    const int clear = 1 << root_bits;
    const int end = clear + 1;
    for (int i = 0; i < clear; ++i) {
        first[i] = last[i] = static_cast<std::uint8_t>(i);
        length[i] = 1;
    }

    CodeReader codes(reader);
    int width_bits = root_bits + 1;
    int table_size = end + 1;
    int previous = -1;
    std::size_t written = 0;
    const auto write = [&](int code) {
        const std::size_t count = length[code];
        const std::size_t room = indices.size() - written;
        for (std::size_t i = count; i > room; --i)
            code = prefix[code];
        const std::size_t fitting = std::min(count, room);
        for (std::size_t i = fitting; i-- > 0; code = prefix[code])
            indices[written + i] = last[code];
        written += fitting;
    };
    while (written < indices.size()) {
        const int code = codes.next(width_bits);
        if (code < 0 || code == end) break;
        if (code == clear) {
            width_bits = root_bits + 1;
            table_size = end + 1;
            previous = -1;
            continue;
        }
        if (code > table_size || (code == table_size && previous < 0) || (code > clear && code < end + 1))
            break;
        const bool is_new = code == table_size;  // the one string that refers to itself
        if (is_new && table_size >= kCodesMax) break;
        if (previous >= 0 && table_size < kCodesMax) {
            prefix[table_size] = static_cast<std::uint16_t>(previous);
            first[table_size] = first[previous];
            last[table_size] = first[is_new ? previous : code];
            length[table_size] = static_cast<std::uint16_t>(length[previous] + 1);
            table_size += 1;
            if (table_size == (1 << width_bits) && width_bits < 12) width_bits += 1;
        } else if (is_new) {
            break;
        }
        write(code);
        previous = code;
    }
    return written;
}

std::span<const std::byte> read_palette(ByteReader& reader, int flags) {
    return reader.take(std::size_t{3} << ((flags & 7) + 1));
}

}  // namespace

GifReader::GifReader(std::span<const std::byte> file) : reader_(file, Endian::little) {
    reader_.skip(6);
    screen_width_ = reader_.u16();
    screen_height_ = reader_.u16();
    const int flags = reader_.u8();
    reader_.skip(2);
    if ((flags & 0x80) != 0) palette_ = read_palette(reader_, flags);
}

Result<GifFrame> GifReader::next_frame() {
    if (pixels_at_ > 0) {
        reader_.seek(pixels_at_);
        skip_sub_blocks(reader_);
    }
    GifFrame frame;
    while (true) {
        if (ended_ || !reader_.ok()) return corrupt("without a picture");
        ended_ = reader_.left() == 0;
        if (ended_) continue;
        const int block = reader_.u8();
        ended_ = block == kTrailer;
        if (ended_) continue;
        if (block == kFrame) break;
        if (block != kExtension) return corrupt("with an unknown block");
        if (reader_.u8() == kGraphicControl && reader_.left() >= 6) {
            reader_.skip(1);
            const int control = reader_.u8();
            frame.delay_hundredths = reader_.u16();
            const int index = reader_.u8();
            frame.transparent = (control & 1) != 0 ? index : -1;
            const int disposal = control >> 2 & 7;  // 4 to 7 mean nothing
            frame.place.disposal = disposal == 2   ? Disposal::to_background
                                   : disposal == 3 ? Disposal::to_previous
                                                   : Disposal::keep;
        }
        skip_sub_blocks(reader_);
    }
    frame.place.left = reader_.u16();
    frame.place.top = reader_.u16();
    frame.place.width = reader_.u16();
    frame.place.height = reader_.u16();
    const int flags = reader_.u8();
    frame.interlaced = (flags & 0x40) != 0;
    frame.palette = (flags & 0x80) != 0 ? read_palette(reader_, flags) : palette_;
    root_bits_ = reader_.u8();
    if (!reader_.ok()) return corrupt("that was cut off");
    if (frame.palette.empty()) return corrupt("without colours");
    if (root_bits_ < 1 || root_bits_ > 8) return corrupt("with an impossible code size");
    if (frame.place.width == 0 || frame.place.height == 0) return corrupt("with an empty picture");
    pixels_at_ = reader_.position();
    return frame;
}

bool GifReader::read_pixels(std::span<std::uint8_t> indices) {
    reader_.seek(pixels_at_);
    return decode_lzw(reader_, root_bits_, indices) == indices.size();
}

// Interlaced rows come as every 8th from 0, every 8th from 4, every 4th from 2, every 2nd from 1.
int gif_row(int stored, int height, bool interlaced) {
    if (!interlaced) return stored;
    for (const auto& [first, step] : {std::pair{0, 8}, {4, 8}, {2, 4}, {1, 2}}) {
        const int rows = first < height ? (height - first + step - 1) / step : 0;
        if (stored < rows) return first + stored * step;
        stored -= rows;
    }
    return height - 1;
}

GifLength measure_gif(std::span<const std::byte> file, int frames_max) {
    GifReader reader(file);
    GifLength length;
    while (length.frames < frames_max) {
        const auto frame = reader.next_frame();
        if (!frame) break;
        ++length.frames;
        length.duration_s += shown_s(frame->delay_hundredths / 100.0);
    }
    return length;
}

}  // namespace bgm
