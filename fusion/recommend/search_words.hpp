// What the words of a search mean: a small table in Korean and English. What is not in it is looked for in
// titles, artists, albums and genres. Pure.
//
// All that a search knows of language is behind read_search(): a better reader replaces this file alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fusion/mood/mood.hpp"

namespace bgm {

struct SearchWish {
    struct Word {
        std::string said;
        std::vector<std::string> spellings;  // folded_words() of it, and of what else it is called
    };

    MoodDistribution moods{};             // all zero: no mood is asked for; else sums to 1
    std::vector<std::string> mood_words;  // that say so
    float min_tempo = 0, max_tempo = 0;   // beats a minute; 0 = open
    std::vector<Word> words;              // to be found
    std::string phrase;                   // all of it, folded: found as a whole it is found

    /// A place in the catalogue's sound space, which a model that reads texts there gave; of another width,
    /// or empty, it says nothing.
    std::vector<float> sound;

    bool asks_for_mood() const { return !mood_words.empty(); }
    bool asks_for_tempo() const { return min_tempo > 0 || max_tempo > 0; }
};

SearchWish read_search(std::string_view text);

/// Small letters, as folded_name(), with one space between words.
std::string folded_words(std::string_view text);

}  // namespace bgm
