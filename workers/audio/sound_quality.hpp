// How much a clip's sound says about a mood, before anything else is known of it.
#pragma once

#include <string>
#include <vector>

#include "workers/audio/loudness.hpp"

namespace bgm {

/// From here on more sound hardly says more: of anything, and of a voice, which needs no tempo and no key.
inline constexpr float kEnoughSeconds = 3, kEnoughSecondsOfVoice = 1.5F;

inline constexpr float kTooShortSeconds = 0.5F;  // no tempo, no key, no syllables: a knock or a beep

/// 0..1 by how long something is heard. What lowers it is added to `notes`.
float sound_quality(const Loudness& loudness, std::vector<std::string>& notes,
                    float enough_s = kEnoughSeconds);

}  // namespace bgm
