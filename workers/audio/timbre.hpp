// The colour of a sound: how its energy is spread over the spectrum.
#pragma once

#include <array>
#include <span>

#include "workers/audio/spectrogram.hpp"

namespace bgm {

inline constexpr std::size_t kCepstrumSize = 13;

/// Averages over frames, each weighted by the root of its power, so that pauses do not count.
struct Timbre {
    float brightness_hz = 0;  // spectral centroid
    float roll_off_hz = 0;    // 85 % of the energy lies below
    float flatness = 0;  // geometric over arithmetic mean of the power above 100 Hz: 0 tones, 1 white noise
    float zero_crossings_hz = 0;
    float zero_crossings_variation =
        0;  // deviation over mean: high for speech, where vowels and hisses alternate
    std::array<float, kCepstrumSize> cepstrum_mean{};  // mel-frequency cepstral coefficients, orthonormal DCT
    std::array<float, kCepstrumSize> cepstrum_deviation{};
};

/// `log_mel` holds spectrogram.frames rows of `bands` values.
Timbre measure_timbre(std::span<const float> samples, const Spectrogram& spectrogram,
                      std::span<const float> log_mel, std::size_t bands);

}  // namespace bgm
