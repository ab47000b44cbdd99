// Pitch classes, key and mode, and how consonant the sounding partials are.
#pragma once

#include <array>
#include <span>

namespace bgm {

struct Tonality {
    std::array<float, 12> chroma{};  // share of each pitch class from C, sum 1 (0 where nothing is pitched)
    int tonic = 0;                   // pitch class of the best key, 0 = C
    bool minor = false;
    float mode = 0;         // best major minus best minor correlation with the key profiles: > 0 sounds major
    float key_clarity = 0;  // correlation of the best key, 0..1
    float harmonicity = 0;  // share of the energy that lies in sharp spectral peaks, 0..1
    float steadiness = 0;   // share of the peaks' energy that was there 0.19 s before: held tones, not glides
    float roughness = 0;    // beating of neighbouring partials, 0..1 (Plomp and Levelt 1965, Sethares 1993)
};

/// Fills in tonic, minor, mode and key_clarity after `chroma`, on any scale: of a whole, the sum of its
/// parts'.
void judge_key(Tonality& tonality);

Tonality measure_tonality(std::span<const float> samples, int sample_rate_hz);

}  // namespace bgm
