#include "workers/audio/voice.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <vector>

#include "workers/audio/real_fft.hpp"

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

struct Frame {
    float intensity_db = -120;
    float pitch_hz = 0;  // 0: unvoiced
    float low = 0, high = 0;
};

class PitchTracker {
 public:
    explicit PitchTracker(double rate_hz)
        : rate_hz_(rate_hz),
          window_(static_cast<std::size_t>(rate_hz * 0.046)),
          fft_(std::bit_ceil(window_ * 2)),
          hann_(window_),
          hann_lags_(fft_.size() / 2),
          lags_(fft_.size() / 2),
          block_(fft_.size()),
          power_(fft_.bins()) {
        for (std::size_t i = 0; i < window_; ++i) {
            const double phase =
                2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(window_);
            hann_[i] = static_cast<float>(0.5 - 0.5 * std::cos(phase));
        }
        fft_.autocorrelation(hann_, hann_lags_);
    }

    std::size_t window() const { return window_; }

    Frame measure(std::span<const float> samples) {
        Frame frame;
        float mean = 0;
        for (const float sample : samples)
            mean += sample / static_cast<float>(window_);
        double power = 0;
        for (std::size_t i = 0; i < window_; ++i) {
            const float value = samples[i] - mean;
            power += double{value} * value;
            block_[i] = value * hann_[i];
        }
        power /= static_cast<double>(window_);
        if (power < 1e-9) return frame;
        frame.intensity_db = static_cast<float>(10 * std::log10(power));
        fft_.autocorrelation(std::span(block_).first(window_), lags_);
        frame.pitch_hz = best_pitch();
        if (frame.pitch_hz > 0) measure_bands(frame);
        return frame;
    }

 private:
    float best_pitch() const {
        const auto first = static_cast<std::size_t>(rate_hz_ / kPitchMaxHz);
        const auto last = std::min(window_ * 2 / 3, static_cast<std::size_t>(rate_hz_ / kPitchMinHz));
        const auto at = [&](std::size_t lag) {
            return lags_[lag] / lags_[0] / (hann_lags_[lag] / hann_lags_[0]);
        };
        float best = 0, best_lag = 0;
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
            }
        }
        return best_lag > 0 ? static_cast<float>(rate_hz_) / best_lag : 0;
    }

    void measure_bands(Frame& frame) {
        std::fill(block_.begin() + static_cast<std::ptrdiff_t>(window_), block_.end(), 0.0F);
        fft_.power(block_, power_);
        const double bin_hz = rate_hz_ / static_cast<double>(fft_.size());
        for (std::size_t bin = 1; bin < power_.size(); ++bin) {
            const double hz = static_cast<double>(bin) * bin_hz;
            if (hz < 50 || hz > 5'000) continue;
            (hz < 1'000 ? frame.low : frame.high) += power_[bin];
        }
    }

    double rate_hz_;
    std::size_t window_;
    RealFft fft_;
    std::vector<float> hann_, hann_lags_, lags_, block_, power_;
};

float percentile(std::vector<float>& sorted, double share) {
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
    RealFft fft(std::bit_ceil(std::max<std::size_t>(frames.size(), 64)));
    std::vector<float> envelope(fft.size());
    float mean = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        envelope[i] = std::max(frames[i].intensity_db, floor_db);
        mean += envelope[i] / static_cast<float>(frames.size());
    }
    for (std::size_t i = 0; i < frames.size(); ++i)
        envelope[i] -= mean;
    std::vector<float> power(fft.bins());
    fft.power(envelope, power);
    double syllabic = 0, all = 1e-9;
    for (std::size_t bin = 1; bin < power.size(); ++bin) {
        const double hz = static_cast<double>(bin) * frame_rate_hz / static_cast<double>(fft.size());
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
    std::vector<Frame> frames;
    for (std::size_t begin = 0; begin + tracker.window() <= halved.size(); begin += hop) {
        frames.push_back(tracker.measure(std::span(halved).subspan(begin, tracker.window())));
    }
    if (frames.size() < 10) return voice;

    std::vector<float> intensities;
    intensities.reserve(frames.size());
    for (const Frame& frame : frames)
        intensities.push_back(frame.intensity_db);
    std::sort(intensities.begin(), intensities.end());
    const float floor_db = std::max(percentile(intensities, 0.95) - kSilenceBelowDb, -80.0F);

    std::vector<float> pitches;
    std::size_t sounding = 0, steps = 0, glides = 0;
    double low = 0, high = 0;
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
        if (i > 0 && frames[i - 1].pitch_hz > 0) {
            const float semitones = 12 * std::fabs(std::log2(frame.pitch_hz / frames[i - 1].pitch_hz));
            ++steps;
            if (semitones > 0.15F && semitones < 3) ++glides;
        }
    }
    voice.pause_share = 1 - static_cast<float>(sounding) / static_cast<float>(frames.size());
    voice.modulation_4hz = syllabic_modulation(frames, frame_rate_hz, floor_db);
    voice.syllable_rate_hz = count_syllables(frames, floor_db) * frame_rate_hz /
                             static_cast<float>(std::max<std::size_t>(sounding, 25));
    if (sounding == 0 || pitches.size() < 5) return voice;
    voice.voiced_share = static_cast<float>(pitches.size()) / static_cast<float>(sounding);
    std::sort(pitches.begin(), pitches.end());
    voice.pitch_hz = percentile(pitches, 0.5);
    voice.pitch_range_semitones = 12 * std::log2(percentile(pitches, 0.9) / percentile(pitches, 0.1));
    voice.pitch_glide = steps > 0 ? static_cast<float>(glides) / static_cast<float>(steps) : 0;
    voice.alpha_ratio_db = static_cast<float>(10 * std::log10((high + 1e-9) / (low + 1e-9)));
    return voice;
}

}  // namespace bgm
