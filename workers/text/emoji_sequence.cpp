#include "workers/text/emoji_sequence.hpp"

#include <algorithm>
#include <array>

#include "workers/text/clean.hpp"

namespace bgm {
namespace {

constexpr char32_t kJoiner = 0x200D;

// Emoji whose feeling the model knows stand for those that it does not.
constexpr char32_t kFamily = U'🤗';
constexpr char32_t kFriends = U'🤝';
constexpr char32_t kCouple = U'💞';
constexpr char32_t kKiss = U'🥰';

bool is_selector(char32_t c) {
    return c == 0xFE0E || c == 0xFE0F;
}
bool is_skin_tone(char32_t c) {
    return c >= 0x1F3FB && c <= 0x1F3FF;
}
bool is_flag_letter(char32_t c) {
    return c >= 0x1F1E6 && c <= 0x1F1FF;
}
bool is_tag(char32_t c) {
    return c >= 0xE0020 && c <= 0xE007F;
}
bool is_heart(char32_t c) {
    return c == U'❤' || c == U'♥' || (c >= 0x1F493 && c <= 0x1F49F) || c == 0x1F9E1 || c == 0x1F90D ||
           c == 0x1F90E || c == 0x1F5A4 || (c >= 0x1FA75 && c <= 0x1FA77);
}
// What joins a person without changing who is meant: sex, direction, red or curly or no or white hair.
bool is_trait(char32_t c) {
    return c == U'♀' || c == U'♂' || c == U'⚧' || c == U'➡' || c == U'⬅' || (c >= 0x1F9B0 && c <= 0x1F9B3);
}
bool is_child(char32_t c) {
    return c == U'👦' || c == U'👧' || c == U'🧒' || c == U'👶';
}
bool is_plain_person(char32_t c) {
    return is_child(c) || c == U'👨' || c == U'👩' || c == U'🧑' || (c >= 0x1F474 && c <= 0x1F475) ||
           c == 0x1F9D3 || c == 0x1F471 || c == 0x1F9D4 || c == 0x1F464;
}

struct Meaning {
    char32_t first;
    char32_t second;
    char32_t meaning;
};
// Joined pairs that mean something else than their first part.
constexpr std::array kPairs{
    Meaning{U'❤', U'🩹', U'🥹'},  // a mending heart
    Meaning{U'😮', U'💨', U'😥'},        // a sigh
    Meaning{U'😶', 0x1F32B, 0x1F32B},  // a head in the clouds
    Meaning{U'🙂', U'↔', U'😐'},     // shakes the head
    Meaning{0x1FAF1, 0x1FAF2, kFriends},
};
// Single ones that say the same as a sequence.
constexpr std::array kSingles{
    Meaning{U'👪', 0, kFamily},  Meaning{U'👫', 0, kFriends},   Meaning{U'👬', 0, kFriends},
    Meaning{U'👭', 0, kFriends}, Meaning{U'💏', 0, kKiss},      Meaning{U'💑', 0, kCouple},
    Meaning{0x1FA75, 0, U'💙'},  Meaning{0x1FA76, 0, U'🤍'},  // hearts in light blue and grey
};

char32_t plain(char32_t c) {
    if (is_plain_person(c)) return kPersonEmoji;
    const auto same = std::find_if(kSingles.begin(), kSingles.end(),
                                   [&](const Meaning& single) { return single.first == c; });
    return same == kSingles.end() ? c : same->meaning;
}

/// The pictographs of a sequence, traits left out.
struct Parts {
    std::array<char32_t, kEmojiSequenceMax> values{};
    std::size_t count = 0;

    void add(char32_t part) { values.at(count++) = part; }
    bool has(bool (*is)(char32_t)) const { return std::any_of(values.begin(), values.begin() + count, is); }
    std::size_t people() const {
        return static_cast<std::size_t>(
            std::count_if(values.begin(), values.begin() + count, is_plain_person));
    }
    bool has(char32_t part) const {
        return std::find(values.begin(), values.begin() + count, part) != values.begin() + count;
    }
};

char32_t meaning_of(const Parts& parts) {
    const char32_t first = parts.values[0];
    if (parts.count == 1) return plain(first);
    if (parts.people() >= 2) {
        if (parts.has(U'💋')) return kKiss;
        if (parts.has(is_heart)) return kCouple;
        if (parts.has(U'🤝')) return kFriends;
        if (parts.people() == parts.count) return kFamily;
    }
    for (const Meaning& pair : kPairs) {
        if (pair.first == first && pair.second == parts.values[1]) return pair.meaning;
    }
    return plain(first);
}

/// One pictograph with its selector, skin tone or tags; 0 where there is none.
std::size_t element_length(std::u32string_view text) {
    if (text.empty() || !is_emoji(text[0]) || is_skin_tone(text[0]) || is_flag_letter(text[0])) return 0;
    std::size_t length = 1;
    while (length < text.size() &&
           (is_selector(text[length]) || is_skin_tone(text[length]) || is_tag(text[length]))) {
        ++length;
    }
    return length;
}

EmojiSequence joined_sequence(std::u32string_view text) {
    Parts parts;
    std::size_t at = 0;
    while (true) {
        const bool joined = at < text.size() && text[at] == kJoiner;
        if (at > 0 && !joined) break;
        const std::size_t begin = at + (joined ? 1 : 0);
        const std::size_t length = element_length(text.substr(begin));
        if (length == 0) break;
        if (at == 0 || !is_trait(text[begin])) parts.add(text[begin]);
        at = begin + length;
    }
    if (parts.count == 0) return {};
    return {.length = at, .meaning = meaning_of(parts)};
}

// Some senders lose the joiners of a family: a grown-up and a child side by side are still one.
std::size_t family_without_joiners(std::u32string_view text) {
    bool child = false;
    bool grown_up = false;
    std::size_t at = 0;
    while (at < text.size() && is_plain_person(text[at])) {
        (is_child(text[at]) ? child : grown_up) = true;
        at += element_length(text.substr(at));
        if (at < text.size() && text[at] == kJoiner) return 0;
    }
    return child && grown_up ? at : 0;
}

// And so are two people with a heart, or a heart and a kiss, between them.
EmojiSequence couple_without_joiners(std::u32string_view text) {
    std::size_t at = 0;
    const auto take = [&](const auto& is) {
        if (at >= text.size() || !is(text[at])) return false;
        at += element_length(text.substr(at));
        return true;
    };
    if (!take(is_plain_person) || !take(is_heart)) return {};
    const bool kiss = take([](char32_t c) { return c == U'💋'; });
    if (!take(is_plain_person)) return {};
    return {.length = at, .meaning = kiss ? kKiss : kCouple};
}

}  // namespace

EmojiSequence match_emoji_sequence(std::u32string_view text) {
    text = text.substr(0, kEmojiSequenceMax);
    if (const std::size_t length = family_without_joiners(text); length > 0)
        return {.length = length, .meaning = kFamily};
    if (const EmojiSequence couple = couple_without_joiners(text); couple.length > 0) return couple;
    return joined_sequence(text);
}

}  // namespace bgm
