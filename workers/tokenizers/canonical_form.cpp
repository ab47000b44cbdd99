// decompose() and compose() of characters.hpp.
//
// Not ICU's own normalisers: they know later characters than the reference does, and they sort a run of
// combining marks by inserting, which takes a second for 64 KiB of marks in an unlucky order.
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "workers/tokenizers/characters.hpp"

namespace bgm::reference {
namespace {

constexpr std::uint8_t kNormalisationYear = 9;  // of Unicode, the major version

// Hangul is arithmetic: chapter 3.12 of the Unicode standard.
constexpr char32_t kSyllables = 0xAC00;
constexpr char32_t kSyllablesEnd = 0xD7A4;
constexpr char32_t kLeads = 0x1100;
constexpr char32_t kVowels = 0x1161;
constexpr char32_t kTails = 0x11A7;
constexpr char32_t kVowelCount = 21;
constexpr char32_t kTailCount = 28;

const icu::Normalizer2& tables() {
    UErrorCode status = U_ZERO_ERROR;
    return *icu::Normalizer2::getNFCInstance(status);  // compiled into ICU: cannot fail
}

bool known(char32_t character) {
    UVersionInfo age = {};
    u_charAge(static_cast<UChar32>(character), age);
    return age[0] != 0 && age[0] <= kNormalisationYear;
}

std::uint8_t combining_class(char32_t character) {
    if (character < 0x300) return 0;
    const std::uint8_t combining = tables().getCombiningClass(static_cast<UChar32>(character));
    return combining != 0 && known(character) ? combining : 0;
}

void append_decomposed(std::u32string& text, char32_t character) {
    if (character >= kSyllables && character < kSyllablesEnd) {
        const char32_t index = character - kSyllables;
        text.push_back(kLeads + index / (kVowelCount * kTailCount));
        text.push_back(kVowels + index / kTailCount % kVowelCount);
        if (index % kTailCount != 0) text.push_back(kTails + index % kTailCount);
        return;
    }
    icu::UnicodeString pieces;
    const bool whole = character < 0xC0 ||
                       tables().getDecomposition(static_cast<UChar32>(character), pieces) == 0 ||
                       !known(character);
    if (whole) return text.push_back(character);
    for (std::int32_t at = 0; at < pieces.length(); at = pieces.moveIndex32(at, 1))
        text.push_back(static_cast<char32_t>(pieces.char32At(at)));
}

// Sorts each run of marks by combining class, keeping the order of marks of one class.
void order_marks(std::u32string& text) {
    struct Mark {
        char32_t character;
        std::uint8_t combining;
    };
    std::vector<Mark> run;
    for (std::size_t at = 0; at < text.size();) {
        run.clear();
        std::uint8_t combining = 0;
        while (at + run.size() < text.size() && (combining = combining_class(text[at + run.size()])) != 0)
            run.push_back({text[at + run.size()], combining});
        if (run.size() > 1) {
            std::stable_sort(run.begin(), run.end(),
                             [](const Mark& a, const Mark& b) { return a.combining < b.combining; });
            for (std::size_t i = 0; i < run.size(); ++i)
                text[at + i] = run[i].character;
        }
        at += std::max<std::size_t>(run.size(), 1);
    }
}

// 0 where the two do not make one character.
char32_t composed_pair(char32_t first, char32_t second) {
    if (!known(first) || !known(second)) return 0;
    const UChar32 pair = tables().composePair(static_cast<UChar32>(first), static_cast<UChar32>(second));
    return pair < 0 ? 0 : static_cast<char32_t>(pair);
}

// False where composing surely leaves the character, and what stands before it, as they are.
bool may_compose(char32_t character) {
    if (character < 0x300) return false;
    if (character >= kSyllables && character < kSyllablesEnd) return false;
    return combining_class(character) != 0 ||
           u_getIntPropertyValue(static_cast<UChar32>(character), UCHAR_NFC_QUICK_CHECK) != UNORM_YES;
}

}  // namespace

std::u32string decompose(std::string_view text) {
    std::u32string decomposed;
    decomposed.reserve(text.size());
    for (std::size_t at = 0; at < text.size();)
        append_decomposed(decomposed, next_character(text, at));
    order_marks(decomposed);
    return decomposed;
}

std::string compose(std::string_view text) {
    bool composed_already = true;
    for (std::size_t at = 0; at < text.size() && composed_already;)
        composed_already = !may_compose(next_character(text, at));
    if (composed_already) return std::string(text);

    std::u32string characters = decompose(text);
    // In place: `kept` never overtakes `at`. A mark reaches the starter before it unless one of its own class
    // or a higher one stands between them.
    std::size_t kept = 0;
    std::size_t starter = std::u32string::npos;
    std::uint8_t last_class = 0;
    for (const char32_t character : characters) {
        const std::uint8_t combining = combining_class(character);
        const bool adjacent = starter != std::u32string::npos && kept == starter + 1;
        if (starter != std::u32string::npos && (adjacent || (last_class < combining))) {
            if (const char32_t pair = composed_pair(characters[starter], character); pair != 0) {
                characters[starter] = pair;
                continue;
            }
        }
        if (combining == 0) starter = kept;
        last_class = combining;
        characters[kept++] = character;
    }
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < kept; ++i)
        append_utf8(result, characters[i]);
    return result;
}

}  // namespace bgm::reference
