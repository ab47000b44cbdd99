#include "workers/media/tiff_stream.hpp"

#include "workers/media/byte_reader.hpp"

namespace bgm {
namespace {

constexpr std::uint16_t kShort = 3;
constexpr std::uint16_t kLong = 4;

enum Tag : std::uint16_t {
    kWidth = 256,
    kHeight = 257,
    kBits = 258,
    kOrientation = 274,
    kSamples = 277,
    kTileWidth = 322,
    kTileHeight = 323,
};

// The first number of an entry: in its last four bytes, or where these lead. 0 where it is none.
std::uint32_t first_number(ByteReader reader, std::uint16_t type, std::uint32_t count) {
    if (type != kShort && type != kLong) return 0;
    const bool elsewhere = std::uint64_t{count} * (type == kShort ? 2 : 4) > 4;
    if (elsewhere && !reader.seek(reader.u32())) return 0;
    return type == kShort ? reader.u16() : reader.u32();
}

}  // namespace

TiffStream walk_tiff(std::span<const std::byte> file) {
    TiffStream stream;
    ByteReader reader(file);
    stream.big_endian = reader.u8() == 'M';
    if (!stream.big_endian) reader.set_endian(Endian::little);
    reader.seek(4);
    if (!reader.seek(reader.u32())) return stream;
    const int entries = reader.u16();
    for (int i = 0; i < entries && reader.left() >= 12; ++i) {
        const std::uint16_t tag = reader.u16();
        const std::uint16_t type = reader.u16();
        const std::uint32_t count = reader.u32();
        const std::uint32_t number = first_number(reader, type, count);
        switch (tag) {
            case kWidth:
                stream.width = number;
                break;
            case kHeight:
                stream.height = number;
                break;
            case kBits:
                stream.bits = number;
                break;
            case kSamples:
                stream.samples = number;
                break;
            case kTileWidth:
                stream.tile_width = number;
                break;
            case kTileHeight:
                stream.tile_height = number;
                break;
            case kOrientation:
                if (type != kShort || count != 1) break;
                stream.orientation_at = reader.position();
                if (number >= 1 && number <= 8) stream.orientation = static_cast<int>(number);
                break;
            default:
                break;
        }
        reader.skip(4);
    }
    stream.found = stream.width > 0 && stream.height > 0;
    return stream;
}

}  // namespace bgm
