// A text that asks for music, as what it asks for: "비 오는 밤에 듣기 좋은 잔잔한 피아노, 보컬 없이", "90s
// rock for a road trip, not sad".
//
// Read by tables of phrases (wish_words.hpp) in Korean and English. What is denied is avoided: "not sad", "no
// rap", "슬프지 않은", "힙합 말고". What is not in the tables says nothing, and what no track can be asked
// for (whose voice it is, what it is about) is said in `unmet`. Pure; linear in the length of the text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fusion/context/moment.hpp"
#include "fusion/mood/evidence.hpp"
#include "schemas/word_pattern.hpp"

namespace bgm {

/// Something to be looked for by its name.
struct WishedName {
    std::string said;
    std::vector<std::string> names{};  // what else the catalogue may call it
};

/// What is to play in a track, and by which words of its title, album or genre it is known.
struct Instrument {
    std::string name;
    Word words;  // of wish_words(): patterns, separated by '|'
};

/// Whether `text` has one of its words; not, where it is no valid UTF-8.
bool is_named(const Instrument& instrument, std::string_view text);

struct Wish {
    std::vector<Mood> moods{};  // strongest first; what is wished for in so many words
    std::vector<Mood> avoid_moods{};
    std::vector<std::string> genres{}, avoid_genres{};
    std::vector<std::string> languages{}, avoid_languages{};  // BCP 47
    std::uint32_t min_tempo = 0, max_tempo = 0;               // beats a minute; 0 = not said
    std::uint32_t from_year = 0, to_year = 0;                 // from > to > 0: all but the years between them
    std::uint32_t max_duration_ms = 0;
    std::uint32_t tracks = 0;
    bool instrumental_only = false;
    bool sung_only = false;  // whoever asks for a language or a voice wants words
    bool exclude_explicit = false;
    Moment moment{};  // when, where and for what
    std::vector<Instrument> instruments{};
    std::vector<std::string> unmet{};  // a sentence each

    /// What a search looks for by name, as said: instruments, genres, the words of the moment, and what is in
    /// no table.
    std::vector<WishedName> names{};

    /// The mood to look for: what is wished for, or where no mood is, what suits the moment. Of
    /// Modality::text, at precision 1. None where neither is said: then the text is read like any other.
    std::optional<Evidence> target{};
};

/// Where a wish only says what it is not for: evenly the pleasant moods that are left, as its `target`. None
/// where it denies no mood, genre or language, or has a target.
std::optional<Evidence> what_is_left(const Wish& wish);

/// `text` must be valid UTF-8.
Wish read_wish(std::string_view text);

}  // namespace bgm
