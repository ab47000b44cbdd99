// What the first directory of a TIFF file declares. Takes no memory; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace bgm {

struct TiffStream {
    bool found = false;  // a directory with a size was there
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint32_t bits = 1;  // a sample, of the first one where they differ
    std::uint32_t samples = 1;
    std::uint32_t tile_width = 0;  // 0: in strips
    std::uint32_t tile_height = 0;
    std::optional<int> orientation;
    std::size_t orientation_at = 0;  // of its number, in the file's byte order; 0 where there is none
    bool big_endian = false;
};

TiffStream walk_tiff(std::span<const std::byte> file);

}  // namespace bgm
