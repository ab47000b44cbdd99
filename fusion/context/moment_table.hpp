// What the moment of a post (when, where, in what weather, doing what) does to what people feel: one row an
// effect.
//
// An effect is a tilt of valence and arousal, -1 to 1: what the row's source found, in sign and in order of
// size.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "fusion/mood/mood.hpp"
#include "fusion/words/phrase_index.hpp"
#include "schemas/word_pattern.hpp"

namespace bgm {

enum class MomentPart : std::uint8_t { hour, weekday, weather, place, activity };

struct MomentEffect {
    MomentPart part;
    std::string_view name;  // for people: "rain", "late at night"
    Affect tilt;
    std::string_view source;
    Word words;  // patterns of schemas/word_pattern.hpp; empty for the hours and weekdays
};

/// In the order in which they are told.
std::span<const MomentEffect> moment_effects();
/// Their words.
const PhraseIndex& moment_index();

}  // namespace bgm
