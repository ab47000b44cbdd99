#include "schemas/one_line.hpp"

#include <algorithm>
#include <cstdint>

#include "schemas/utf8.hpp"

namespace bgm {
namespace {

// Unicode's controls, line and paragraph separators, and what reorders or hides the rest of the line
// (Bidi_Control, the byte order mark, interlinear annotation and the deprecated tags). Joiners stay: emoji
// are made of them.
bool steers(std::uint32_t point) {
    return point <= 0x20 || (point >= 0x7F && point <= 0xA0) || point == 0x061C || point == 0x200E ||
           point == 0x200F || (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x206F) ||
           point == 0xFEFF || (point >= 0xFFF9 && point <= 0xFFFB);
}

std::uint32_t code_point(std::string_view sequence) {
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(sequence[i]));
    };
    if (sequence.size() == 1) return byte(0);
    std::uint32_t point = byte(0) & (0xFFU >> (sequence.size() + 1));
    for (std::size_t i = 1; i < sequence.size(); ++i)
        point = (point << 6U) | (byte(i) & 0x3FU);
    return point;
}

// The well-formed character that `text` begins with; empty where there is none.
std::string_view first_character(std::string_view text) {
    for (std::size_t length = 1; length <= std::min<std::size_t>(text.size(), 4); ++length) {
        if (valid_utf8(text.substr(0, length))) return text.substr(0, length);
    }
    return {};
}

}  // namespace

std::string one_line(std::string_view text, std::size_t bytes_max) {
    std::string line;
    bool gap = false;
    while (!text.empty()) {
        std::string_view character = first_character(text);
        text.remove_prefix(std::max<std::size_t>(character.size(), 1));
        if (character.empty()) character = "?";
        if (steers(code_point(character))) {
            gap = !line.empty();
            continue;
        }
        if (line.size() + character.size() + (gap ? 1 : 0) > bytes_max) break;
        if (gap) line.push_back(' ');
        gap = false;
        line += character;
    }
    return line;
}

}  // namespace bgm
