// What was heard in a track's file, as the catalogue takes it in beside what was written about the track.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "fusion/mood/mood.hpp"

namespace bgm {

/// What is written about a track's mood outweighs what is heard in it by these; see docs/matching.md.
inline constexpr float kWrittenWeight = 3;
inline constexpr float kHeardWeight = 1;

struct TrackSound {
    float seconds = 0;            // of sound; 0 = unknown
    float loudness_lufs = 0;      // integrated, EBU R 128
    float tempo_bpm = 0;          // 0: no pulse is felt
    std::uint8_t key = 0;         // see key_code(); 0 = none
    float speech = 0;             // the share of it, 0..1
    std::uint32_t moment_ms = 0;  // where the half minute begins that stands for the track
    MoodDistribution moods{};     // all zero: nothing was felt
    Affect affect;
    std::string embedding_model;  // the space that the embedding lies in
    std::vector<float> embedding;
};

/// A key by its place on the circle of fifths: 1..12 are the major keys from C upwards in fifths, 13..24 the
/// minor keys that share their notes. `tonic` is a pitch class, 0 = C.
constexpr std::uint8_t key_code(std::uint32_t tonic, bool minor) {
    const std::uint32_t major = minor ? tonic + 3 : tonic;  // A minor has the notes of C major
    return static_cast<std::uint8_t>(1 + (major * 7) % 12 + (minor ? 12 : 0));
}

/// Steps on the Camelot wheel (Mark Davis 2006), 0..7: along the circle of fifths, and one more between major
/// and minor. 0 or 1 mixes well. Both keys are known.
constexpr int key_distance(std::uint8_t a, std::uint8_t b) {
    const int along = ((a - 1) % 12 - (b - 1) % 12 + 12) % 12;
    return std::min(along, 12 - along) + ((a > 12) != (b > 12) ? 1 : 0);
}

}  // namespace bgm
