#include "workers/audio/tempo.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "workers/audio/frame_fft.hpp"
#include "workers/audio/rhythm.hpp"

namespace bgm {
namespace {

constexpr double kSlowest_bpm = 40, kFastest_bpm = 240, kStep = 1.005;
constexpr double kTapped_bpm = 115;
constexpr double kLagsMost_s = 10;
constexpr double kSpectrumWindow_s = 12;  // a tempo that wanders by a few hundredths is still one line
constexpr float kReach_s = 0.5F;          // of the mean that an onset has to rise above
constexpr float kRiseMost = 3;            // a first note after silence is no more than a note
constexpr double kThree = 0.95;           // what a bar of three counts against one of two or four
constexpr double kBetweenPeaks = 0.7;     // what a beat counts that is no peak of the autocorrelation
constexpr double kSpectrumPower = 0.25;
// Variance of the rises, in squares of nepers of power: steady tones and noise stay far below it.
constexpr double kPulseVariance = 0.02;

using Rises = std::vector<float>;

// What stands out of its surroundings, smoothed over two frames to either side; mean 0.
Rises onsets_of(Rises rises, float frame_rate_hz) {
    const auto frames = static_cast<std::ptrdiff_t>(rises.size());
    for (float& rise : rises)
        rise = std::min(rise, kRiseMost);
    Rises excess = local_excess(rises, static_cast<std::size_t>(frame_rate_hz * kReach_s));
    for (float& value : excess)
        value = std::max(0.0F, value);
    constexpr std::array<float, 5> kWeights{0.05F, 0.25F, 0.4F, 0.25F, 0.05F};
    Rises smooth(rises.size());
    double sum = 0;
    for (std::ptrdiff_t i = 0; i < frames; ++i) {
        for (std::ptrdiff_t k = -2; k <= 2; ++k) {
            if (i + k >= 0 && i + k < frames)
                smooth[static_cast<std::size_t>(i)] +=
                    kWeights.at(static_cast<std::size_t>(k + 2)) * excess[static_cast<std::size_t>(i + k)];
        }
        sum += smooth[static_cast<std::size_t>(i)];
    }
    for (float& value : smooth)
        value -= static_cast<float>(sum / static_cast<double>(frames));
    return smooth;
}

// Of each part of the spectrum, and of their mean, in which a snare answers a bass drum.
std::vector<Rises> parts_of(std::span<const float> band_rises, float frame_rate_hz) {
    std::vector<Rises> parts(kOnsetBands + 1, Rises(band_rises.size() / kOnsetBands));
    for (std::size_t i = 0; i < parts[0].size(); ++i) {
        for (std::size_t band = 0; band < kOnsetBands; ++band) {
            parts[band][i] = band_rises[i * kOnsetBands + band];
            parts[kOnsetBands][i] += parts[band][i] / kOnsetBands;
        }
    }
    for (Rises& part : parts)
        part = onsets_of(std::move(part), frame_rate_hz);
    return parts;
}

// Summed over the parts, not normalised, for every lag that is looked at.
class Autocorrelation {
 public:
    Autocorrelation(const std::vector<Rises>& parts, float frame_rate_hz) {
        const std::size_t frames = parts[0].size();
        lags_.resize(std::min(frames / 2, static_cast<std::size_t>(frame_rate_hz * kLagsMost_s)) + 1);
        for (const Rises& part : parts) {
            const std::vector<float> sums = autocorrelation(part);
            for (std::size_t lag = 0; lag < lags_.size(); ++lag)
                lags_[lag] += static_cast<double>(sums[lag]) / static_cast<double>(frames - lag);
        }
    }

    double variance() const { return lags_[0]; }
    bool holds(double lag) const { return lag + 1 < static_cast<double>(lags_.size()); }
    /// The highest nearby, of variance(): tempo is not that even.
    double near(double lag) const {
        const double reach = std::max(0.5, lag * 0.015);
        double best = -1;
        for (double at = lag - reach; at <= lag + reach + 1e-9; at += 0.5) {
            if (at >= 1 && holds(at)) best = std::max(best, this->at(at));
        }
        return best / lags_[0];
    }
    bool peaks_near(double lag) const {
        const double reach = std::max(1.0, lag * 0.03);
        for (auto i = static_cast<std::size_t>(std::lround(lag - reach));
             i <= static_cast<std::size_t>(std::lround(lag + reach)); ++i) {
            if (i > 1 && i + 1 < lags_.size() && lags_[i] >= lags_[i - 1] && lags_[i] >= lags_[i + 1])
                return true;
        }
        return false;
    }

 private:
    double at(double lag) const {
        const auto i = static_cast<std::size_t>(lag);
        return lags_[i] + (lag - static_cast<double>(i)) * (lags_[i + 1] - lags_[i]);
    }

