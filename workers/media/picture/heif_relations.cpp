#include "workers/media/picture/heif_relations.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "workers/media/picture/heif_boxes.hpp"

namespace bgm {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::array kRelations{fourcc("auxl"), fourcc("thmb"), fourcc("cdsc"), fourcc("prem")};
constexpr std::array kPictures{fourcc("hvc1"), fourcc("av01"), fourcc("grid"), fourcc("iden"),
                               fourcc("iovl")};

void append(Bytes& to, std::span<const std::byte> bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}
void append_number(Bytes& to, std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i)
        to.push_back(static_cast<std::byte>(value >> (8 * i)));
}
void append_box(Bytes& to, std::uint32_t type, std::span<const std::byte> content) {
    append_number(to, content.size() + 8, 4);
    append_number(to, type, 4);
    append(to, content);
}

struct Items {
    std::uint32_t primary = 0;
    std::set<std::uint32_t> pictures;
};

// "iinf": what kind every item is of.
void read_kinds(std::span<const std::byte> content, Items& items) {
    if (content.size() < 4) return;
    const std::size_t count_bytes = content[0] == std::byte{0} ? 2 : 4;
    if (content.size() < 4 + count_bytes) return;
    for_each_box(content.subspan(4 + count_bytes), [&items](const HeifBox& box) {
        if (box.type != fourcc("infe")) return;
        ByteReader reader(box.content);
        const std::uint32_t version = reader.u32() >> 24U;
        if (version < 2) return;  // says no kind
        const std::uint32_t id = version == 2 ? reader.u16() : reader.u32();
        reader.skip(2);
        const std::uint32_t kind = reader.u32();
        if (reader.ok() && std::find(kPictures.begin(), kPictures.end(), kind) != kPictures.end())
            items.pictures.insert(id);
    });
}

Items read_items(std::span<const std::byte> boxes) {
    Items items;
    for_each_box(boxes, [&items](const HeifBox& box) {
        if (box.type == fourcc("iinf")) read_kinds(box.content, items);
        if (box.type == fourcc("pitm")) {
            ByteReader reader(box.content);
            const bool wide = reader.u32() >> 24U != 0;
            items.primary = wide ? reader.u32() : reader.u16();
        }
    });
    return items;
}

std::optional<std::uint32_t> the_one(const HeifReference& reference, const Items& items) {
    const auto& to = reference.to;
    if (std::find(to.begin(), to.end(), items.primary) != to.end()) return items.primary;
    const auto known = std::find_if(to.begin(), to.end(),
                                    [&items](std::uint32_t item) { return items.pictures.contains(item); });
    return known == to.end() ? std::nullopt : std::optional(*known);
}

// The content of "iref", if anything in it changes.
std::optional<Bytes> plain(std::span<const std::byte> content, const Items& items) {
    if (content.size() < 4) return std::nullopt;
    const bool wide = content[0] != std::byte{0};
    bool changed = false;
    Bytes references;
    append(references, content.first(4));
    const bool sound = for_each_box(content.subspan(4), [&](const HeifBox& box) {
        HeifReference reference;
        const bool relation = std::find(kRelations.begin(), kRelations.end(), box.type) != kRelations.end();
        if (!relation || !read_reference(box, wide, reference)) return append(references, box.whole);
        const auto one = the_one(reference, items);
        if (one && reference.to.size() == 1) return append(references, box.whole);
        changed = true;
        if (!one) return;
        Bytes single;
        append_number(single, reference.from, wide ? 4 : 2);
        append_number(single, 1, 2);
        append_number(single, *one, wide ? 4 : 2);
        append_box(references, box.type, single);
    });
    return sound && changed ? std::optional(std::move(references)) : std::nullopt;
}

}  // namespace

std::vector<std::byte> with_plain_relations(std::span<const std::byte> file) {
    std::vector<HeifBox> top;
    if (!for_each_box(file, [&top](const HeifBox& box) { top.push_back(box); })) return {};
    const auto is_meta = [](const HeifBox& box) {
        return box.type == fourcc("meta") && box.content.size() >= 4;
    };
    const auto meta = std::find_if(top.begin(), top.end(), is_meta);
    if (meta == top.end() || std::find_if(meta + 1, top.end(), is_meta) != top.end()) return {};

    const Items items = read_items(meta->content.subspan(4));
    bool changed = false;
    Bytes directory;
    append(directory, meta->content.first(4));
    const bool sound = for_each_box(meta->content.subspan(4), [&](const HeifBox& box) {
        const auto references = box.type == fourcc("iref") ? plain(box.content, items) : std::nullopt;
        if (!references) return append(directory, box.whole);
        changed = true;
        append_box(directory, box.type, *references);
    });
    if (!sound || !changed) return {};

    Bytes copy;
    copy.reserve(file.size() + directory.size() + 8);
    append(copy, file);
    const auto put = [&copy](std::size_t at, std::uint32_t number) {
        for (std::size_t i = 0; i < 4; ++i)
            copy[at + i] = static_cast<std::byte>(number >> (8 * (3 - i)));
    };
    const auto place = [&file](const HeifBox& box) {
        return static_cast<std::size_t>(box.whole.data() - file.data());
    };
    put(place(*meta) + 4, fourcc("free"));
    // A last box that ends with the file would swallow what is written behind it.
    const std::size_t last = place(top.back());
    if (ByteReader(file.subspan(last)).u32() == 0) {
        if (top.back().whole.size() > UINT32_MAX) return {};
        put(last, static_cast<std::uint32_t>(top.back().whole.size()));
    }
    append_box(copy, fourcc("meta"), directory);
    return copy;
}

}  // namespace bgm
