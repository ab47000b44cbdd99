// A short text as words, and the phrases of a table in it.
//
// For labels and wishes, which are short and typed for a machine: ASCII in lower case, decomposed Hangul put
// together (macOS sends it), a word ends at spaces, marks, and where letters and digits of another script
// begin. The text of a post, with all that people type, is for workers/text. Pure; linear in the length of
// the text.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/word_pattern.hpp"

namespace bgm {

struct SaidWord {
    std::u32string text;
    bool mark = false;   // , . ; ! ? ( ) / and line ends: what ends a clause
    bool glued = false;  // no space between it and the word before
};

/// `text` must be valid UTF-8.
std::vector<SaidWord> said_words(std::string_view text);

/// One past the last word of the phrase that `pattern` (its words, in order) means at `begin`; 0 where it
/// does not begin there.
std::size_t phrase_end(std::span<const SaidWord> said, std::size_t begin, Word pattern);

/// The longest of `patterns` (separated by '|') that begins at `begin`; 0 where none does.
std::size_t longest_phrase_end(std::span<const SaidWord> said, std::size_t begin, Word patterns);

std::string utf8(Word word);

}  // namespace bgm
