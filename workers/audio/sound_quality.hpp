// How much a clip's sound says about a mood, before anything else is known of it.
#pragma once

#include <string>
#include <vector>

#include "workers/audio/loudness.hpp"

namespace bgm {

/// 0..1 by how long something is heard. What lowers it is added to `notes`.
float sound_quality(const Loudness& loudness, std::vector<std::string>& notes);

}  // namespace bgm
