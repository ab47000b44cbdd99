#include "workers/audio/rhythm.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "workers/audio/frame_fft.hpp"

namespace bgm {
namespace {

float mean(std::span<const float> values) {
    float sum = 0;
    for (const float value : values)
        sum += value;
    return values.empty() ? 0 : sum / static_cast<float>(values.size());
}

void find_onsets(std::span<const float> envelope, float frame_rate_hz, Rhythm& rhythm) {
    const auto excess = local_excess(envelope, static_cast<std::size_t>(frame_rate_hz * 0.2F));
    float variance = 0;
    for (const float value : excess)
        variance += value * value;
    const float deviation = std::sqrt(variance / static_cast<float>(excess.size()));
    // The absolute part keeps the ripple of steady tones and noise from counting.
    const float threshold = 0.12F + 0.5F * deviation;
    float strength = 0;
    int onsets = 0;
    for (std::size_t i = 0; i < excess.size(); ++i) {
        const std::size_t begin = i < 2 ? 0 : i - 2;
        const std::size_t end = std::min(excess.size(), i + 3);
        const bool highest =
            *std::max_element(excess.begin() + static_cast<std::ptrdiff_t>(begin),
                              excess.begin() + static_cast<std::ptrdiff_t>(end)) == excess[i];
        if (!highest || excess[i] < threshold) continue;
        ++onsets;
        strength += envelope[i];
        i += 2;  // the next onset is at least 60 ms away
    }
    rhythm.onset_rate_hz = static_cast<float>(onsets) * frame_rate_hz / static_cast<float>(envelope.size());
    rhythm.onset_strength = onsets > 0 ? strength / static_cast<float>(onsets) : 0;
}

void find_tempo(std::span<const float> envelope, float frame_rate_hz, Rhythm& rhythm) {
    std::vector<float> excess = local_excess(envelope, static_cast<std::size_t>(frame_rate_hz));
    const std::vector<float> lags = autocorrelation(excess);
    if (lags[0] <= 1e-6F) return;
    const auto first = static_cast<std::size_t>(std::ceil(frame_rate_hz * 60 / 240));
    const auto last = std::min(excess.size() / 2, static_cast<std::size_t>(frame_rate_hz * 60 / 40));
    float best = 0;
    std::size_t best_lag = 0;
    for (std::size_t lag = first; lag + 1 < last; ++lag) {
        if (lags[lag] < lags[lag - 1] || lags[lag] < lags[lag + 1]) continue;
        const float normalised =
            lags[lag] / lags[0] * static_cast<float>(excess.size()) / static_cast<float>(excess.size() - lag);
        rhythm.pulse_clarity = std::max(rhythm.pulse_clarity, std::min(normalised, 1.0F));
        // Listeners prefer to tap near 120 a minute (Ellis 2007: a log-normal of about 0.9 octaves).
        const float octaves = std::log2(60 * frame_rate_hz / static_cast<float>(lag) / 120) / 0.9F;
        const float score = normalised * std::exp(-0.5F * octaves * octaves);
        if (score > best) {
            best = score;
            best_lag = lag;
        }
    }
    if (best_lag == 0) return;
    // A parabola through the peak and its neighbours: a whole lag is 4 % of the tempo at 120.
    const float left = lags[best_lag - 1], centre = lags[best_lag], right = lags[best_lag + 1];
    const float bend = left - 2 * centre + right;
    const float offset = bend < 0 ? 0.5F * (left - right) / bend : 0;
    rhythm.tempo_bpm = 60 * frame_rate_hz / (static_cast<float>(best_lag) + offset);
}

}  // namespace

std::vector<float> onset_envelope(std::span<const float> log_mel, std::size_t bands, std::size_t parts) {
    const std::size_t frames = log_mel.size() / bands;
    std::vector<float> envelope(frames * parts);
    for (std::size_t frame = 1; frame < frames; ++frame) {
        const auto now = log_mel.subspan(frame * bands, bands);
        const auto before = log_mel.subspan((frame - 1) * bands, bands);
        for (std::size_t part = 0; part < parts; ++part) {
            const std::size_t first = part * bands / parts, last = (part + 1) * bands / parts;
            float rise = 0;
            for (std::size_t b = first; b < last; ++b)
                rise += std::max(0.0F, now[b] - before[b]);
            envelope[frame * parts + part] = rise / static_cast<float>(last - first);
        }
    }
    return envelope;
}

// Slow changes of the envelope are phrases and swells, not beats: what is above the local average remains.
std::vector<float> local_excess(std::span<const float> envelope, std::size_t reach) {
    std::vector<double> before(envelope.size() + 1);
    for (std::size_t i = 0; i < envelope.size(); ++i)
        before[i + 1] = before[i] + envelope[i];
    std::vector<float> excess(envelope.size());
    for (std::size_t i = 0; i < envelope.size(); ++i) {
        const std::size_t begin = i < reach ? 0 : i - reach;
        const std::size_t end = std::min(envelope.size(), i + reach + 1);
        excess[i] = envelope[i] -
                    static_cast<float>((before[end] - before[begin]) / static_cast<double>(end - begin));
    }
    return excess;
}

Rhythm measure_rhythm(std::span<const float> envelope, float frame_rate_hz) {
    Rhythm rhythm;
    if (envelope.size() < static_cast<std::size_t>(frame_rate_hz / 2) || mean(envelope) <= 0) return rhythm;
    find_onsets(envelope, frame_rate_hz, rhythm);
    find_tempo(envelope, frame_rate_hz, rhythm);
    return rhythm;
}

}  // namespace bgm
