// What the words of a search ask for: read as a wish (fusion/wish), with the names of things in Korean and
// English. What no table knows is looked for in titles, artists, albums and genres. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fusion/recommend/match_request.hpp"
#include "fusion/wish/wish.hpp"

namespace bgm {

inline constexpr std::size_t kSearchBytesMax = 512;  // what stands behind is only looked for as a whole

struct SearchWish {
    struct Word {
        std::string said;
        std::vector<std::string> spellings;  // folded_words() of it, and of what else it is called
    };

    Wish wish{};
    std::vector<Word> words{};  // to be found
    std::string phrase{};       // all of it, folded: found as a whole it is found

    /// Where the words lie among sounds, by a model that reads texts there; of another space than the
    /// catalogue's, or empty, it says nothing.
    SoundWish place{};

    bool asks_for_mood() const { return wish.target.has_value(); }
    bool asks_for_tempo() const { return wish.min_tempo > 0 || wish.max_tempo > 0; }
    /// What no track found may be: what is denied, another era or language, with words.
    MatchRequest filters() const;
    /// Whether filters() leaves anything out.
    bool states_filters() const;
};

SearchWish read_search(std::string_view text);

/// Small letters, as folded_name(), with one space between words.
std::string folded_words(std::string_view text);

}  // namespace bgm
