// Mel bands as Slaney's Auditory Toolbox lays them out: linear below 1 kHz, logarithmic above, triangles of
// equal area.
//
// Computed as librosa and transformers do (`mel_scale="slaney"`, `norm="slaney"`). Immutable: any thread.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace bgm {

struct MelLayout {
    std::size_t bands = 64;
    std::size_t bins = 513;  // of a spectrum from 0 Hz to half the sample rate, both included
    int sample_rate_hz = 48'000;
    double low_hz = 0;
    double high_hz = 14'000;  // above low_hz
};

class SlaneyMel {
 public:
    explicit SlaneyMel(const MelLayout& layout);

    /// A band sums weights[i] * power[first_bin + i].
    struct Band {
        std::size_t first_bin = 0;
        std::vector<double> weights;  // empty where the band is narrower than the bins are apart
    };
    std::span<const Band> bands() const { return bands_; }

    static double to_mel(double hz);
    static double to_hz(double mel);

 private:
    std::vector<Band> bands_;
};

}  // namespace bgm
