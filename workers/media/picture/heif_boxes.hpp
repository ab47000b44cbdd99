// The boxes of a HEIF file (ISO/IEC 14496-12), as far as their sizes make sense.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "workers/media/picture/byte_reader.hpp"

namespace bgm {

constexpr std::uint32_t fourcc(const char (&name)[5]) {
    std::uint32_t code = 0;
    for (int i = 0; i < 4; ++i)
        code = code << 8U | static_cast<std::uint8_t>(name[i]);
    return code;
}

struct HeifBox {
    std::uint32_t type = 0;
    std::span<const std::byte> content;
    std::span<const std::byte> whole;  // with its header
};

/// Calls `visit(box)` for every box of a container. False where the last bytes are no whole box.
template <typename Visit>
bool for_each_box(std::span<const std::byte> boxes, const Visit& visit) {
    ByteReader reader(boxes);
    while (reader.left() >= 8) {
        const std::size_t begin = reader.position();
        const std::uint32_t short_size = reader.u32();
        const std::uint32_t type = reader.u32();
        std::uint64_t header = 8;
        std::uint64_t size = short_size;
        if (short_size == 1) {
            const std::uint64_t high = reader.u32();
            size = high << 32U | reader.u32();
            header = 16;
        } else if (short_size == 0) {
            size = header + reader.left();
        }
        if (!reader.ok() || size < header || size - header > reader.left()) return false;
        const auto content = reader.take(static_cast<std::size_t>(size - header));
        visit(HeifBox{type, content, boxes.subspan(begin, static_cast<std::size_t>(size))});
    }
    return reader.left() == 0;
}

/// One picture (or what goes with one) that names others.
struct HeifReference {
    std::uint32_t type = 0;
    std::uint32_t from = 0;
    std::vector<std::uint32_t> to;
};

/// Of a box inside "iref", whose version says how wide its numbers are. False where it does not fill its box.
inline bool read_reference(const HeifBox& box, bool wide, HeifReference& reference) {
    ByteReader reader(box.content);
    const auto item = [&reader, wide] { return wide ? reader.u32() : std::uint32_t{reader.u16()}; };
    reference = {.type = box.type, .from = item(), .to = {}};
    const std::uint16_t count = reader.u16();
    for (std::uint16_t i = 0; i < count; ++i) {
        const std::uint32_t to = item();
        if (!reader.ok()) return false;
        reference.to.push_back(to);
    }
    return reader.ok() && reader.left() == 0;
}

}  // namespace bgm
