// What an operator may say of the opinion pool, as it stands in a configuration.
//
// Pure; any thread.
#pragma once

#include <string_view>

#include "fusion/mood/opinion_pool.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// The mix of moods to expect: "uniform", or shares such as "calm=0.2, joyful=0.15". Moods that are not named
/// share what is left to 1 evenly. `invalid_argument`, naming the entry, for what is no mood, is named twice,
/// is no number from 0.001 to 1, or leaves a mood with nothing.
Result<MoodDistribution> read_prior(std::string_view setting);

/// How far each modality, and the context, is trusted beside what it says of itself: "" or factors such as
/// "image=0.5, audio=2"; 1 for those that are not named. `invalid_argument`, naming the entry, for what is no
/// modality, is named twice or is no number from 0 to 4.
Result<std::array<float, kOpinionCount>> read_reliability(std::string_view setting);

}  // namespace bgm
