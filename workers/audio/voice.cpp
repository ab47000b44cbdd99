#include "workers/audio/voice.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <vector>

#include "workers/audio/frame_fft.hpp"

namespace bgm {
namespace {

constexpr double kPitchMinHz = 70;
constexpr double kPitchMaxHz = 500;
constexpr float kVoicedFrom = 0.5F;    // normalised autocorrelation; breath and noise stay below
constexpr float kOctaveCost = 0.02F;   // prefers the higher of two equal candidates, as the fundamental is
constexpr float kSilenceBelowDb = 25;  // under the loud frames

// Half the rate: pitch and its autocorrelation need nothing above 5 kHz, and everything takes half the time.
std::vector<float> halve_rate(std::span<const float> samples) {
    std::vector<float> halved(samples.size() / 2);
    for (std::size_t i = 0; i < halved.size(); ++i) {
        const std::size_t at = 2 * i;
        const float before = at > 0 ? samples[at - 1] : 0;
        halved[i] = 0.25F * before + 0.5F * samples[at] + 0.25F * samples[at + 1];
    }
    return halved;
}

constexpr float kSilence_db = -120;
constexpr float kPeriodicityMax = 0.9999F;  // 40 dB of harmonics over noise

struct Frame {
    float intensity_db = kSilence_db;
    float pitch_hz = 0;     // 0: unvoiced
    float periodicity = 0;  // height of the autocorrelation at the pitch, below 1
    float change = 0;       // from the frame before, 0..1
    float low = 0, high = 0;
};

class PitchTracker {
 public:
    explicit PitchTracker(double rate_hz)
        : rate_hz_(rate_hz),
          window_(static_cast<std::size_t>(rate_hz * 0.046)),
          fft_(std::bit_ceil(window_ * 2)),
          hann_(window_),
          workspace_(fft_),
          power_(fft_.bins() * FrameFft::kFrames) {
        for (std::size_t i = 0; i < window_; ++i) {
            const double phase =
                2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(window_);
            hann_[i] = static_cast<float>(0.5 - 0.5 * std::cos(phase));
        }
        hann_lags_ = autocorrelation(hann_);
    }

    /// Every window that lies within the samples, one each `hop`.
    std::vector<Frame> measure(std::span<const float> samples, std::size_t hop) {
        std::vector<Frame> frames(samples.size() < window_ ? 0 : 1 + (samples.size() - window_) / hop);
        for (std::size_t first = 0; first < frames.size(); first += FrameFft::kFrames) {
            const std::size_t count = std::min(FrameFft::kFrames, frames.size() - first);
            measure_some(samples.subspan(first * hop), hop, std::span(frames).subspan(first, count));
        }
        return frames;
    }

 private:
    void measure_some(std::span<const float> samples, std::size_t hop, std::span<Frame> frames) {
        std::array<float, FrameFft::kFrames> means{};
        for (std::size_t frame = 0; frame < frames.size(); ++frame)
            frames[frame].intensity_db = intensity(samples.subspan(frame * hop, window_), means[frame]);
        for (std::size_t i = 0; i < fft_.size(); ++i) {
            for (std::size_t frame = 0; frame < frames.size(); ++frame)
                workspace_.at(i, frame) =
                    i < window_ ? (samples[frame * hop + i] - means[frame]) * hann_[i] : 0;
        }
        fft_.power(workspace_, power_);
        measure_changes(frames);
        fft_.autocorrelation(power_, workspace_);
        for (std::size_t i = 0; i < frames.size(); ++i) {
            if (frames[i].intensity_db <= kSilence_db) continue;
            for (std::size_t lag = 0; lag < window_; ++lag)
                lags_[lag] = static_cast<float>(workspace_.at(lag, i));
            best_pitch(frames[i]);
            if (frames[i].pitch_hz > 0) measure_bands(i, frames[i]);
        }
    }

    /// Around the mean.
    float intensity(std::span<const float> samples, float& mean) const {
        mean = 0;
        for (const float sample : samples)
            mean += sample / static_cast<float>(window_);
        double power = 0;
        for (const float sample : samples)
            power += double{sample - mean} * (sample - mean);
        power /= static_cast<double>(window_);
        return power < 1e-9 ? kSilence_db : static_cast<float>(10 * std::log10(power));
    }

