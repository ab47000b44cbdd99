#include "ops/teaching/mood_mix.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace bgm {
namespace {

constexpr int kRoundsMax = 100;
constexpr double kStill = 1e-5;
constexpr double kSpread = 0.05;
// A mood that hardly anybody means weighs no more than this.
constexpr double kBalanceMax = 10;

}  // namespace

MoodDistribution under_mix(const MoodDistribution& reading, const MoodDistribution& mix) {
    MoodDistribution meant{};
    double sum = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k)
        sum += meant[k] = reading[k] * mix[k];
    if (!(sum > 0)) return reading;
    for (float& share : meant)
        share = static_cast<float>(share / sum);
    return meant;
}

double balance(const MoodDistribution& reading, const MoodDistribution& mix) {
    const MoodDistribution meant = under_mix(reading, mix);
    double times = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k)
        times += meant[k] / (double{kMoodCount} * mix[k]);
    return std::min(times, kBalanceMax);
}

MoodDistribution mood_mix(const SeedRows& rows) {
    MoodDistribution mix;
    mix.fill(1.0F / kMoodCount);
    for (int round = 0; round < kRoundsMax; ++round) {
        std::array<double, kMoodCount> sums{};
        double weight = 0;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const SeedLabel& label = rows.label(row);
            const MoodDistribution meant = under_mix(label.moods, mix);
            weight += label.weight;
            for (std::size_t k = 0; k < kMoodCount; ++k)
                sums[k] += double{label.weight} * meant[k];
        }
        if (!(weight > 0)) return mix;
        double moved = 0;
        for (std::size_t k = 0; k < kMoodCount; ++k) {
            const double share = (1 - kSpread) * sums[k] / weight + kSpread / kMoodCount;
            moved = std::max(moved, std::abs(share - double{mix[k]}));
            mix[k] = static_cast<float>(share);
        }
        if (moved < kStill) break;
    }
    return mix;
}

}  // namespace bgm
