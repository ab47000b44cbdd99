// Loose Hangul letters under the one number that keyboards give them (U+3131 to U+318E), whichever way they
// came.
//
// NFKC and NFKD turn the letters of a keyboard (ㅋ) into those that syllables are built of (ᄏ), and
// half-width ones into the same. Composition has put together what forms a syllable; what is left over stood
// alone and is folded back. Pure.
#pragma once

#include <string>

namespace bgm {

/// Of U+FFA1 to U+FFDC; what is no letter there stays.
char32_t full_width_hangul_letter(char32_t half_width);

/// U+1100 to U+11FF and the two blocks of old letters; a few of these have no other form and stay.
bool is_conjoining_hangul_letter(char32_t c);

/// `text` is composed (NFC). Also undoes the syllables that composition made out of laughter and tears:
/// "ㅋㅋㅠㅠ" comes as ᄏ큐ᅲ.
void fold_conjoining_letters(std::u32string& text);

}  // namespace bgm