    // The Hellinger distance of neighbouring spectra, each with the sum 1: what changes but the level.
    void measure_changes(std::span<Frame> frames) {
        std::array<double, FrameFft::kFrames> totals{}, affinities{};
        double total_before = 0;
        for (std::size_t bin = 0; bin < fft_.bins(); ++bin) {
            const double* row = &power_[bin * FrameFft::kFrames];
            totals[0] += row[0];
            affinities[0] += std::sqrt(row[0] * before_[bin]);
            for (std::size_t i = 1; i < FrameFft::kFrames; ++i) {
                totals[i] += row[i];
                affinities[i] += std::sqrt(row[i] * row[i - 1]);
            }
            total_before += before_[bin];
            before_[bin] = row[FrameFft::kFrames - 1];
        }
        for (std::size_t i = 0; i < frames.size(); ++i) {
            const double both = totals[i] * (i > 0 ? totals[i - 1] : total_before);
            if (both > 0)
                frames[i].change =
                    static_cast<float>(std::sqrt(std::max(0.0, 1 - affinities[i] / std::sqrt(both))));
        }
    }

    void best_pitch(Frame& frame) const {
        const auto first = static_cast<std::size_t>(rate_hz_ / kPitchMaxHz);
        const auto last = std::min(window_ * 2 / 3, static_cast<std::size_t>(rate_hz_ / kPitchMinHz));
        const auto at = [&](std::size_t lag) {
            return lags_[lag] / lags_[0] / (hann_lags_[lag] / hann_lags_[0]);
        };
        float best = 0, best_lag = 0, height = 0;
        for (std::size_t lag = first; lag < last; ++lag) {
            if (lags_[lag] <= 0 || lags_[lag] < lags_[lag - 1] || lags_[lag] < lags_[lag + 1]) continue;
            const float left = at(lag - 1), centre = at(lag), right = at(lag + 1);
            if (centre < kVoicedFrom) continue;
            const float bend = left - 2 * centre + right;
            const float exact = static_cast<float>(lag) + (bend < 0 ? 0.5F * (left - right) / bend : 0);
            const auto octaves = static_cast<float>(std::log2(kPitchMinHz * exact / rate_hz_));
            const float score = std::min(centre, 1.0F) - kOctaveCost * octaves;
            if (score > best) {
                best = score;
                best_lag = exact;
                height = centre;
            }
        }
        if (best_lag <= 0) return;
        frame.pitch_hz = static_cast<float>(rate_hz_) / best_lag;
        frame.periodicity = std::min(height, kPeriodicityMax);
    }

