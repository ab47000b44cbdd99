// How fast a track's pulse goes, and whether there is one.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace bgm {

/// Parts of the spectrum whose onsets are told apart: bass drum, hats and what lies between.
inline constexpr std::size_t kOnsetBands = 5;

struct Tempo {
    float bpm = 0;         // 0 where no pulse is felt
    float confidence = 0;  // 0..1: how strong the pulse is, and how far from it the next other reading lies
};

/// `band_rises`: onset_envelope() of kOnsetBands parts. May be an octave off. A tempo is scored by the
/// autocorrelation of the onsets at its beat and at 2, 4 and 8 (or 3, 6 and 12) of them, where two thirds of
/// it fall between the notes, times their spectrum, where these have no line (Peeters, "Template-Based
/// Estimation of Time-Varying Tempo", 2007), and by how readily listeners tap it (a log-normal around 115 a
/// minute).
Tempo measure_tempo(std::span<const float> band_rises, float frame_rate_hz);

}  // namespace bgm
