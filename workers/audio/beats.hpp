// Where the beats of a track fall.
#pragma once

#include <span>
#include <vector>

namespace bgm {

/// Seconds, rising. Dynamic programming over the onset envelope (Ellis, "Beat Tracking by Dynamic
/// Programming", 2007): beats lie on onsets and about a beat of `tempo_bpm` apart. Empty without a tempo.
std::vector<float> track_beats(std::span<const float> onset_envelope, float frame_rate_hz, float tempo_bpm);

/// The tempo that the beats keep, by the median of how long 32 of them last: measure_tempo() finds it on a
/// grid, and up to 2 % towards the tempo that is tapped most readily. `tempo_bpm` where there are too few, or
/// where they lie apart otherwise than it says.
float tempo_of_beats(std::span<const float> beats_s, float tempo_bpm);

}  // namespace bgm
