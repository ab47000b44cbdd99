// The phrases of wishes and what they ask for: a table, read by wish.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "fusion/mood/mood.hpp"
#include "schemas/word_pattern.hpp"

namespace bgm {

enum class WishField : std::uint8_t {
    mood,
    remedy,         // a mood against the one that is complained of: "cheer me up"
    tempo,          // `from` and `to`, beats a minute
    instrument,     // known by the words of a title, album or genre alone
    voice,          // whose it is; no track says that
    words,          // any voice, or with a `value` what is sung: denied, the tracks are instrumental
    wordless,       // asks for instrumental tracks by itself
    genre,          // `value`: names of genres, separated by '|'
    language,       // `value`: BCP 47
    era,            // `from` and `to`, years
    clean,          // no explicit tracks
    rude,           // denied, likewise
    vague,          // asks for something that nobody can look up; `value` says why not
    denial_before,  // English: denies what follows
    denial_behind,  // Korean: denies what stands before
    hour,           // `from`: the hour meant
    weekday,        // `from`: 0 = Monday
    filler,         // says nothing, and keeps its words from saying something else
};

struct WishShare {
    Mood mood;
    float share;
};

struct WishWords {
    WishField field;
    Word words;  // patterns of schemas/word_pattern.hpp, separated by '|'
    std::string_view value{};
    std::uint32_t from = 0, to = 0;
    std::array<WishShare, 3> moods{};  // shares of 0 say nothing
};

std::span<const WishWords> wish_words();

}  // namespace bgm
