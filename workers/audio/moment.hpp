// The half minute of a track that one would play to somebody who has only half a minute.
#pragma once

#include <span>

namespace bgm {

inline constexpr float kMoment_s = 30;

/// Where it begins, in seconds, on one of `beats_s` where there are any: where the sound rises to a level
/// that then lasts, as a chorus does. 0 for a track that is hardly longer. `levels_db`: how loud each
/// `level_step_s` is.
float find_moment(std::span<const float> levels_db, float level_step_s, std::span<const float> beats_s);

}  // namespace bgm
