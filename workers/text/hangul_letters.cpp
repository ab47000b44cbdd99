#include "workers/text/hangul_letters.hpp"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace bgm {
namespace {

constexpr std::u32string_view kLeading = U"ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";  // U+1100
constexpr std::u32string_view kTrailing =
    U"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ";  // U+11A8
constexpr char32_t kFirstVowel = 0x314F;                        // ㅏ
constexpr char32_t kLetterBegin = 0x1100;
constexpr char32_t kLetterEnd = 0x1200;

// Unicode says which conjoining letter each letter of the keyboard stands for: read backwards that covers the
// old letters, too.
std::array<char32_t, kLetterEnd - kLetterBegin> make_table() {
    std::array<char32_t, kLetterEnd - kLetterBegin> table{};
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* compatibility = icu::Normalizer2::getNFKCInstance(status);
    for (char32_t letter = 0x3131; U_SUCCESS(status) && letter <= 0x318E; ++letter) {
        icu::UnicodeString conjoining;
        if (!compatibility->getDecomposition(static_cast<UChar32>(letter), conjoining)) continue;
        const auto c = static_cast<char32_t>(conjoining.char32At(0));
        if (c >= kLetterBegin && c < kLetterEnd) table.at(c - kLetterBegin) = letter;
    }
    for (std::size_t i = 0; i < kTrailing.size(); ++i)
        table.at(0x11A8 + i - kLetterBegin) = kTrailing[i];
    return table;
}

char32_t plain_letter(char32_t c) {
    static const auto table = make_table();
    if (c < kLetterBegin || c >= kLetterEnd) return c;
    const char32_t letter = table.at(c - kLetterBegin);
    return letter == 0 ? c : letter;
}

bool is_syllable(char32_t c) {
    return c >= 0xAC00 && c <= 0xD7A3;
}

// The consonant and the vowel of a syllable without a third letter; nothing else.
std::u32string open_syllable(char32_t c) {
    if (!is_syllable(c) || (c - 0xAC00) % 28 != 0) return {};
    const char32_t index = c - 0xAC00;
    return {kLeading[index / (21 * 28)], static_cast<char32_t>(kFirstVowel + index / 28 % 21)};
}

}  // namespace

char32_t full_width_hangul_letter(char32_t c) {
    if (c >= 0xFFA1 && c <= 0xFFBE) return c - 0xFFA1 + 0x3131;  // consonants, in the same order
    // Vowels, in the same order, in rows of six.
    if (c >= 0xFFC2 && c <= 0xFFC7) return c - 0xFFC2 + 0x314F;
    if (c >= 0xFFCA && c <= 0xFFCF) return c - 0xFFCA + 0x3155;
    if (c >= 0xFFD2 && c <= 0xFFD7) return c - 0xFFD2 + 0x315B;
    if (c >= 0xFFDA && c <= 0xFFDC) return c - 0xFFDA + 0x3161;
    return c;
}

bool is_conjoining_hangul_letter(char32_t c) {
    return (c >= kLetterBegin && c < kLetterEnd) || (c >= 0xA960 && c <= 0xA97F) ||
           (c >= 0xD7B0 && c <= 0xD7FF);
}

void fold_conjoining_letters(std::u32string& text) {
    if (std::none_of(text.begin(), text.end(), is_conjoining_hangul_letter)) return;
    std::u32string plain;
    plain.reserve(text.size() + 8);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char32_t before = i > 0 ? text[i - 1] : U' ';
        const char32_t after = i + 1 < text.size() ? text[i + 1] : U' ';
        const std::u32string pair = open_syllable(text[i]);
        // Laughter before tears: ㅋㅋㅠ came as ᄏ큐, ㅋㅠㅠ as 큐ᅲ. Next to a syllable it may well be a
        // word's ("다큐ㅠㅠ"), and a sigh (휴ㅠㅠ) or a stretched vowel (아ㅏㅏ) is what it looks like.
        const bool tears = !pair.empty() && (pair[1] == U'ㅠ' || pair[1] == U'ㅜ');
        const bool laughs = tears && is_conjoining_hangul_letter(before) && plain_letter(before) == pair[0] &&
                            !is_syllable(after);
        const bool cries = tears && pair[0] == U'ㅋ' && is_conjoining_hangul_letter(after) &&
                           plain_letter(after) == pair[1] && !is_syllable(before);
        if (laughs || cries) {
            plain += pair;
        } else {
            plain += plain_letter(text[i]);
        }
    }
    text = std::move(plain);
}

}  // namespace bgm
