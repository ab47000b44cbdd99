// The instruments of the songs and patterns that tests put together: mono, kSongRate_hz, the same each time.
#pragma once

#include <vector>

namespace bgm::test {

inline constexpr int kSongRate_hz = 22'050;

using Samples = std::vector<float>;

Samples silence(double seconds);
/// From `at_s` on, as far as the song goes.
void add(Samples& song, double at_s, const Samples& sound, double gain);

Samples kick();
/// Noise that dies away: a snare drum (decay 25 a second), a hat (90), a shaker.
Samples burst(double seconds, double decay, unsigned seed);
/// Six partials, plucked: 10 ms to its height, then `decay` a second.
Samples tone(int midi, double seconds, double decay);
/// Bowed: `attack_s` to its height, held, and as slowly away.
Samples bowed(int midi, double seconds, double attack_s);

}  // namespace bgm::test
