#include "workers/media/gif_decoder.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "workers/media/byte_reader.hpp"

namespace bgm {
namespace {

constexpr int kExtension = 0x21;
constexpr int kGraphicControl = 0xF9;
constexpr int kFrame = 0x2C;
constexpr int kCodesMax = 4096;  // a code has at most 12 bits

Error corrupt(std::string message) {
    return Error{.code = ErrorCode::corrupt, .message = "a GIF image " + std::move(message), .field = {}};
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

// LZW with a table of (prefix, last byte): every string is written backwards from its end, so that no string
// is stored. Decodes at most `indices.size()` bytes and returns how many.
std::size_t decode_lzw(ByteReader& reader, int root_bits, std::span<std::uint8_t> indices) {
    std::array<std::uint16_t, kCodesMax> prefix{};
    std::array<std::uint8_t, kCodesMax> last{};
    std::array<std::uint16_t, kCodesMax> length{};
    const int clear = 1 << root_bits;
    const int end = clear + 1;
    for (int i = 0; i < clear; ++i) {
        last[i] = static_cast<std::uint8_t>(i);
        length[i] = 1;
    }

    CodeReader codes(reader);
    int width_bits = root_bits + 1;
    int table_size = end + 1;
    int previous = -1;
    std::size_t written = 0;
    // Writes the string of `code` and returns its first byte.
    const auto write = [&](int code) {
        const std::size_t count = length[code];
        std::uint8_t first = 0;
        for (std::size_t i = count; i-- > 0;) {
            first = last[code];
            if (written + i < indices.size()) indices[written + i] = first;
            code = prefix[code];
        }
        written = std::min(written + count, indices.size());
        return first;
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
            int root = is_new ? previous : code;
            while (length[root] > 1)
                root = prefix[root];
            prefix[table_size] = static_cast<std::uint16_t>(previous);
            last[table_size] = last[root];
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

std::vector<std::uint8_t> read_palette(ByteReader& reader, int flags) {
    const auto bytes = reader.take(std::size_t{3} << ((flags & 7) + 1));
    std::vector<std::uint8_t> palette(std::size_t{256} * 3, 0);
    std::transform(bytes.begin(), bytes.end(), palette.begin(),
                   [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
    return palette;
}

// Interlaced rows come as every 8th from 0, every 8th from 4, every 4th from 2, every 2nd from 1.
std::vector<int> row_order(int height, bool interlaced) {
    std::vector<int> rows;
    rows.reserve(height);
    constexpr std::array<std::array<int, 2>, 4> kPasses{{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
    if (interlaced) {
        for (const auto& [first, step] : kPasses) {
            for (int y = first; y < height; y += step)
                rows.push_back(y);
        }
    } else {
        for (int y = 0; y < height; ++y)
            rows.push_back(y);
    }
    return rows;
}

}  // namespace

Result<RgbImage> decode_gif(std::span<const std::byte> file, std::int64_t pixels_max, AlphaRule alpha) {
    ByteReader reader(file, Endian::little);
    reader.skip(6);
    int width = reader.u16();
    int height = reader.u16();
    const int flags = reader.u8();
    reader.skip(2);
    std::vector<std::uint8_t> palette;
    if ((flags & 0x80) != 0) palette = read_palette(reader, flags);

    int transparent = -1;  // no entry of the palette
    while (true) {
        const int block = reader.u8();
        if (!reader.ok()) return corrupt("without a picture");
        if (block == kFrame) break;
        if (block != kExtension) return corrupt("with an unknown block");
        if (reader.u8() == kGraphicControl && reader.left() >= 6) {
            reader.skip(1);
            const int control = reader.u8();
            reader.skip(2);
            const int index = reader.u8();
            transparent = (control & 1) != 0 ? index : -1;
        }
        skip_sub_blocks(reader);
    }

    const int left = reader.u16();
    const int top = reader.u16();
    const int frame_width = reader.u16();
    const int frame_height = reader.u16();
    const int frame_flags = reader.u8();
    if ((frame_flags & 0x80) != 0) palette = read_palette(reader, frame_flags);
    const int root_bits = reader.u8();
    if (!reader.ok()) return corrupt("that was cut off");
    if (palette.empty()) return corrupt("without colours");
    if (root_bits < 1 || root_bits > 8) return corrupt("with an impossible code size");
    if (frame_width == 0 || frame_height == 0) return corrupt("with an empty picture");
    // Like browsers, let a frame that reaches over the edge widen the canvas.
    width = std::max(width, left + frame_width);
    height = std::max(height, top + frame_height);
    if (std::int64_t{width} * height > pixels_max) {
        return Error{
            .code = ErrorCode::too_large,
            .message = "a GIF image of " + std::to_string(width) + " x " + std::to_string(height) + " pixels",
            .field = {}};
    }

    std::vector<std::uint8_t> indices(static_cast<std::size_t>(frame_width) * frame_height);
    if (decode_lzw(reader, root_bits, indices) < indices.size())
        return corrupt("that was cut off or damaged");

    RgbImage image;
    image.width = width;
    image.height = height;
    image.pixels.assign(static_cast<std::size_t>(width) * height * 3, 255);
    if (alpha == AlphaRule::dropped) {
        const std::uint8_t* fill = palette.data() + static_cast<std::size_t>(std::max(transparent, 0)) * 3;
        for (std::size_t i = 0; i < image.pixels.size(); i += 3)
            std::copy_n(fill, 3, image.pixels.data() + i);
        transparent = -1;
    }
    const auto rows = row_order(frame_height, (frame_flags & 0x40) != 0);
    for (int i = 0; i < frame_height; ++i) {
        const std::uint8_t* from = indices.data() + static_cast<std::size_t>(i) * frame_width;
        std::uint8_t* to = image.pixels.data() + (static_cast<std::size_t>(top + rows[i]) * width + left) * 3;
        for (int x = 0; x < frame_width; ++x, to += 3) {
            if (from[x] == transparent) continue;
            std::copy_n(palette.data() + static_cast<std::size_t>(from[x]) * 3, 3, to);
        }
    }
    return image;
}

}  // namespace bgm
