#include "workers/media/heif_references.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "workers/media/byte_reader.hpp"

namespace bgm {
namespace {

constexpr std::uint32_t fourcc(const char (&name)[5]) {
    std::uint32_t code = 0;
    for (int i = 0; i < 4; ++i)
        code = code << 8U | static_cast<std::uint8_t>(name[i]);
    return code;
}

constexpr std::size_t kReferencesMax = 100'000;
constexpr int kDepthMax = 8;  // a grid of an overlay of rotated pictures is three deep

using Derivations = std::map<std::uint32_t, std::set<std::uint32_t>>;

// Calls `visit(type, content)` for every box of a container, as far as their sizes make sense (ISO/IEC
// 14496-12).
void for_each_box(std::span<const std::byte> boxes,
                  const std::function<void(std::uint32_t, std::span<const std::byte>)>& visit) {
    ByteReader reader(boxes);
    while (reader.left() >= 8) {
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
        if (!reader.ok() || size < header || size - header > reader.left()) return;
        visit(type, reader.take(static_cast<std::size_t>(size - header)));
    }
}

// The references of one "iref" box: false where there are too many.
bool add_references(std::span<const std::byte> box, Derivations& made_of, std::size_t& count) {
    ByteReader reader(box);
    const bool wide = reader.u32() >> 24U != 0;  // the version
    if (!reader.ok()) return true;
    for_each_box(box.subspan(4), [&](std::uint32_t type, std::span<const std::byte> content) {
        if (type != fourcc("dimg")) return;
        ByteReader reference(content);
        const std::uint32_t from = wide ? reference.u32() : reference.u16();
        const std::uint16_t parts = reference.u16();
        for (std::uint16_t i = 0; i < parts && reference.ok() && count <= kReferencesMax; ++i) {
            const std::uint32_t to = wide ? reference.u32() : reference.u16();
            if (!reference.ok()) return;
            made_of[from].insert(to);
            ++count;
        }
    });
    return count <= kReferencesMax;
}

// A circle is a chain without an end. Each picture is looked at once for each depth at most.
bool ends(const Derivations& made_of) {
    std::set<std::uint32_t> level;
    for (const auto& [item, parts] : made_of)
        level.insert(item);
    for (int depth = 0; depth < kDepthMax && !level.empty(); ++depth) {
        std::set<std::uint32_t> next;
        for (const std::uint32_t item : level) {
            const auto found = made_of.find(item);
            if (found == made_of.end()) continue;
            for (const std::uint32_t part : found->second) {
                if (made_of.contains(part)) next.insert(part);
            }
        }
        level = std::move(next);
    }
    return level.empty();
}

}  // namespace

Status check_heif_references(std::span<const std::byte> file) {
    Derivations made_of;
    std::size_t count = 0;
    bool few = true;
    for_each_box(file, [&](std::uint32_t type, std::span<const std::byte> content) {
        if (type != fourcc("meta") || content.size() < 4) return;
        for_each_box(content.subspan(4), [&](std::uint32_t inner, std::span<const std::byte> box) {
            if (inner == fourcc("iref")) few = add_references(box, made_of, count) && few;
        });
    });
    if (!few) return Error{.code = ErrorCode::too_large, .message = "a picture of too many parts"};
    if (!ends(made_of))
        return Error{.code = ErrorCode::corrupt, .message = "a picture that is made of itself"};
    return ok_status();
}

}  // namespace bgm
