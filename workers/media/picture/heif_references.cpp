#include "workers/media/picture/heif_references.hpp"

#include <cstdint>
#include <map>
#include <set>

#include "workers/media/picture/heif_boxes.hpp"

namespace bgm {
namespace {

constexpr std::size_t kReferencesMax = 100'000;
constexpr int kDepthMax = 8;  // a grid of an overlay of rotated pictures is three deep

using Derivations = std::map<std::uint32_t, std::set<std::uint32_t>>;

struct Walk {
    Derivations made_of;
    std::size_t count = 0;
    bool sound = true;
};

// libheif counts the numbers of a reference and does not look at how long its box is: where both do not
// agree, it would read another story than we do.
void add_references(std::span<const std::byte> box, Walk& walk) {
    walk.sound = walk.sound && box.size() >= 4;
    if (!walk.sound) return;
    const bool wide = box[0] != std::byte{0};  // the version
    const bool whole = for_each_box(box.subspan(4), [&walk, wide](const HeifBox& inner) {
        HeifReference reference;
        if (!walk.sound || walk.count > kReferencesMax) return;
        walk.sound = read_reference(inner, wide, reference);
        const bool parts = inner.type == fourcc("dimg");
        if (!parts && inner.type != fourcc("auxl")) return;
        walk.count += reference.to.size();
        for (const std::uint32_t to : reference.to) {
            if (parts) {
                walk.made_of[reference.from].insert(to);
            } else {  // the opacity of a picture names the picture
                walk.made_of[to].insert(reference.from);
            }
        }
    });
    walk.sound = walk.sound && whole;
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
    Walk walk;
    for_each_box(file, [&walk](const HeifBox& box) {
        if (box.type != fourcc("meta") || box.content.size() < 4) return;
        for_each_box(box.content.subspan(4), [&walk](const HeifBox& inner) {
            if (inner.type == fourcc("iref")) add_references(inner.content, walk);
        });
    });
    if (walk.count > kReferencesMax)
        return Error{.code = ErrorCode::too_large, .message = "a picture of too many parts"};
    if (!walk.sound)
        return Error{.code = ErrorCode::corrupt, .message = "a picture whose parts are cut off or damaged"};
    if (!ends(walk.made_of))
        return Error{.code = ErrorCode::corrupt, .message = "a picture that is made of itself"};
    return ok_status();
}

}  // namespace bgm
