#include "workers/text/clean.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <array>
#include <cstdint>
#include <utility>

#include "workers/text/emoji_sequence.hpp"
#include "workers/text/hangul_letters.hpp"

namespace bgm {
namespace {

// Longer runs carry no meaning, and canonical ordering sorts a run in quadratic time.
constexpr int kCombiningRunMax = 4;

constexpr std::array<std::pair<std::string_view, char32_t>, 7> kEntities{{
    {"&amp;", U'&'},
    {"&lt;", U'<'},
    {"&gt;", U'>'},
    {"&quot;", U'"'},
    {"&#39;", U'\''},
    {"&apos;", U'\''},
    {"&nbsp;", U' '},
}};

// Lines through, under and over letters, and rings round them: looks, as the styled letters are.
bool is_decoration(char32_t c) {
    return c == 0x305 || c == 0x332 || c == 0x333 || (c >= 0x334 && c <= 0x338) || c == 0x33F ||
           (c >= 0x20D2 && c <= 0x20D3) || (c >= 0x20D8 && c <= 0x20DA) || (c >= 0x20DD && c <= 0x20F0);
}

bool is_dropped(char32_t c) {
    if (c == U'\n' || c == U'\t') return false;
    if (c < 0x20 || (c >= 0x7F && c < 0xA0 && c != 0x85)) return true;
    if (c >= 0x1F3FB && c <= 0x1F3FF) return true;  // skin tones
    if (is_decoration(c)) return true;
    if ((c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF)) return true;  // variation selectors
    if (c == 0xFFFD) return true;                                                     // replacement character
    if (c == 0x115F || c == 0x1160 || c == 0x3164 || c == 0xFFA0) return true;  // invisible Hangul fillers
    if (c < 0xAD) return false;
    const auto type = u_charType(static_cast<UChar32>(c));
    return type == U_FORMAT_CHAR || type == U_CONTROL_CHAR || type == U_SURROGATE ||
           type == U_PRIVATE_USE_CHAR || type == U_UNASSIGNED;
}

char32_t fold_width_and_quotes(char32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFF01 + U'!';
    if (c >= 0xFFA1 && c <= 0xFFDC) return full_width_hangul_letter(c);
    switch (c) {
        case U'‘':
        case U'’':
        case U'‛':
        case U'´':
        case U'`':
        case U'ʼ':
        case U'′':
            return U'\'';
        case U'“':
        case U'”':
        case U'„':
        case U'«':
        case U'»':
        case U'〝':
        case U'〞':
            return U'"';
        case U'–':
        case U'—':
        case U'―':
        case U'‐':
        case U'‑':
        case U'−':
            return U'-';
        case U'〜':
        case U'～':
        case U'∼':
            return U'~';
        case U'…':
            return U'…';
        case U'♡':
        case U'♥':
        case U'❣':
            return U'❤';
        case 0x85:
        case 0x2028:
        case 0x2029:
            return U'\n';
        default:
            break;
    }
    if (c == U'\t' || c == 0xA0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
        c == 0x205F) {
        return U' ';
    }
    return c;
}

// Styled letters that people paste for looks: mathematical alphabets and the letters of theirs that stand
// elsewhere (ℋ ℯ ℴ), circled and squared letters, raised ones, circled Hangul.
bool is_styled(char32_t c) {
    return (c >= 0x1D400 && c <= 0x1D7FF) || (c >= 0x2460 && c <= 0x24FF) || (c >= 0x1F110 && c <= 0x1F149) ||
           (c >= 0x210A && c <= 0x2115) || (c >= 0x2119 && c <= 0x211D) || (c >= 0x2124 && c <= 0x2134) ||
           (c >= 0x2B0 && c <= 0x2B8) || (c >= 0x1D2C && c <= 0x1D6A) || (c >= 0x2071 && c <= 0x209C) ||
           (c >= 0x3200 && c <= 0x321E) || (c >= 0x3260 && c <= 0x327E);
}

// Letters that Unicode does not say are letters: white on black, and small capitals. 0: none. 🅰 🅱 🅾 🅿 stay
// the signs that they are.
char32_t drawn_letter(char32_t c) {
    if (c >= 0x1F150 && c <= 0x1F169) return U'a' + (c - 0x1F150);
    if (c >= 0x1F170 && c <= 0x1F189 && !is_emoji(c)) return U'a' + (c - 0x1F170);
    if (c < 0x262 || c > 0xA731) return 0;
    constexpr std::u32string_view kSmallCapitals =
        U"ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡxʏᴢ";
    const std::size_t place = kSmallCapitals.find(c);
    return place == std::u32string_view::npos ? 0 : U'a' + static_cast<char32_t>(place);
}

const icu::Normalizer2* normaliser(bool compatibility) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* instance =
        compatibility ? icu::Normalizer2::getNFKCInstance(status) : icu::Normalizer2::getNFCInstance(status);
    return U_SUCCESS(status) ? instance : nullptr;
}

void append_plain_letters(char32_t styled, std::u32string& out) {
    static const icu::Normalizer2* const compatibility = normaliser(true);
    icu::UnicodeString letters;
    if (compatibility == nullptr || !compatibility->getDecomposition(static_cast<UChar32>(styled), letters)) {
        out.push_back(styled);
        return;
    }
    for (std::int32_t i = 0; i < letters.length(); i = letters.moveIndex32(i, 1)) {
        out.push_back(static_cast<char32_t>(letters.char32At(i)));
    }
}

// Canonical composition; most posts are composed already, which the quick check finds without a copy.
std::u32string compose(std::u32string text) {
    static const icu::Normalizer2* const canonical = normaliser(false);
    bool simple = true;
    for (char32_t c : text)
        simple = simple && (c < 0x300 || (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0x3131 && c <= 0x318E));
    if (simple || canonical == nullptr) return text;
    const auto wide = icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(text.data()),
                                                    static_cast<std::int32_t>(text.size()));
    UErrorCode status = U_ZERO_ERROR;
    if (canonical->isNormalized(wide, status) || U_FAILURE(status)) return text;
    const icu::UnicodeString composed = canonical->normalize(wide, status);
    if (U_FAILURE(status)) return text;
    text.clear();
    for (std::int32_t i = 0; i < composed.length(); i = composed.moveIndex32(i, 1)) {
        text.push_back(static_cast<char32_t>(composed.char32At(i)));
    }
    return text;
}

