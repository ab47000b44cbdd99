// Where the beats of a track fall.
#pragma once

#include <span>
#include <vector>

namespace bgm {

/// Seconds, rising. Dynamic programming over the onset envelope (Ellis, "Beat Tracking by Dynamic
/// Programming", 2007): beats lie on onsets and about a beat of `tempo_bpm` apart. Empty without a tempo.
std::vector<float> track_beats(std::span<const float> onset_envelope, float frame_rate_hz, float tempo_bpm);

}  // namespace bgm
