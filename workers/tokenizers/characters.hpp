// Characters as the reference tokenisers see them.
//
// Hugging Face's `tokenizers` asks three libraries about a character, each with the Unicode tables of its own
// year, and two of them are old. What came later has no category and no decomposition for it: a mark of 2020
// is not stripped, a bracket of 2018 does not split a word. Ids only agree where that is followed, so ICU's
// answers are cut to the year in question:
//   clean_up, is_stripped_mark, is_bert_punctuation   crate unicode_categories 0.1.1: Unicode 8.0
//   decompose, compose                crate unicode-normalization-alignments 0.1.12: Unicode 9.0
//   class_of (Oniguruma's \p{L}, \p{N}, \s), append_lower (Rust's char::to_lowercase): as new as ICU's
// Pure; any number of threads. Text is valid UTF-8 unless said otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/utf8.hpp"

namespace bgm::reference {

/// `text` with each ill-formed piece replaced by U+FFFD.
std::string repair_utf8(std::string_view text);

/// The code point that starts at `at`, which moves behind it.
inline char32_t next_character(std::string_view text, std::size_t& at) {
    const auto byte = [&] { return static_cast<std::uint8_t>(text[at++]); };
    const char32_t lead = byte();
    if (lead < 0x80) return lead;
    char32_t character = lead & (lead < 0xE0 ? 0x1FU : lead < 0xF0 ? 0x0FU : 0x07U);
    for (int more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3; more > 0; --more)
        character = (character << 6) | (byte() & 0x3FU);
    return character;
}

enum class CharacterClass : std::uint8_t { letter, number, space, other };
CharacterClass class_of(char32_t character);

/// One character of a lower-cased text: each by itself, so there is no final sigma. İ becomes two.
void append_lower(std::string& text, char32_t character);

/// BERT's first step: what a character becomes, 0 where it is dropped. Every kind of space becomes a space.
char32_t clean_up(char32_t character);
/// What BERT puts spaces around. Not Hangul, not Kana.
bool is_bert_ideograph(char32_t character);
bool is_bert_punctuation(char32_t character);
/// Accents and other nonspacing marks.
bool is_stripped_mark(char32_t character);

/// Canonical decomposition (NFD) and composition (NFC). A run of combining marks of any length costs no more
/// than sorting it.
std::u32string decompose(std::string_view text);
std::string compose(std::string_view text);

}  // namespace bgm::reference
