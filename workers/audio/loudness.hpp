// How loud a waveform is to a listener, and how that changes.
#pragma once

#include <span>

namespace bgm {

struct Loudness {
    float integrated_db =
        -120;            // ITU-R BS.1770 (K-weighted, gated), in LUFS; -120 where nothing passes the gate
    float range_db = 0;  // between the 10th and the 95th percentile of 0.4 s blocks that pass the gate
    float low_energy_ratio =
        0;                 // share of 20 ms blocks below half the mean RMS (after Tzanetakis and Cook 2002)
    float sounding_s = 0;  // seconds above -60 LUFS
};

/// Mono; a stereo file of the same content on both channels would read 3 dB more in LUFS.
Loudness measure_loudness(std::span<const float> samples, int sample_rate_hz);

}  // namespace bgm
