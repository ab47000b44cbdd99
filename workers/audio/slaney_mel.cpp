#include "workers/audio/slaney_mel.hpp"

#include <algorithm>
#include <cmath>

namespace bgm {
namespace {

constexpr double kHzPerMel = 200.0 / 3;  // below the knee
constexpr double kKneeHz = 1000;
constexpr double kKneeMel = kKneeHz / kHzPerMel;

// Above the knee 27 mel are a factor of 6.4.
double mel_per_log_hz() {
    return 27 / std::log(6.4);
}

// `count` values from `first` to `last`, both included.
std::vector<double> spaced(double first, double last, std::size_t count) {
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i)
        values[i] = first + (last - first) * static_cast<double>(i) / static_cast<double>(count - 1);
    return values;
}

}  // namespace

double SlaneyMel::to_mel(double hz) {
    return hz < kKneeHz ? hz / kHzPerMel : kKneeMel + std::log(hz / kKneeHz) * mel_per_log_hz();
}

double SlaneyMel::to_hz(double mel) {
    return mel < kKneeMel ? mel * kHzPerMel : kKneeHz * std::exp((mel - kKneeMel) / mel_per_log_hz());
}

SlaneyMel::SlaneyMel(const MelLayout& layout) : bands_(layout.bands) {
    // The reference halves the sample rate as a whole number.
    const int highest_hz = layout.sample_rate_hz / 2;
    const auto bins_hz = spaced(0, static_cast<double>(highest_hz), layout.bins);
    auto edges_hz = spaced(to_mel(layout.low_hz), to_mel(layout.high_hz), layout.bands + 2);
    std::transform(edges_hz.begin(), edges_hz.end(), edges_hz.begin(), to_hz);
    for (std::size_t i = 0; i < layout.bands; ++i) {
        const double low = edges_hz[i], peak = edges_hz[i + 1], high = edges_hz[i + 2];
        const double area = (high - low) / 2;
        Band& band = bands_[i];
        for (std::size_t bin = 0; bin < layout.bins; ++bin) {
            const double rising = (bins_hz[bin] - low) / (peak - low);
            const double falling = (high - bins_hz[bin]) / (high - peak);
            const double height = std::min(rising, falling);
            if (!(height > 0)) continue;
            if (band.weights.empty()) band.first_bin = bin;
            band.weights.push_back(height / area);
        }
    }
}

}  // namespace bgm
