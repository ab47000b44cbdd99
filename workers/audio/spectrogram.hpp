// Short-time spectra of a waveform, and their mel bands.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace bgm {

/// Power spectra in rows: frames x bins. Frame i begins at sample i * hop; a Hann window is applied.
struct Spectrogram {
    std::size_t frames = 0;
    std::size_t bins = 0;
    float frame_rate_hz = 0;
    float bin_hz = 0;
    std::vector<float> power;

    std::span<const float> frame(std::size_t index) const {
        return std::span(power).subspan(index * bins, bins);
    }
};

/// `window`: FrameFft::possible(). A waveform shorter than it is padded with silence to one frame.
Spectrogram power_spectrogram(std::span<const float> samples, int sample_rate_hz, std::size_t window,
                              std::size_t hop);

/// Triangular bands, equally wide on the mel scale (O'Shaughnessy's formula) from 50 Hz to 10 kHz.
class MelBands {
 public:
    MelBands(std::size_t bands, std::size_t bins, float bin_hz);

    std::size_t size() const { return bands_.size(); }
    /// Natural logarithm of each band's mean power, floored at 1e-7 (about -70 dB of a full-scale tone).
    void log_power(std::span<const float> spectrum, std::span<float> bands) const;

 private:
    struct Band {
        std::size_t first_bin = 0;
        std::vector<float> weights;  // sum 1
    };
    std::vector<Band> bands_;
};

}  // namespace bgm
