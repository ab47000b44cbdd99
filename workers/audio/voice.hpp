// The pitch and pace of a voice. Measured on any sound; meaningful to the degree that it is speech.
#pragma once

#include <span>

namespace bgm {

struct Voice {
    float voiced_share = 0;           // of the sounding frames
    float pitch_hz = 0;               // median of the voiced frames
    float pitch_range_semitones = 0;  // between the 20th and the 80th percentile (Eyben et al. 2016)
    float pitch_glide = 0;  // share of voiced steps that move by 0.15 to 3 semitones in 20 ms: speech glides
    float syllable_rate_hz =
        0;  // peaks of the intensity, voiced, with a dip of 2 dB before (de Jong, Wempe 2009)
    float alpha_ratio_db = 0;         // energy 1-5 kHz over 50 Hz-1 kHz in voiced frames: vocal effort
    float modulation_4hz = 0;         // share of the intensity's modulation that lies at syllable rate, 0..1
    float pause_share = 0;            // frames 25 dB below the loudest ones
    float level_spread_db = 0;        // between the 20th and the 80th percentile of the sounding frames
    float voiced_runs_hz = 0;         // stretches of unbroken voicing, per sounding second
    float harmonics_to_noise_db = 0;  // mean of the voiced frames, from the height of the peak at the pitch
    float spectral_change = 0;  // 0..1, mean Hellinger distance of the spectra of neighbouring voiced frames
};

/// Pitch by autocorrelation after Boersma (1993), 70-500 Hz, every 20 ms.
Voice measure_voice(std::span<const float> samples, int sample_rate_hz);

}  // namespace bgm
