// The first step of normalisation: bytes of a post to clean code points, before any word is looked at.
//
// NFC (decomposed Hangul becomes syllables), full and half width folded, styled letters (𝓼𝓸, ⓢⓞ) made plain,
// HTML entities resolved, lines through and under letters, controls and other invisible characters dropped,
// every kind of space made one space, every kind of quote made one quote. An emoji of several code points
// becomes the one that carries its meaning (emoji_sequence.hpp); emoji and line ends stay. Pure; any number
// of threads.
#pragma once

#include <string>
#include <string_view>

namespace bgm {

/// `text` must be valid UTF-8. The result is never longer than a small multiple of the input: runs of
/// combining marks are cut to a few, and only single letters are expanded.
std::u32string clean_text(std::string_view text);

/// True for what Unicode calls an extended pictographic, or half of a flag; false for digits and the (c)
/// signs.
bool is_emoji(char32_t character);

/// Simple case folding: one code point to one.
char32_t fold_case(char32_t character);

bool is_letter(char32_t character);
bool is_upper(char32_t character);
bool is_combining_mark(char32_t character);

}  // namespace bgm
