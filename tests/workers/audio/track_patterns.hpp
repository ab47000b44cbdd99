// Grooves of many kinds, that a test plays at a tempo it chooses: what a drum machine, a band or a soloist
// repeats bar by bar. The same call gives the same samples.
#pragma once

#include <string_view>
#include <vector>

#include "tests/workers/audio/track_instruments.hpp"

namespace bgm::test {

struct Groove {
    std::string_view name;
    double slowest_bpm = 60;  // of those that such music is played at
    double fastest_bpm = 180;
    bool three = false;     // three beats a bar
    bool compound = false;  // three parts a beat
};

/// All that groove_samples() plays.
const std::vector<Groove>& grooves();

/// How it is played: how late or early its notes are (a deviation, in seconds), and by how much the tempo
/// wanders (of itself, slowly). `seed` draws melody, chords and those deviations.
struct Playing {
    double tempo_bpm = 120;
    double loose_s = 0.004;
    double rubato = 0;
    double seconds = 20;
    unsigned seed = 1;
};
Samples groove_samples(std::string_view name, const Playing& playing);

}  // namespace bgm::test
