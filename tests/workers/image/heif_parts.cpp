#include "tests/workers/image/heif_parts.hpp"

#include <map>
#include <string_view>

namespace bgm::test {
namespace {

void append(Bytes& to, const Bytes& bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}
void append(Bytes& to, std::string_view text) {
    to.insert(to.end(), text.begin(), text.end());
}
void number(Bytes& to, std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i)
        to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}
std::uint64_t number_at(const Bytes& from, std::size_t at, int bytes) {
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i)
        value = value << 8U | from.at(at + static_cast<std::size_t>(i));
    return value;
}

Bytes full_box(const std::string& type, int version, const Bytes& content) {
    Bytes whole;
    number(whole, static_cast<std::uint64_t>(version) << 24U, 4);
    append(whole, content);
    return heif_box(type, whole);
}

struct Place {
    std::size_t begin = 0, end = 0;  // of the content
};

std::multimap<std::string, Place> boxes_in(const Bytes& file, std::size_t begin, std::size_t end) {
    std::multimap<std::string, Place> boxes;
    while (begin + 8 <= end) {
        const std::size_t size = number_at(file, begin, 4);
        const std::string type(file.begin() + static_cast<std::ptrdiff_t>(begin) + 4,
                               file.begin() + static_cast<std::ptrdiff_t>(begin) + 8);
        boxes.emplace(type, Place{begin + 8, begin + size});
        begin += size;
    }
    return boxes;
}

struct Offsets {
    std::uint64_t pixels = 0;  // where the data of the first item stands in the file
};

Bytes directory(const HeifParts& parts, const Offsets& offsets) {
    const int item_bytes = parts.wide_numbers ? 4 : 2;
    Bytes handler(4, 0);
    append(handler, "pict");
    handler.resize(21, 0);
    Bytes primary;
    number(primary, parts.primary, item_bytes);
    Bytes infos;
    number(infos, parts.items.size(), 2);
    Bytes places;
    number(places, 0x44, 1);
    number(places, parts.base_offsets ? 0x40 : 0, 1);
    number(places, parts.items.size(), parts.wide_numbers ? 4 : 2);
    Bytes properties;
    Bytes uses;
    number(uses, parts.items.size(), 4);
    Bytes inside;
    std::uint64_t at = offsets.pixels;
    int property = 0;
    for (const HeifItem& item : parts.items) {
        Bytes info;
        number(info, item.id, item_bytes);
        number(info, 0, 2);
        append(info, item.type);
        info.push_back(0);
        Bytes entry = full_box("infe", parts.wide_numbers ? 3 : 2, info);
        if (item.hidden) entry[11] = 1;  // the lowest flag
        append(infos, entry);

        number(places, item.id, item_bytes);
        number(places, item.in_directory ? 1 : 0, 2);
        number(places, 0, 2);
        std::uint64_t place = item.in_directory ? inside.size() : at;
        if (parts.base_offsets) {
            const std::uint64_t base = item.in_directory ? 0 : place - 5;
            number(places, base, 4);
            place -= base;
        }
        number(places, 1, 2);
        number(places, place, 4);
        number(places, item.data.size(), 4);
        if (item.in_directory) {
            append(inside, item.data);
        } else {
            at += item.data.size();
        }

        number(uses, item.id, item_bytes);
        number(uses, item.properties.size(), 1);
        for (const Bytes& box : item.properties) {
            append(properties, box);
            number(uses, static_cast<std::uint64_t>(0x80 | ++property), 1);
        }
    }
    Bytes references;
    for (const HeifRelation& relation : parts.relations) {
        Bytes content;
        number(content, relation.from, item_bytes);
        number(content, relation.to.size(), 2);
        for (const std::uint32_t to : relation.to)
            number(content, to, item_bytes);
        append(references, heif_box(relation.type, content));
    }
    const int version = parts.wide_numbers ? 1 : 0;
    Bytes meta;
    append(meta, full_box("hdlr", 0, handler));
    append(meta, full_box("pitm", version, primary));
    append(meta, full_box("iloc", parts.wide_numbers ? 2 : 1, places));
    append(meta, full_box("iinf", 0, infos));
    if (!references.empty()) append(meta, full_box("iref", version, references));
    Bytes iprp = heif_box("ipco", properties);
    append(iprp, full_box("ipma", version, uses));
    append(meta, heif_box("iprp", iprp));
    if (!inside.empty()) append(meta, heif_box("idat", inside));
    return full_box("meta", 0, meta);
}

}  // namespace

Bytes heif_box(const std::string& type, const Bytes& content) {
    Bytes box;
    number(box, content.size() + 8, 4);
    append(box, type);
    append(box, content);
    return box;
}

Bytes auxiliary_kind(const std::string& name) {
    Bytes content;
    append(content, name);
    content.push_back(0);
    return full_box("auxC", 0, content);
}

