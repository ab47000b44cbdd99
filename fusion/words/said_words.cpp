#include "fusion/words/said_words.hpp"

#include <algorithm>

#include "schemas/utf8.hpp"

namespace bgm {
namespace {

enum class Kind { space, mark, letter, digit, hangul };

bool between(char32_t c, char32_t first, char32_t last) {
    return c >= first && c <= last;
}

Kind kind_of(char32_t c) {
    constexpr Word kMarks = U".,;:!?()[]{}/|\n\r。、，！？…";
    if (kMarks.find(c) != Word::npos) return Kind::mark;
    if (between(c, U'0', U'9')) return Kind::digit;
    if (between(c, U'가', U'힣') || between(c, U'ㄱ', U'ㅣ')) return Kind::hangul;
    if (between(c, U'a', U'z') || c == U'\'' || (c >= 0xC0 && !between(c, 0x2000, 0x303F)))
        return Kind::letter;
    return Kind::space;
}

char32_t next_code_point(std::string_view& text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    const std::size_t size = lead < 0x80U ? 1 : lead < 0xE0U ? 2 : lead < 0xF0U ? 3 : 4;
    char32_t c = size == 1 ? lead : lead & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i)
        c = (c << 6U) | (byte(i) & 0x3FU);
    text.remove_prefix(size);
    return c;
}

/// In lower case, with Hangul letters put together to syllables (Unicode 15, section 3.12).
std::u32string composed(std::string_view text) {
    constexpr char32_t kLead = 0x1100, kVowel = 0x1161, kTail = 0x11A7, kSyllable = 0xAC00;
    std::u32string all;
    while (!text.empty()) {
        char32_t c = next_code_point(text);
        if (between(c, U'A', U'Z')) c += U'a' - U'A';
        if (c == U'’' || c == U'‘') c = U'\'';
        const char32_t last = all.empty() ? 0 : all.back();
        if (between(c, kVowel, kVowel + 20) && between(last, kLead, kLead + 18)) {
            all.back() = kSyllable + ((last - kLead) * 21 + (c - kVowel)) * 28;
        } else if (between(c, kTail + 1, kTail + 27) && between(last, kSyllable, U'힣') &&
                   (last - kSyllable) % 28 == 0) {
            all.back() += c - kTail;
        } else {
            all += c;
        }
    }
    return all;
}

}  // namespace

std::vector<SaidWord> said_words(std::string_view text) {
    std::vector<SaidWord> words;
    Kind before = Kind::space;
    for (const char32_t c : composed(text)) {
        const Kind kind = kind_of(c);
        if (kind != Kind::space) {
            // "90s" and "90년대" are a number and what it counts.
            if (kind != before || kind == Kind::mark)
                words.push_back({.text = {}, .mark = kind == Kind::mark, .glued = before != Kind::space});
            words.back().text += c;
        }
        before = kind;
    }
    return words;
}

std::size_t phrase_end(std::span<const SaidWord> said, std::size_t begin, Word pattern) {
    std::size_t at = begin;
    while (!pattern.empty()) {
        const std::size_t end = std::min(pattern.find(U' '), pattern.size());
        if (at >= said.size() || said[at].mark || !word_matches(pattern.substr(0, end), said[at].text))
            return 0;
        pattern.remove_prefix(std::min(end + 1, pattern.size()));
        ++at;
    }
    return at;
}

std::size_t longest_phrase_end(std::span<const SaidWord> said, std::size_t begin, Word patterns) {
    std::size_t longest = 0;
    while (!patterns.empty()) {
        const std::size_t end = std::min(patterns.find(U'|'), patterns.size());
        longest = std::max(longest, phrase_end(said, begin, patterns.substr(0, end)));
        patterns.remove_prefix(std::min(end + 1, patterns.size()));
    }
    return longest;
}

std::string utf8(Word word) {
    std::string text;
    for (const char32_t c : word)
        append_utf8(text, c);
    return text;
}

}  // namespace bgm
