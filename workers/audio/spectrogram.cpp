#include "workers/audio/spectrogram.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "workers/audio/frame_fft.hpp"

namespace bgm {
namespace {

double mel(double hz) {
    return 2595 * std::log10(1 + hz / 700);
}
double hz_of_mel(double value) {
    return 700 * (std::pow(10.0, value / 2595) - 1);
}

constexpr double kLowestHz = 50;
constexpr double kHighestHz = 10'000;
constexpr float kFloor = 1e-7F;

}  // namespace

Spectrogram power_spectrogram(std::span<const float> samples, int sample_rate_hz, std::size_t window,
                              std::size_t hop) {
    const FrameFft fft(window);
    std::vector<float> hann(window);
    double sum = 0;
    for (std::size_t i = 0; i < window; ++i) {
        const double phase =
            2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(window);
        hann[i] = static_cast<float>(0.5 - 0.5 * std::cos(phase));
        sum += hann[i];
    }
    // A full-scale tone then has power 1 in its bin, whatever the window's length.
    for (float& weight : hann)
        weight *= static_cast<float>(2 / sum);

    Spectrogram result;
    result.frames = samples.size() < window ? 1 : 1 + (samples.size() - window) / hop;
    result.bins = fft.bins();
    result.frame_rate_hz = static_cast<float>(sample_rate_hz) / static_cast<float>(hop);
    result.bin_hz = static_cast<float>(sample_rate_hz) / static_cast<float>(window);
    result.power.resize(result.frames * result.bins);
    FrameFft::Workspace workspace(fft);
    std::vector<double> power(fft.bins() * FrameFft::kFrames);
    const std::size_t length = std::min(window, samples.size());
    for (std::size_t first = 0; first < result.frames; first += FrameFft::kFrames) {
        const std::size_t count = std::min(FrameFft::kFrames, result.frames - first);
        for (std::size_t i = 0; i < window; ++i) {
            for (std::size_t frame = 0; frame < count; ++frame)
                workspace.at(i, frame) = i < length ? samples[(first + frame) * hop + i] * hann[i] : 0;
        }
        fft.power(workspace, power);
        for (std::size_t frame = 0; frame < count; ++frame) {
            float* row = result.power.data() + (first + frame) * result.bins;
            for (std::size_t bin = 0; bin < result.bins; ++bin)
                row[bin] = static_cast<float>(power[bin * FrameFft::kFrames + frame]);
        }
    }
    return result;
}

MelBands::MelBands(std::size_t bands, std::size_t bins, float bin_hz) : bands_(bands) {
    const double highest_hz =
        std::min(kHighestHz, static_cast<double>(bin_hz) * static_cast<double>(bins - 1));
    const double low = mel(kLowestHz);
    const double step = (mel(highest_hz) - low) / static_cast<double>(bands + 1);
    for (std::size_t b = 0; b < bands; ++b) {
        const double left = hz_of_mel(low + step * static_cast<double>(b));
        const double centre = hz_of_mel(low + step * static_cast<double>(b + 1));
        const double right = hz_of_mel(low + step * static_cast<double>(b + 2));
        Band& band = bands_[b];
        band.first_bin = std::min(bins - 1, static_cast<std::size_t>(std::ceil(left / bin_hz)));
        float sum = 0;
        for (std::size_t bin = band.first_bin; bin < bins && static_cast<double>(bin) * bin_hz < right;
             ++bin) {
            const double hz = static_cast<double>(bin) * bin_hz;
            const double weight =
                hz < centre ? (hz - left) / (centre - left) : (right - hz) / (right - centre);
            band.weights.push_back(static_cast<float>(std::max(weight, 0.0)));
            sum += band.weights.back();
        }
        // The lowest bands can be narrower than a bin: they take the nearest one whole.
        if (sum <= 0) {
            band.first_bin = std::min(bins - 1, static_cast<std::size_t>(std::lround(centre / bin_hz)));
            band.weights.assign(1, 1.0F);
            sum = 1;
        }
        for (float& weight : band.weights)
            weight /= sum;
    }
}

void MelBands::log_power(std::span<const float> spectrum, std::span<float> bands) const {
    for (std::size_t b = 0; b < bands_.size(); ++b) {
        float sum = 0;
        const Band& band = bands_[b];
        for (std::size_t i = 0; i < band.weights.size(); ++i)
            sum += spectrum[band.first_bin + i] * band.weights[i];
        bands[b] = std::log(sum + kFloor);
    }
}

}  // namespace bgm