Bytes shown_size(std::uint32_t width, std::uint32_t height) {
    Bytes content;
    number(content, width, 4);
    number(content, height, 4);
    return full_box("ispe", 0, content);
}

Bytes grid_of(int columns, int rows, int width, int height) {
    Bytes data{0, 0, static_cast<std::uint8_t>(rows - 1), static_cast<std::uint8_t>(columns - 1)};
    number(data, static_cast<std::uint64_t>(width), 2);
    number(data, static_cast<std::uint64_t>(height), 2);
    return data;
}

Bytes put_together(const HeifParts& parts) {
    Bytes kind;
    append(kind, parts.brand);
    number(kind, 0, 4);
    append(kind, "mif1");
    append(kind, parts.brand);
    Bytes file = heif_box("ftyp", kind);
    Bytes pixels;
    for (const HeifItem& item : parts.items) {
        if (!item.in_directory) append(pixels, item.data);
    }
    Bytes data = heif_box("mdat", pixels);
    const std::size_t before = file.size() + (parts.pixels_first ? 0 : directory(parts, {}).size());
    const Bytes meta = directory(parts, {.pixels = before + 8});
    if (parts.pixels_first) append(file, data);
    append(file, meta);
    if (parts.pixels_first) return file;
    if (parts.endless_pixels) std::fill(data.begin(), data.begin() + 4, std::uint8_t{0});
    append(file, data);
    return file;
}

std::vector<HeifItem> take_apart(const Bytes& file) {
    const Place meta = boxes_in(file, 0, file.size()).find("meta")->second;
    const auto boxes = boxes_in(file, meta.begin + 4, meta.end);
    std::map<std::uint32_t, HeifItem> items;
    const Place infos = boxes.find("iinf")->second;
    const int count_bytes = file[infos.begin] == 0 ? 2 : 4;
    for (const auto& [type, place] :
         boxes_in(file, infos.begin + 4 + static_cast<std::size_t>(count_bytes), infos.end)) {
        const auto id = static_cast<std::uint32_t>(number_at(file, place.begin + 4, 2));
        const auto name = file.begin() + static_cast<std::ptrdiff_t>(place.begin) + 8;
        items[id] = {.id = id, .type = std::string(name, name + 4)};
    }
    const Place places = boxes.find("iloc")->second;
    const int version = file[places.begin];
    std::size_t at = places.begin + 4;
    const int offset_bytes = file[at] >> 4U;
    const int length_bytes = file[at] & 15;
    const int base_bytes = file[at + 1] >> 4U;
    const int index_bytes = version > 0 ? file[at + 1] & 15 : 0;
    at += 2;
    const auto next = [&](int bytes) {
        const std::uint64_t value = number_at(file, at, bytes);
        at += static_cast<std::size_t>(bytes);
        return value;
    };
    const std::uint64_t count = next(version < 2 ? 2 : 4);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto id = static_cast<std::uint32_t>(next(version < 2 ? 2 : 4));
        if (version > 0) next(2);
        next(2);
        const std::uint64_t base = next(base_bytes);
        const std::uint64_t extents = next(2);
        for (std::uint64_t e = 0; e < extents; ++e) {
            next(index_bytes);
            const auto begin = file.begin() + static_cast<std::ptrdiff_t>(base + next(offset_bytes));
            const auto length = static_cast<std::ptrdiff_t>(next(length_bytes));
            items[id].data.insert(items[id].data.end(), begin, begin + length);
        }
    }
    const Place iprp = boxes.find("iprp")->second;
    const auto inside = boxes_in(file, iprp.begin, iprp.end);
    std::vector<Bytes> properties;
    const Place ipco = inside.find("ipco")->second;
    for (std::size_t begin = ipco.begin; begin + 8 <= ipco.end;) {
        const std::size_t size = number_at(file, begin, 4);
        properties.emplace_back(file.begin() + static_cast<std::ptrdiff_t>(begin),
                                file.begin() + static_cast<std::ptrdiff_t>(begin + size));
        begin += size;
    }
    const Place uses = inside.find("ipma")->second;
    const bool wide = (file[uses.begin + 3] & 1) != 0;
    at = uses.begin + 4;
    const std::uint64_t users = next(4);
    for (std::uint64_t i = 0; i < users; ++i) {
        const auto id = static_cast<std::uint32_t>(next(file[uses.begin] == 0 ? 2 : 4));
        const std::uint64_t used = next(1);
        for (std::uint64_t u = 0; u < used; ++u) {
            const std::uint64_t index = wide ? next(2) & 0x7FFF : next(1) & 0x7F;
            if (index > 0) items[id].properties.push_back(properties.at(index - 1));
        }
    }
    std::vector<HeifItem> taken;
    for (auto& [id, item] : items)
        taken.push_back(std::move(item));
    return taken;
}

}  // namespace bgm::test