    void measure_bands(std::size_t index, Frame& frame) const {
        const double bin_hz = rate_hz_ / static_cast<double>(fft_.size());
        for (std::size_t bin = 1; bin < fft_.bins(); ++bin) {
            const double hz = static_cast<double>(bin) * bin_hz;
            if (hz < 50 || hz > 5'000) continue;
            (hz < 1'000 ? frame.low : frame.high) +=
                static_cast<float>(power_[bin * FrameFft::kFrames + index]);
        }
    }

    double rate_hz_;
    std::size_t window_;
    FrameFft fft_;
    std::vector<float> hann_, hann_lags_;
    std::vector<float> lags_ = std::vector<float>(window_);
    FrameFft::Workspace workspace_;
    std::vector<double> power_;
    std::vector<double> before_ =
        std::vector<double>(fft_.bins());  // power of the last frame of the last turn
};

float percentile(std::span<const float> sorted, double share) {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

float count_syllables(const std::vector<Frame>& frames, float floor_db) {
    int syllables = 0;
    float dip_db = -120;
    for (std::size_t i = 1; i + 1 < frames.size(); ++i) {
        const float here = frames[i].intensity_db;
        dip_db = std::min(dip_db, here);
        const bool peak = here >= frames[i - 1].intensity_db && here > frames[i + 1].intensity_db;
        if (peak && frames[i].pitch_hz > 0 && here > floor_db && here - dip_db >= 2) {
            ++syllables;
            dip_db = here;
        }
    }
    return static_cast<float>(syllables);
}

// Share of the modulation of the intensity between 2.5 and 7 Hz, of all between 0.5 and 20 Hz.
float syllabic_modulation(const std::vector<Frame>& frames, float frame_rate_hz, float floor_db) {
    std::vector<float> envelope(std::bit_ceil(std::max<std::size_t>(frames.size(), 64)));
    float mean = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        envelope[i] = std::max(frames[i].intensity_db, floor_db);
        mean += envelope[i] / static_cast<float>(frames.size());
    }
    for (std::size_t i = 0; i < frames.size(); ++i)
        envelope[i] -= mean;
    const std::vector<float> power = power_spectrum(envelope);
    double syllabic = 0, all = 1e-9;
    for (std::size_t bin = 1; bin < power.size(); ++bin) {
        const double hz = static_cast<double>(bin) * frame_rate_hz / static_cast<double>(envelope.size());
        if (hz < 0.5 || hz > 20) continue;
        all += power[bin];
        if (hz >= 2.5 && hz <= 7) syllabic += power[bin];
    }
    return static_cast<float>(syllabic / all);
}

}  // namespace

Voice measure_voice(std::span<const float> samples, int sample_rate_hz) {
    Voice voice;
    const std::vector<float> halved = halve_rate(samples);
    const double rate_hz = sample_rate_hz / 2.0;
    PitchTracker tracker(rate_hz);
    const auto hop = static_cast<std::size_t>(rate_hz / 50);
    const float frame_rate_hz = static_cast<float>(rate_hz) / static_cast<float>(hop);
    std::vector<Frame> frames = tracker.measure(halved, hop);
    if (frames.size() < 10) return voice;

    std::vector<float> intensities;
    intensities.reserve(frames.size());
    for (const Frame& frame : frames)
        intensities.push_back(frame.intensity_db);
    std::sort(intensities.begin(), intensities.end());
    const float floor_db = std::max(percentile(intensities, 0.95) - kSilenceBelowDb, -80.0F);

    std::vector<float> pitches;
    std::size_t sounding = 0, steps = 0, glides = 0;
    double low = 0, high = 0, noise_ratio_db = 0, change = 0;
    std::size_t runs = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        Frame& frame = frames[i];
        if (frame.intensity_db <= floor_db) {
            frame.pitch_hz = 0;
            continue;
        }
        ++sounding;
        if (frame.pitch_hz <= 0) continue;
        pitches.push_back(frame.pitch_hz);
        low += frame.low;
        high += frame.high;
        noise_ratio_db += 10 * std::log10(frame.periodicity / (1 - frame.periodicity));
        if (i == 0 || frames[i - 1].pitch_hz <= 0) ++runs;
        if (i > 0 && frames[i - 1].pitch_hz > 0) {
            change += frame.change;
            const float semitones = 12 * std::fabs(std::log2(frame.pitch_hz / frames[i - 1].pitch_hz));
            ++steps;
            if (semitones > 0.15F && semitones < 3) ++glides;
        }
    }
    voice.pause_share = 1 - static_cast<float>(sounding) / static_cast<float>(frames.size());
    voice.modulation_4hz = syllabic_modulation(frames, frame_rate_hz, floor_db);
    const float sounding_s = static_cast<float>(std::max<std::size_t>(sounding, 25)) / frame_rate_hz;
    voice.syllable_rate_hz = count_syllables(frames, floor_db) / sounding_s;
    if (sounding == 0 || pitches.size() < 5) return voice;
    voice.voiced_share = static_cast<float>(pitches.size()) / static_cast<float>(sounding);
    std::sort(pitches.begin(), pitches.end());
    voice.pitch_hz = percentile(pitches, 0.5);
    voice.pitch_range_semitones = 12 * std::log2(percentile(pitches, 0.8) / percentile(pitches, 0.2));
    // The silent frames come first in the sorted intensities.
    const std::span<const float> heard = std::span(intensities).last(sounding);
    voice.level_spread_db = percentile(heard, 0.8) - percentile(heard, 0.2);
    voice.voiced_runs_hz = static_cast<float>(runs) / sounding_s;
    voice.harmonics_to_noise_db = static_cast<float>(noise_ratio_db / static_cast<double>(pitches.size()));
    voice.spectral_change = steps > 0 ? static_cast<float>(change / static_cast<double>(steps)) : 0;
    voice.pitch_glide = steps > 0 ? static_cast<float>(glides) / static_cast<float>(steps) : 0;
    voice.alpha_ratio_db = static_cast<float>(10 * std::log10((high + 1e-9) / (low + 1e-9)));
    return voice;
}

}  // namespace bgm
