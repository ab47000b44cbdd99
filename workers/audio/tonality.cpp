#include "workers/audio/tonality.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "workers/audio/spectrogram.hpp"

namespace bgm {
namespace {

constexpr std::size_t kWindow = 8192;  // 0.37 s at 22 kHz: tells semitones apart from about 80 Hz up
constexpr double kLowestHz = 55;
constexpr double kHighestHz = 4'000;
constexpr std::size_t kPeaksMax = 24;

struct Peak {
    std::size_t bin = 0;
    float hz = 0;
    float amplitude = 0;
};

// How well each pitch class fits a key: the probe-tone ratings of Krumhansl and Kessler (1982).
constexpr std::array<float, 12> kMajorProfile{6.35F, 2.23F, 3.48F, 2.33F, 4.38F, 4.09F,
                                              2.52F, 5.19F, 2.39F, 3.66F, 2.29F, 2.88F};
constexpr std::array<float, 12> kMinorProfile{6.33F, 2.68F, 3.52F, 5.38F, 2.60F, 3.53F,
                                              2.54F, 4.75F, 3.98F, 2.69F, 3.34F, 3.17F};

std::vector<Peak> peaks_of(std::span<const float> power, float bin_hz) {
    const auto first = static_cast<std::size_t>(kLowestHz / bin_hz);
    const auto last = std::min(power.size() - 2, static_cast<std::size_t>(kHighestHz / bin_hz));
    const float highest = *std::max_element(power.begin() + static_cast<std::ptrdiff_t>(first),
                                            power.begin() + static_cast<std::ptrdiff_t>(last));
    std::vector<Peak> peaks;
    if (highest < 1e-9F) return peaks;
    constexpr std::size_t kReach = 8;
    for (std::size_t bin = std::max(first, kReach); bin < last; ++bin) {
        const float here = power[bin];
        if (here < highest * 1e-4F || here < power[bin - 1] || here <= power[bin + 1]) continue;
        float around = 0;
        for (std::size_t i = 3; i <= kReach; ++i)
            around += power[bin - i] + power[std::min(bin + i, power.size() - 1)];
        if (here < 6 * around / (2 * (kReach - 2))) continue;
        // The peak of a Hann window is close to a parabola in the logarithm.
        const float left = std::log(power[bin - 1] + 1e-20F), centre = std::log(here + 1e-20F);
        const float right = std::log(power[bin + 1] + 1e-20F);
        const float bend = left - 2 * centre + right;
        const float offset = bend < 0 ? 0.5F * (left - right) / bend : 0;
        peaks.push_back({bin, (static_cast<float>(bin) + offset) * bin_hz, std::sqrt(here)});
    }
    if (peaks.size() > kPeaksMax) {
        std::nth_element(peaks.begin(), peaks.begin() + kPeaksMax, peaks.end(),
                         [](const Peak& a, const Peak& b) { return a.amplitude > b.amplitude; });
        peaks.resize(kPeaksMax);
    }
    return peaks;
}

// Sethares' fit to Plomp and Levelt's curves, for every pair of partials, over the pairs' weights.
float roughness_of(const std::vector<Peak>& peaks) {
    float sum = 0, weights = 0;
    for (std::size_t i = 0; i < peaks.size(); ++i) {
        for (std::size_t j = i + 1; j < peaks.size(); ++j) {
            const float weight = peaks[i].amplitude * peaks[j].amplitude;
            const float lower = std::min(peaks[i].hz, peaks[j].hz);
            const float scaled = std::fabs(peaks[i].hz - peaks[j].hz) * 0.24F / (0.0207F * lower + 18.96F);
            weights += weight;
            if (scaled < 2) sum += weight * (std::exp(-3.51F * scaled) - std::exp(-5.75F * scaled)) * 5.5F;
        }
    }
    return weights > 0 ? sum / weights : 0;
}

float correlation(const std::array<float, 12>& chroma, const std::array<float, 12>& profile,
                  std::size_t tonic) {
    float chroma_mean = 0, profile_mean = 0;
    for (std::size_t i = 0; i < 12; ++i) {
        chroma_mean += chroma[i] / 12;
        profile_mean += profile[i] / 12;
    }
    float product = 0, chroma_squares = 0, profile_squares = 0;
    for (std::size_t i = 0; i < 12; ++i) {
        const float a = chroma[(i + tonic) % 12] - chroma_mean;
        const float b = profile[i] - profile_mean;
        product += a * b;
        chroma_squares += a * a;
        profile_squares += b * b;
    }
    return chroma_squares > 0 ? product / std::sqrt(chroma_squares * profile_squares) : 0;
}

}  // namespace

void judge_key(Tonality& tonality) {
    float best_major = -1, best_minor = -1;
    int major_tonic = 0, minor_tonic = 0;
    for (std::size_t tonic = 0; tonic < 12; ++tonic) {
        const float major = correlation(tonality.chroma, kMajorProfile, tonic);
        const float minor = correlation(tonality.chroma, kMinorProfile, tonic);
        if (major > best_major) {
            best_major = major;
            major_tonic = static_cast<int>(tonic);
        }
        if (minor > best_minor) {
            best_minor = minor;
            minor_tonic = static_cast<int>(tonic);
        }
    }
    tonality.minor = best_minor > best_major;
    tonality.tonic = tonality.minor ? minor_tonic : major_tonic;
    tonality.mode = best_major - best_minor;
    tonality.key_clarity = std::max({best_major, best_minor, 0.0F});
}

Tonality measure_tonality(std::span<const float> samples, int sample_rate_hz) {
    Tonality tonality;
    const Spectrogram spectrogram = power_spectrogram(samples, sample_rate_hz, kWindow, kWindow / 2);
    std::vector<char> was_peak(spectrogram.bins, 0);
    double weight_sum = 0, peaked = 0, roughness = 0;
    double held = 0, peak_sum = 0;
    for (std::size_t frame = 0; frame < spectrogram.frames; ++frame) {
        const auto power = spectrogram.frame(frame);
        double total = 0;
        for (const float value : power)
            total += value;
        const std::vector<Peak> peaks = peaks_of(power, spectrogram.bin_hz);
        std::vector<char> is_peak(spectrogram.bins, 0);
        double in_peaks = 0;
        for (const Peak& peak : peaks) {
            for (std::size_t bin = peak.bin - 2; bin <= peak.bin + 2; ++bin)
                in_peaks += power[bin];
            is_peak[peak.bin] = 1;
            const double amplitude = peak.amplitude;
            if (frame > 0) {
                peak_sum += amplitude;
                if (was_peak[peak.bin - 1] != 0 || was_peak[peak.bin] != 0 || was_peak[peak.bin + 1] != 0)
                    held += amplitude;
            }
            // Partials above 2 kHz are rarely fundamentals and mostly blur the chroma.
            if (peak.hz > 2'000) continue;
            const double key = 69 + 12 * std::log2(peak.hz / 440.0);
            const auto nearest = std::lround(key);
            const double away = std::fabs(key - static_cast<double>(nearest));
            tonality.chroma[static_cast<std::size_t>(nearest % 12)] +=
                static_cast<float>(std::sqrt(amplitude) * (1 - away));
        }
        const double weight = std::sqrt(total);
        weight_sum += weight;
        if (total > 0) peaked += weight * std::min(1.0, in_peaks / total);
        roughness += weight * roughness_of(peaks);
        was_peak = std::move(is_peak);
    }
    float chroma_sum = 0;
    for (const float value : tonality.chroma)
        chroma_sum += value;
    if (chroma_sum <= 0 || weight_sum <= 0) return tonality;
    for (float& value : tonality.chroma)
        value /= chroma_sum;
    judge_key(tonality);
    tonality.harmonicity = static_cast<float>(peaked / weight_sum);
    tonality.steadiness = static_cast<float>(peak_sum > 0 ? held / peak_sum : 0);
    tonality.roughness = static_cast<float>(std::min(1.0, roughness / weight_sum));
    return tonality;
}

}  // namespace bgm
