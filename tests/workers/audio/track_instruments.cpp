#include "tests/workers/audio/track_instruments.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <random>

namespace bgm::test {
namespace {

constexpr double kTwoPi = 2 * std::numbers::pi;
constexpr double kHighestHz = 9'000;

// Of 0.15 at most; each partial is half as loud as the one below it.
template <typename Envelope>
Samples partials(int midi, double seconds, const Envelope& envelope) {
    Samples sound = silence(seconds);
    const double hz = 440 * std::pow(2, (midi - 69) / 12.0);
    for (std::size_t i = 0; i < sound.size(); ++i) {
        const double t = static_cast<double>(i) / kSongRate_hz;
        double value = 0, amplitude = 1;
        for (int partial = 1; partial <= 6 && hz * partial < kHighestHz; ++partial, amplitude *= 0.5)
            value += amplitude * std::sin(kTwoPi * hz * partial * t);
        sound[i] = static_cast<float>(value * envelope(t) * 0.15);
    }
    return sound;
}

}  // namespace

Samples silence(double seconds) {
    return Samples(static_cast<std::size_t>(seconds * kSongRate_hz));
}

void add(Samples& song, double at_s, const Samples& sound, double gain) {
    const auto begin = static_cast<std::size_t>(std::max(at_s, 0.0) * kSongRate_hz);
    for (std::size_t i = 0; i < sound.size() && begin + i < song.size(); ++i)
        song[begin + i] += static_cast<float>(gain * static_cast<double>(sound[i]));
}

Samples kick() {
    Samples sound = silence(0.25);
    double phase = 0;
    for (std::size_t i = 0; i < sound.size(); ++i) {
        const double t = static_cast<double>(i) / kSongRate_hz;
        phase += kTwoPi * (50 + 100 * std::exp(-t * 40)) / kSongRate_hz;
        sound[i] = static_cast<float>(std::sin(phase) * std::exp(-t * 14) * 0.8);
    }
    return sound;
}

Samples burst(double seconds, double decay, unsigned seed) {
    Samples sound = silence(seconds);
    std::mt19937 random(seed);
    for (std::size_t i = 0; i < sound.size(); ++i) {
        const double noise = static_cast<double>(random()) / 4294967296.0 - 0.5;
        sound[i] = static_cast<float>(0.7 * noise * std::exp(-static_cast<double>(i) / kSongRate_hz * decay));
    }
    return sound;
}

Samples tone(int midi, double seconds, double decay) {
    return partials(midi, seconds, [=](double t) {
        return std::min(1.0, t / 0.01) * std::exp(-t * decay) * std::min(1.0, (seconds - t) / 0.02);
    });
}

Samples bowed(int midi, double seconds, double attack_s) {
    return partials(midi, seconds, [=](double t) {
        return std::min({1.0, t / attack_s, (seconds - t) / attack_s});
    });
}

}  // namespace bgm::test
