// What a post of death, illness, disaster or violence is spared: music that would mock it, whatever its other
// parts say.
//
// The tracks are left out by the filter, as if the post had asked for it (MatchRequest::grave). What is
// looked for among the others is the post's mood without those feelings, and without joy: a smiling photo
// beside a death notice is no wish for a cheerful song.
#pragma once

#include <array>
#include <string>

#include "fusion/mood/opinion_pool.hpp"

namespace bgm {

/// No track of which one of these is the strongest mood, or at least kAvoidShare of it.
inline constexpr std::array kMockingMoods{Mood::amusing, Mood::energizing, Mood::triumphant, Mood::erotic};

/// The mood to look for instead: what was amusing, energizing, triumphant, erotic or joyful in it is calm,
/// beautiful and sad instead, it excites nobody (arousal of 0 at most), and where it is ambiguous the tracks
/// are safe for those three. Pure.
FusedMood guarded(FusedMood mood);

/// Why, as a sentence: `grave` is what the post speaks of.
std::string guard_note(const std::string& grave);

}  // namespace bgm
