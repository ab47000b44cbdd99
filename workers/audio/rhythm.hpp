// Onsets, tempo and how clearly a pulse is felt.
#pragma once

#include <span>
#include <vector>

namespace bgm {

struct Rhythm {
    float onset_rate_hz = 0;
    float onset_strength = 0;  // mean rise of the log-mel bands at an onset: hard attacks are high
    float tempo_bpm = 0;       // 0 where no pulse is found
    float pulse_clarity =
        0;  // 0..1: highest normalised autocorrelation of the onset envelope (Lartillot et al. 2008)
};

/// How much `log_mel` [frames, bands] rises from frame to frame, averaged over the bands of each of `parts`
/// equal parts of the spectrum: [frames, parts].
std::vector<float> onset_envelope(std::span<const float> log_mel, std::size_t bands, std::size_t parts = 1);

/// What is above the mean of `reach` values to either side.
std::vector<float> local_excess(std::span<const float> envelope, std::size_t reach);

Rhythm measure_rhythm(std::span<const float> onset_envelope, float frame_rate_hz);

}  // namespace bgm
