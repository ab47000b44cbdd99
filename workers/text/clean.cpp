#include "workers/text/clean.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <array>
#include <cstdint>
#include <utility>

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

bool is_dropped(char32_t c) {
    if (c == U'\n' || c == U'\t') return false;
    if (c < 0x20 || (c >= 0x7F && c < 0xA0 && c != 0x85)) return true;
    if (c >= 0x1F3FB && c <= 0x1F3FF) return true;                                    // skin tones
    if ((c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF)) return true;  // variation selectors
    if (c == 0x20E3 || c == 0xFFFD) return true;                 // key cap, replacement character
    if (c == 0x115F || c == 0x1160 || c == 0x3164) return true;  // invisible Hangul fillers
    if (c < 0xAD) return false;
    const auto type = u_charType(static_cast<UChar32>(c));
    return type == U_FORMAT_CHAR || type == U_CONTROL_CHAR || type == U_SURROGATE ||
           type == U_PRIVATE_USE_CHAR || type == U_UNASSIGNED;
}

char32_t fold_width_and_quotes(char32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFF01 + U'!';
    if (c >= 0xFFA1 && c <= 0xFFBE)
        return c - 0xFFA1 + 0x3131;  // half-width consonants, same order as the full ones
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

// Styled letters that people paste for looks: mathematical alphabets, circled and squared letters.
bool is_styled(char32_t c) {
    return (c >= 0x1D400 && c <= 0x1D7FF) || (c >= 0x2460 && c <= 0x24FF) || (c >= 0x1F110 && c <= 0x1F149);
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
        i = next;
        if (code_point < 0) continue;  // the caller promised valid UTF-8; skipping is still the safe answer
        const auto c = fold_width_and_quotes(static_cast<char32_t>(code_point));
        if (is_dropped(c)) continue;
        combining_run = is_combining_mark(c) ? combining_run + 1 : 0;
        if (combining_run > kCombiningRunMax) continue;
        if (is_styled(c)) {
            append_plain_letters(c, out);
        } else {
            out.push_back(c);
        }
    }
    return compose(std::move(out));
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
