// CLAP's feature extractor: a waveform becomes the log-mel spectrum that the audio tower takes.
//
// As ClapFeatureExtractor of transformers 4.34 computes it with truncation "rand_trunc": clips shorter than
// the window are repeated or padded, power spectra of centred Hann windows, Slaney's mel bands, decibels. In
// double precision throughout. Where the reference cuts a longer clip at random, the loudest window is taken.
// Immutable: any thread. 10 s of sound take a few milliseconds.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "schemas/result.hpp"
#include "workers/audio/frame_fft.hpp"
#include "workers/audio/slaney_mel.hpp"

namespace bgm {

enum class ClipPadding {
    repeat_pad,  // as often as it fits whole, then silence
    repeat,      // to the end of the window
    pad,         // silence
};

struct ClapMelLayout {
    int sample_rate_hz = 48'000;
    std::size_t samples = 480'000;  // of the window
    std::size_t fft_size = 1024;
    std::size_t hop = 480;  // samples from frame to frame
    std::size_t bands = 64;
    double low_hz = 0;
    double high_hz = 14'000;
    ClipPadding padding = ClipPadding::repeat_pad;
};

class ClapMel {
 public:
    /// From preprocessor_config.json of a model's directory. The error names the file and the key;
    /// `unsupported` for truncation "fusion", which is for another kind of model.
    static Result<ClapMel> open(const std::filesystem::path& directory);
    /// fft_size: FrameFft::possible(); samples at least 2.
    explicit ClapMel(const ClapMelLayout& layout);

    int sample_rate_hz() const { return layout_.sample_rate_hz; }
    /// Of the window: what a clip should have.
    std::size_t samples() const { return layout_.samples; }
    std::size_t frames() const;
    std::size_t bands() const { return layout_.bands; }
    /// Numbers in a spectrum.
    std::size_t values() const { return frames() * bands(); }
    const SlaneyMel& filters() const { return filters_; }

    /// `clip`: one channel of finite samples at sample_rate_hz(), however many; none are silence. Writes
    /// values() numbers: [frames, bands], in decibels, at least -100.
    void extract(std::span<const float> clip, std::span<float> mel) const;

 private:
    // The window, with what the first and the last frames see beyond its ends.
    std::vector<double> window_of(std::span<const float> clip) const;
    // Decibels of kFrames frames' power, [bins, kFrames]; writes `count` rows.
    void log_bands(std::span<const double> power, std::size_t count, std::span<float> rows) const;

    ClapMelLayout layout_;
    FrameFft fft_;
    SlaneyMel filters_;
    std::vector<double> hann_;
};

}  // namespace bgm
