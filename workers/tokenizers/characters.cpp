#include "workers/tokenizers/characters.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>

namespace bgm::reference {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::uint8_t kCategoriesYear = 8;  // of Unicode, the major version

std::uint32_t category_mask(char32_t character) {
    return U_MASK(u_charType(static_cast<UChar32>(character)));
}

bool known_to_categories(char32_t character) {
    UVersionInfo age = {};
    u_charAge(static_cast<UChar32>(character), age);
    return age[0] != 0 && age[0] <= kCategoriesYear;
}

template <std::size_t count>
bool is_one_of(char32_t character, const std::array<char32_t, count>& characters) {
    return std::find(characters.begin(), characters.end(), character) != characters.end();
}

// What changed its category after Unicode 8.
constexpr std::array<char32_t, 4> kLaterMarks{0x1885, 0x1886, 0xA9BD, 0x111C9};
constexpr std::array<char32_t, 1> kFormerMarks{0x1734};
constexpr std::array<char32_t, 2> kFormerPunctuation{0x166D, 0x111C9};

CharacterClass class_by_category(char32_t character) {
    const std::uint32_t mask = category_mask(character);
    if ((mask & U_GC_L_MASK) != 0) return CharacterClass::letter;
    if ((mask & U_GC_N_MASK) != 0) return CharacterClass::number;
    return u_isUWhiteSpace(static_cast<UChar32>(character)) != 0 ? CharacterClass::space
                                                                 : CharacterClass::other;
}

constexpr bool is_ascii_punctuation(char32_t character) {
    return (character >= '!' && character <= '/') || (character >= ':' && character <= '@') ||
           (character >= '[' && character <= '`') || (character >= '{' && character <= '~');
}

}  // namespace

std::string repair_utf8(std::string_view text) {
    std::string repaired;
    repaired.reserve(text.size() + 16);
    for (std::size_t at = 0; at < text.size();) {
        UChar32 character = 0;
        U8_NEXT_OR_FFFD(text.data(), at, text.size(), character);
        append_utf8(repaired, static_cast<char32_t>(character));
    }
    return repaired;
}

CharacterClass class_of(char32_t character) {
    if (character >= 0x80) return class_by_category(character);
    if ((character | 0x20U) >= 'a' && (character | 0x20U) <= 'z') return CharacterClass::letter;
    if (character >= '0' && character <= '9') return CharacterClass::number;
    return character == ' ' || (character >= '\t' && character <= '\r') ? CharacterClass::space
                                                                        : CharacterClass::other;
}

void append_lower(std::string& text, char32_t character) {
    if (character < 0x80) {
        text.push_back(
            static_cast<char>(character >= 'A' && character <= 'Z' ? character + 0x20 : character));
    } else if (character == 0x130) {  // the only one that becomes two
        text.append("i\u0307");
    } else {
        append_utf8(text, static_cast<char32_t>(u_tolower(static_cast<UChar32>(character))));
    }
}

char32_t clean_up(char32_t character) {
    if (character >= ' ' && character < 0x7F) return character;
    if (character == '\t' || character == '\n' || character == '\r') return ' ';
    if (character < ' ' || (character >= 0x7F && character < 0xA0) || character == kReplacement) return 0;
    if (u_isUWhiteSpace(static_cast<UChar32>(character)) != 0) return ' ';
    const std::uint32_t mask = category_mask(character);
    if ((mask & U_GC_CO_MASK) != 0) return 0;
    if ((mask & U_GC_CF_MASK) != 0 && known_to_categories(character)) return 0;
    return character;
}

bool is_bert_ideograph(char32_t c) {
    // The sixth range should start at 2B820, where its block does; the reference has always started it here.
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
           (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) ||
           (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

bool is_bert_punctuation(char32_t character) {
    if (character < 0x80) return is_ascii_punctuation(character);
    if (is_one_of(character, kFormerPunctuation)) return true;
    return (category_mask(character) & U_GC_P_MASK) != 0 && known_to_categories(character);
}

bool is_stripped_mark(char32_t character) {
    if (character < 0x300) return false;
    if (is_one_of(character, kFormerMarks)) return true;
    return (category_mask(character) & U_GC_MN_MASK) != 0 && !is_one_of(character, kLaterMarks) &&
           known_to_categories(character);
}

}  // namespace bgm::reference