// What composition left of marks on Latin and Hangul letters is decoration ("z̡͝a̛l̵g̷o"): every accent that these
// languages write has composed.
void drop_loose_marks(std::u32string& text) {
    const auto loose = [](char32_t c) {
        return (c >= 0x300 && c <= 0x36F) || c == 0x488 || c == 0x489 || (c >= 0x1AB0 && c <= 0x1AFF) ||
               (c >= 0x1DC0 && c <= 0x1DFF) || (c >= 0x20D0 && c <= 0x20FF) || (c >= 0xFE20 && c <= 0xFE2F);
    };
    char32_t letter = 0;  // that the marks stand on
    std::erase_if(text, [&](char32_t c) {
        if (loose(c)) return letter < 0x250 || (letter >= 0xAC00 && letter <= 0xD7A3);
        letter = c;
        return false;
    });
}

/// Reads code points for as long as an emoji sequence can be.
struct Ahead {
    std::array<char32_t, kEmojiSequenceMax> values{};
    std::array<std::size_t, kEmojiSequenceMax> ends{};  // where each one ends in the text
    std::size_t count = 0;

    Ahead(std::string_view text, std::size_t at) {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
        while (count < values.size() && at < text.size()) {
            UChar32 code_point = 0;
            U8_NEXT(bytes, at, text.size(), code_point);
            if (code_point < 0x80) break;
            values.at(count) = static_cast<char32_t>(code_point);
            ends.at(count++) = at;
        }
    }
};

/// "1️⃣" is a digit of its own: neither part of a number beside it nor, as "#️⃣", the beginning of a
/// hashtag.
void close_key_cap(std::u32string& out) {
    if (out.empty()) return;
    const char32_t key = out.back();
    if (key != U'#' && key != U'*' && (key < U'0' || key > U'9')) return;
    out.back() = U' ';
    out += key;
    out += U' ';
}

}  // namespace

std::u32string clean_text(std::string_view text) {
    std::u32string out;
    out.reserve(text.size());
    int combining_run = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '&') {
            bool resolved = false;
            for (const auto& [entity, character] : kEntities) {
                if (!text.substr(i).starts_with(entity)) continue;
                out.push_back(character);
                i += entity.size();
                resolved = true;
                break;
            }
            if (resolved) continue;
        }
        UChar32 code_point = 0;
        std::size_t next = i;
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
        U8_NEXT(bytes, next, text.size(), code_point);
        if (code_point >= 0x203C && is_emoji(static_cast<char32_t>(code_point))) {
            const Ahead ahead(text, i);
            if (const auto emoji = match_emoji_sequence({ahead.values.data(), ahead.count});
                emoji.length > 0) {
                out.push_back(fold_width_and_quotes(emoji.meaning));
                i = ahead.ends.at(emoji.length - 1);
                combining_run = 0;
                continue;
            }
        }
        i = next;
        if (code_point < 0) continue;  // the caller promised valid UTF-8; skipping is still the safe answer
        const auto c = fold_width_and_quotes(static_cast<char32_t>(code_point));
        if (c == 0x20E3) close_key_cap(out);
        if (is_dropped(c)) continue;
        combining_run = is_combining_mark(c) ? combining_run + 1 : 0;
        if (combining_run > kCombiningRunMax) continue;
        if (const char32_t letter = drawn_letter(c); letter != 0) {
            out.push_back(letter);
        } else if (is_styled(c)) {
            append_plain_letters(c, out);
        } else {
            out.push_back(c);
        }
    }
    out = compose(std::move(out));
    drop_loose_marks(out);
    fold_conjoining_letters(out);
    return out;
}

bool is_emoji(char32_t c) {
    if (c < 0x203C) return false;
    if (c >= 0x1F1E6 && c <= 0x1F1FF) return true;
    if (c == 0x2122 || c == 0x2139) return false;
    return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_EXTENDED_PICTOGRAPHIC) != 0;
}

char32_t fold_case(char32_t c) {
    if (c < 0x80) return c >= U'A' && c <= U'Z' ? c + 32 : c;
    if (c >= 0xAC00 && c <= 0xD7A3) return c;
    return static_cast<char32_t>(u_foldCase(static_cast<UChar32>(c), U_FOLD_CASE_DEFAULT));
}

bool is_letter(char32_t c) {
    if (c < 0x80) return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
    return u_isalpha(static_cast<UChar32>(c)) != 0;
}

bool is_upper(char32_t c) {
    if (c < 0x80) return c >= U'A' && c <= U'Z';
    return u_isupper(static_cast<UChar32>(c)) != 0;
}

bool is_combining_mark(char32_t c) {
    if (c < 0x300) return false;
    return (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_M_MASK) != 0;
}

}  // namespace bgm
