#include "workers/audio/beats.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace bgm {
namespace {

// How dear it is to leave the tempo, against onsets of one deviation: Ellis' value for such envelopes.
constexpr float kTightness = 100;

constexpr std::size_t kBeatsReach = 32;    // a frame is a five hundredth of it or less
constexpr std::size_t kBeatsReachMin = 4;  // of fewer beats the tempo that they were found by says more
constexpr float kOffMost = 0.04F;          // farther off the beats followed something else

// One deviation is 1; smoothed by a Hann window of 3 frames, so that a beat may lie between two of them.
std::vector<float> normalised(std::span<const float> envelope) {
    std::vector<float> smooth(envelope.size());
    double squares = 0, sum = 0;
    for (std::size_t i = 0; i < envelope.size(); ++i) {
        const float before = i > 0 ? envelope[i - 1] : 0;
        const float after = i + 1 < envelope.size() ? envelope[i + 1] : 0;
        smooth[i] = 0.5F * envelope[i] + 0.25F * (before + after);
        sum += smooth[i];
        squares += smooth[i] * smooth[i];
    }
    const double mean = sum / static_cast<double>(smooth.size());
    const double deviation =
        std::sqrt(std::max(squares / static_cast<double>(smooth.size()) - mean * mean, 1e-12));
    for (float& value : smooth)
        value = static_cast<float>(value / deviation);
    return smooth;
}

}  // namespace

std::vector<float> track_beats(std::span<const float> onset_envelope, float frame_rate_hz, float tempo_bpm) {
    if (tempo_bpm <= 0 || onset_envelope.empty()) return {};
    const std::vector<float> onsets = normalised(onset_envelope);
    const float period = 60 * frame_rate_hz / tempo_bpm;
    const auto nearest = std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(period / 2)));
    const auto farthest = std::max(nearest, static_cast<std::size_t>(std::lround(period * 2)));
    std::vector<float> costs(farthest + 1);
    for (std::size_t lag = nearest; lag <= farthest; ++lag) {
        const float octaves = std::log(static_cast<float>(lag) / period);
        costs[lag] = kTightness * octaves * octaves;
    }
    std::vector<float> best(onsets.size());
    std::vector<std::size_t> from(onsets.size(), onsets.size());
    for (std::size_t i = 0; i < onsets.size(); ++i) {
        best[i] = onsets[i];
        for (std::size_t lag = nearest; lag <= std::min(farthest, i); ++lag) {
            const float through = best[i - lag] + onsets[i] - costs[lag];
            if (through > best[i]) {
                best[i] = through;
                from[i] = i - lag;
            }
        }
    }
    // The last beat is the best end within the last two periods.
    const std::size_t tail = onsets.size() > farthest ? onsets.size() - farthest : 0;
    auto at = static_cast<std::size_t>(
        std::max_element(best.begin() + static_cast<std::ptrdiff_t>(tail), best.end()) - best.begin());
    std::vector<float> beats;
    while (at < onsets.size()) {
        beats.push_back(static_cast<float>(at) / frame_rate_hz);
        at = from[at];
    }
    std::reverse(beats.begin(), beats.end());
    return beats;
}

float tempo_of_beats(std::span<const float> beats_s, float tempo_bpm) {
    const std::size_t reach = std::min(kBeatsReach, beats_s.size() / 2);
    if (reach < kBeatsReachMin) return tempo_bpm;
    std::vector<float> spans;
    for (std::size_t i = 0; i + reach < beats_s.size(); ++i)
        spans.push_back(beats_s[i + reach] - beats_s[i]);
    const auto middle = spans.begin() + static_cast<std::ptrdiff_t>(spans.size() / 2);
    std::nth_element(spans.begin(), middle, spans.end());
    if (!(*middle > 0)) return tempo_bpm;
    const float bpm = 60 * static_cast<float>(reach) / *middle;
    return std::abs(bpm / tempo_bpm - 1) <= kOffMost ? bpm : tempo_bpm;
}

}  // namespace bgm
