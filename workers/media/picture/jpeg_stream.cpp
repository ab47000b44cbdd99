#include "workers/media/picture/jpeg_stream.hpp"

#include <cstring>

#include "workers/media/picture/byte_reader.hpp"
#include "workers/media/picture/exif_orientation.hpp"

namespace bgm {
namespace {

constexpr int kStartOfImage = 0xD8;
constexpr int kEndOfImage = 0xD9;
constexpr int kStartOfScan = 0xDA;
constexpr int kApp1 = 0xE1;

bool is_frame_header(int marker) {  // SOF0..SOF15 without DHT, JPG and DAC, which share the range
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

bool stands_alone(int marker) {
    return marker == 0x01 || (marker >= 0xD0 && marker <= kEndOfImage);
}

// The position of the next 0xFF that begins a marker other than a restart or a stuffed byte; the end where
// none does.
std::size_t end_of_entropy_data(std::span<const std::byte> file, std::size_t position) {
    while (position + 1 < file.size()) {
        const void* found = std::memchr(file.data() + position, 0xFF, file.size() - position - 1);
        if (found == nullptr) break;
        position = static_cast<std::size_t>(static_cast<const std::byte*>(found) - file.data());
        const auto next = std::to_integer<int>(file[position + 1]);
        if (next == 0xFF) {
            position += 1;
        } else if (next == 0 || (next >= 0xD0 && next <= 0xD7)) {
            position += 2;
        } else {
            return position;
        }
    }
    return file.size();
}

}  // namespace

JpegStream walk_jpeg(std::span<const std::byte> file) {
    JpegStream stream;
    ByteReader reader(file);
    reader.skip(2);
    while (reader.ok() && reader.left() >= 2) {
        if (reader.u8() != 0xFF) {  // libjpeg looks for the next marker too, so this is not the end
            reader.seek(end_of_entropy_data(file, reader.position()));
            continue;
        }
        int marker = reader.u8();
        while (marker == 0xFF && reader.left() > 0)
            marker = reader.u8();
        if (marker == kEndOfImage) {
            stream.ended = stream.scans > 0;
            break;
        }
        if (marker == 0 || marker == kStartOfImage || stands_alone(marker)) continue;
        const std::size_t length = reader.u16();
        if (length < 2) break;
        const auto segment = reader.take(length - 2);
        if (!reader.ok()) break;
        if (is_frame_header(marker) && stream.frame_type < 0) {
            ByteReader frame(segment);
            stream.precision_bits = frame.u8();
            stream.height = frame.u16();
            stream.width = frame.u16();
            stream.components = frame.u8();
            if (frame.ok()) stream.frame_type = marker - 0xC0;
        } else if (marker == kApp1 && !stream.orientation) {
            stream.orientation = exif_orientation(segment);
        } else if (marker == kStartOfScan) {
            stream.scans += 1;
            reader.seek(end_of_entropy_data(file, reader.position()));
        }
    }
    return stream;
}

}  // namespace bgm
