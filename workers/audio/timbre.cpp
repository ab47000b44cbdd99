#include "workers/audio/timbre.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace bgm {
namespace {

struct FrameShape {
    double centroid_hz = 0, roll_off_hz = 0, flatness = 0;
};

FrameShape shape_of(std::span<const float> power, float bin_hz, double total) {
    FrameShape shape;
    double weighted = 0;
    for (std::size_t bin = 0; bin < power.size(); ++bin)
        weighted += power[bin] * static_cast<double>(bin);
    shape.centroid_hz = weighted / total * bin_hz;
    double sum = 0;
    std::size_t edge = 0;
    while (edge + 1 < power.size() && sum + power[edge] < 0.85 * total)
        sum += power[edge++];
    shape.roll_off_hz = static_cast<double>(edge) * bin_hz;
    // Products of sixteen bins first: one logarithm instead of sixteen.
    const auto first = static_cast<std::size_t>(std::ceil(100 / bin_hz));
    double log_sum = 0;
    double arithmetic = 0;
    for (std::size_t bin = first; bin < power.size();) {
        double product = 1;
        for (int i = 0; i < 16 && bin < power.size(); ++i, ++bin) {
            const double value = power[bin] + 1e-14;
            product *= value;
            arithmetic += value;
        }
        log_sum += std::log(product);
    }
    const auto count = static_cast<double>(power.size() - first);
    shape.flatness = std::exp(log_sum / count) / (arithmetic / count);
    return shape;
}

}  // namespace

Timbre measure_timbre(std::span<const float> samples, const Spectrogram& spectrogram,
                      std::span<const float> log_mel, std::size_t bands) {
    Timbre timbre;
    const auto hop = samples.size() / std::max<std::size_t>(spectrogram.frames, 1);
    std::vector<double> cosines(kCepstrumSize * bands);
    for (std::size_t k = 0; k < kCepstrumSize; ++k) {
        const double scale = std::sqrt((k == 0 ? 1.0 : 2.0) / static_cast<double>(bands));
        for (std::size_t b = 0; b < bands; ++b) {
            cosines[k * bands + b] =
                scale * std::cos(std::numbers::pi * static_cast<double>(k) * (static_cast<double>(b) + 0.5) /
                                 static_cast<double>(bands));
        }
    }
    double weight_sum = 0;
    double centroid = 0, roll_off = 0, flatness = 0;
    double crossings_sum = 0, crossings_squares = 0;
    std::array<double, kCepstrumSize> sum{}, squares{};
    for (std::size_t frame = 0; frame < spectrogram.frames; ++frame) {
        const auto power = spectrogram.frame(frame);
        double total = 0;
        for (const float value : power)
            total += value;
        const double weight = std::sqrt(total);
        if (weight < 1e-5) continue;
        const FrameShape shape = shape_of(power, spectrogram.bin_hz, total);
        weight_sum += weight;
        centroid += weight * shape.centroid_hz;
        roll_off += weight * shape.roll_off_hz;
        flatness += weight * shape.flatness;

        const auto block = samples.subspan(frame * hop, std::min(hop, samples.size() - frame * hop));
        int crossings = 0;
        for (std::size_t i = 1; i < block.size(); ++i)
            crossings += (block[i] >= 0) != (block[i - 1] >= 0) ? 1 : 0;
        const double rate = crossings * static_cast<double>(spectrogram.frame_rate_hz) / 2;
        crossings_sum += weight * rate;
        crossings_squares += weight * rate * rate;

        const auto mel = log_mel.subspan(frame * bands, bands);
        for (std::size_t k = 0; k < kCepstrumSize; ++k) {
            double value = 0;
            for (std::size_t b = 0; b < bands; ++b)
                value += cosines[k * bands + b] * mel[b];
            sum[k] += weight * value;
            squares[k] += weight * value * value;
        }
    }
    if (weight_sum <= 0) return timbre;
    timbre.brightness_hz = static_cast<float>(centroid / weight_sum);
    timbre.roll_off_hz = static_cast<float>(roll_off / weight_sum);
    timbre.flatness = static_cast<float>(flatness / weight_sum);
    const double crossings = crossings_sum / weight_sum;
    timbre.zero_crossings_hz = static_cast<float>(crossings);
    const double spread = std::sqrt(std::max(0.0, crossings_squares / weight_sum - crossings * crossings));
    timbre.zero_crossings_variation = static_cast<float>(crossings > 0 ? spread / crossings : 0);
    for (std::size_t k = 0; k < kCepstrumSize; ++k) {
        const double mean = sum[k] / weight_sum;
        timbre.cepstrum_mean[k] = static_cast<float>(mean);
        timbre.cepstrum_deviation[k] =
            static_cast<float>(std::sqrt(std::max(0.0, squares[k] / weight_sum - mean * mean)));
    }
    return timbre;
}

}  // namespace bgm
