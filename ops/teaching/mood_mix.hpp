// How frequent the moods are among seeds. A text's reading counts every mood as equally frequent; what it
// means among these seeds is its reading times their mix, brought to a sum of 1.
//
// Pure; deterministic.
#pragma once

#include "fusion/mood/mood.hpp"
#include "ops/teaching/seed_rows.hpp"

namespace bgm {

/// The mix under which the readings are likeliest, by expectation maximisation (Saerens, Latinne &
/// Decaestecker 2002), each by its weight; a twentieth of it is spread over all moods, so that none is
/// impossible.
MoodDistribution mood_mix(const SeedRows& rows);

/// What a reading means among seeds of this mix.
MoodDistribution under_mix(const MoodDistribution& reading, const MoodDistribution& mix);

/// By how much more often such a reading would come if every mood came as often as the others; at most 10.
double balance(const MoodDistribution& reading, const MoodDistribution& mix);

}  // namespace bgm
