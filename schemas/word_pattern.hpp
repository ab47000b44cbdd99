// How the tables of words are written by which texts are read (workers/text/grave_words.hpp, fusion/context,
// fusion/wish): a pattern is one or more words; a star at the end of one stands for any ending. A Korean word
// also matches with a particle behind it (엄마: 엄마가, 엄마도), an English one with 's. All in lower case.
// Pure.
#pragma once

#include <string_view>
#include <vector>

namespace bgm {

using Word = std::u32string_view;

/// At least one part; parts may be empty.
std::vector<Word> split_at(Word text, char32_t mark);

/// Whether one word of a pattern means this word of a text.
bool word_matches(Word wanted, Word said);

}  // namespace bgm
