#include "workers/audio/loudness.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace bgm {
namespace {

struct Biquad {
    double b0, b1, b2, a1, a2;
    double z1 = 0, z2 = 0;

    double operator()(double in) {
        const double out = b0 * in + z1;
        z1 = b1 * in - a1 * out + z2;
        z2 = b2 * in - a2 * out;
        return out;
    }
};

// BS.1770 prints its two filters for 48 kHz only. These are the analogue prototypes behind them, transformed
// for any rate (the constants are those that reproduce the printed coefficients, see De Man 2014).
Biquad head_shelf(double rate) {
    const double k = std::tan(std::numbers::pi * 1681.974450955533 / rate);
    const double q = 0.7071752369554196;
    const double high = std::pow(10.0, 3.999843853973347 / 20);
    const double band = std::pow(high, 0.4996667741545416);
    const double a0 = 1 + k / q + k * k;
    return {.b0 = (high + band * k / q + k * k) / a0,
            .b1 = 2 * (k * k - high) / a0,
            .b2 = (high - band * k / q + k * k) / a0,
            .a1 = 2 * (k * k - 1) / a0,
            .a2 = (1 - k / q + k * k) / a0};
}

Biquad high_pass(double rate) {
    const double k = std::tan(std::numbers::pi * 38.13547087602444 / rate);
    const double q = 0.5003270373238773;
    const double a0 = 1 + k / q + k * k;
    return {.b0 = 1, .b1 = -2, .b2 = 1, .a1 = 2 * (k * k - 1) / a0, .a2 = (1 - k / q + k * k) / a0};
}

double lufs(double power) {
    return power > 1e-12 ? -0.691 + 10 * std::log10(power) : -120;
}

double mean_above(const std::vector<double>& blocks, double gate_lufs) {
    double sum = 0;
    std::size_t count = 0;
    for (const double power : blocks) {
        if (lufs(power) > gate_lufs) {
            sum += power;
            ++count;
        }
    }
    return count == 0 ? 0 : sum / static_cast<double>(count);
}

}  // namespace

Loudness measure_loudness(std::span<const float> samples, int sample_rate_hz) {
    Loudness result;
    Biquad shelf = head_shelf(sample_rate_hz);
    Biquad pass = high_pass(sample_rate_hz);
    // Short blocks of 20 ms; the standard's blocks of 0.4 s with 75 % overlap are runs of twenty, five apart.
    const auto block_size = static_cast<std::size_t>(sample_rate_hz / 50);
    std::vector<double> weighted;
    std::vector<double> plain_rms;
    for (std::size_t begin = 0; begin + block_size <= samples.size(); begin += block_size) {
        double sum = 0;
        double plain = 0;
        for (const float sample : samples.subspan(begin, block_size)) {
            const double filtered = pass(shelf(sample));
            sum += filtered * filtered;
            plain += double{sample} * sample;
        }
        weighted.push_back(sum / static_cast<double>(block_size));
        plain_rms.push_back(std::sqrt(plain / static_cast<double>(block_size)));
    }
    if (weighted.empty()) return result;

    const std::size_t run = std::min<std::size_t>(20, weighted.size());
    std::vector<double> blocks;
    for (std::size_t begin = 0; begin + run <= weighted.size(); begin += 5) {
        double sum = 0;
        for (std::size_t i = 0; i < run; ++i)
            sum += weighted[begin + i];
        blocks.push_back(sum / static_cast<double>(run));
    }
    const double relative_gate = lufs(mean_above(blocks, -70)) - 10;
    result.integrated_db = static_cast<float>(lufs(mean_above(blocks, std::max(-70.0, relative_gate))));

    std::vector<double> heard;
    for (const double power : blocks) {
        if (lufs(power) > std::max(-70.0, relative_gate - 10)) heard.push_back(lufs(power));
    }
    if (!heard.empty()) {
        std::sort(heard.begin(), heard.end());
        const auto at = [&](double share) {
            return heard[static_cast<std::size_t>(share * static_cast<double>(heard.size() - 1))];
        };
        result.range_db = static_cast<float>(at(0.95) - at(0.10));
    }
    double mean_rms = 0;
    for (const double rms : plain_rms)
        mean_rms += rms / static_cast<double>(plain_rms.size());
    const auto low =
        std::count_if(plain_rms.begin(), plain_rms.end(), [&](double rms) { return rms < mean_rms / 2; });
    result.low_energy_ratio = static_cast<float>(low) / static_cast<float>(plain_rms.size());
    const auto sounding =
        std::count_if(weighted.begin(), weighted.end(), [](double power) { return lufs(power) > -60; });
    result.sounding_s = static_cast<float>(sounding) / 50;
    return result;
}

}  // namespace bgm
