// The half minute of a track that one would play to somebody who has only half a minute.
#pragma once

#include <span>
#include <vector>

namespace bgm {

inline constexpr float kMoment_s = 30;
inline constexpr float kLevelStep_s = 0.5F;

/// How loud each kLevelStep_s is, in dB of full scale; -120 for nothing.
std::vector<float> levels_of(std::span<const float> samples, int sample_rate_hz);

/// Where it begins, in seconds, on one of `beats_s` where there are any: where the sound rises to a level
/// that then lasts, as a chorus does. Where no place is better than the beginning, that: 0, or the first beat
/// after silence. `levels_db`: how loud each
/// `level_step_s` is.
float find_moment(std::span<const float> levels_db, float level_step_s, std::span<const float> beats_s);

}  // namespace bgm
