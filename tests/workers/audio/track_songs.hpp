// Songs that a test puts together note by note, so that it knows their tempo, their key and where the chorus
// begins. The same call gives the same samples. Mono, kSongRate_hz.
#pragma once

#include <vector>

#include "tests/workers/audio/track_instruments.hpp"

namespace bgm::test {

struct SongSpec {
    double tempo_bpm = 120;
    bool swing = false;
    bool drums = true;
    double rubato = 0;  // how far the beats wander, of their length
    double seconds = 30;
    // A chorus from chorus_at_s on, chorus_s long: everything else is `verse_db` quieter. 0 s: none.
    double chorus_at_s = 0;
    double chorus_s = 0;
    double verse_db = -8;
    double silence_s = 0;  // before it
    double fade_in_s = 0;
    double outro_s = 0;  // of its end, 14 dB below the chorus
};

std::vector<float> song_samples(const SongSpec& spec);

/// Tonic, subdominant, dominant, tonic, twice; the dominant is major in minor keys, too. `tonic`: pitch class
/// from C.
std::vector<float> cadence_samples(int tonic, bool minor);

/// A song like no other one: its notes are drawn by the seed.
std::vector<float> random_song(unsigned seed, double seconds);

/// The same of notes that are made once: a thousand songs in no time.
class SongBook {
 public:
    SongBook();
    std::vector<float> song(unsigned seed, double seconds) const;

 private:
    std::vector<Samples> notes_;
};

}  // namespace bgm::test