    std::vector<double> lags_;
};

// The mean power of the parts' windows, of `variance`.
class OnsetSpectrum {
 public:
    OnsetSpectrum(const std::vector<Rises>& parts, float frame_rate_hz, double variance) {
        const std::size_t frames = parts[0].size();
        const std::size_t window =
            std::min(frames, static_cast<std::size_t>(frame_rate_hz * kSpectrumWindow_s));
        const FrameFft fft(std::bit_ceil(2 * window));
        hz_ = static_cast<double>(frame_rate_hz) / static_cast<double>(fft.size());
        power_.resize(fft.bins());
        std::vector<double> hann(window);
        for (std::size_t i = 0; i < window; ++i)
            hann[i] = 0.5 - 0.5 * std::cos(2 * 3.14159265358979 * static_cast<double>(i) /
                                           static_cast<double>(window));
        std::vector<double> power(fft.bins() * FrameFft::kFrames);
        std::size_t count = 0;
        for (std::size_t begin = 0; begin + window <= frames; begin += std::max<std::size_t>(1, window / 2)) {
            ++count;
            FrameFft::Workspace workspace(fft);
            for (std::size_t part = 0; part < parts.size(); ++part) {
                for (std::size_t i = 0; i < window; ++i)
                    workspace.at(i, part) = hann[i] * static_cast<double>(parts[part][begin + i]);
            }
            fft.power(workspace, power);
            for (std::size_t bin = 0; bin < power_.size(); ++bin) {
                for (std::size_t part = 0; part < parts.size(); ++part)
                    power_[bin] += power[bin * FrameFft::kFrames + part];
            }
        }
        const auto samples = static_cast<double>(window);
        for (double& value : power_)
            value /= static_cast<double>(count) * variance * samples * samples;
    }

    /// About 1 for a sine that is all of it.
    double amplitude(double hz) const {
        const double at = hz / hz_;
        const auto bin = static_cast<std::size_t>(at);
        if (bin + 1 >= power_.size()) return 0;
        const double power = power_[bin] + (at - static_cast<double>(bin)) * (power_[bin + 1] - power_[bin]);
        return 4 * std::sqrt(power);
    }

 private:
    double hz_ = 1;
    std::vector<double> power_;
};

struct Multiple {
    double beats, weight;
};
constexpr std::array<Multiple, 4> kTwos{{{1, 1}, {2, 1}, {4, 1}, {8, 0.5}}};
constexpr std::array<Multiple, 5> kThrees{{{1, 1}, {2, 0.5}, {3, 1}, {6, 1}, {12, 0.5}}};

double repeats(const Autocorrelation& lags, double beat, std::span<const Multiple> multiples) {
    double sum = 0, weights = 0;
    for (const auto& [beats, weight] : multiples) {
        if (!lags.holds(beat * beats)) continue;
        sum += weight * lags.near(beat * beats);
        weights += weight;
    }
    return weights > 0 ? sum / weights : 0;
}

}  // namespace

Tempo measure_tempo(std::span<const float> band_rises, float frame_rate_hz) {
    if (static_cast<float>(band_rises.size() / kOnsetBands) < 2 * frame_rate_hz) return {};
    const std::vector<Rises> parts = parts_of(band_rises, frame_rate_hz);
    const Autocorrelation lags(parts, frame_rate_hz);
    if (lags.variance() < kPulseVariance) return {};
    const OnsetSpectrum spectrum(parts, frame_rate_hz, lags.variance());
    struct Reading {
        double bpm, score;
    };
    std::vector<Reading> readings;
    for (double bpm = kSlowest_bpm; bpm <= kFastest_bpm; bpm *= kStep) {
        const double beat = 60 * static_cast<double>(frame_rate_hz) / bpm;
        double score = std::max({0.0, repeats(lags, beat, kTwos), kThree * repeats(lags, beat, kThrees)});
        if (!lags.peaks_near(beat)) score *= kBetweenPeaks;
        const double line = spectrum.amplitude(bpm / 60) + spectrum.amplitude(bpm / 30);
        score *= std::pow(std::min(1.0, line), kSpectrumPower);
        const double octaves = std::log2(bpm / kTapped_bpm);
        readings.push_back({bpm, score * std::exp(-0.5 * octaves * octaves)});
    }
    const auto best = std::max_element(readings.begin(), readings.end(),
                                       [](const Reading& a, const Reading& b) { return a.score < b.score; });
    if (best->score <= 0) return {};
    double rival = 0;
    for (const auto& [bpm, score] : readings) {
        const double octaves = std::log2(bpm / best->bpm);
        if (std::abs(octaves - std::round(octaves)) > 0.1) rival = std::max(rival, score);
    }
    // A beat may be empty that its bar repeats.
    const double beat = 60 * static_cast<double>(frame_rate_hz) / best->bpm;
    const double strength = std::max({lags.near(beat), lags.near(2 * beat), lags.near(4 * beat)});
    const double margin = std::min(1.0, 2 * (1 - rival / best->score));
    Tempo tempo;
    tempo.bpm = static_cast<float>(best->bpm);
    tempo.confidence = static_cast<float>(std::clamp(strength, 0.0, 1.0) * margin);
    return tempo;
}

}  // namespace bgm
