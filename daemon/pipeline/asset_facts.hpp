// What a pick says of the post's media beside the mood: what was measured, and the most telling of it in
// words.
//
// Pure. Any thread.
#pragma once

#include <string>

#include "daemon/pipeline/mood_decision.hpp"

namespace bgm {

/// One entry for each model that saw the asset and measured something. The text of a post gets one only where
/// it speaks of death, illness, disaster or violence.
void add_facts(v1::Pick& pick, const Finding& finding);

/// What the facts of a pick say the post speaks of: "death", "illness and violence"; empty where of nothing
/// grave.
std::string grave_of(const v1::Pick& pick);

/// "2 faces, smiling; text read"; empty where nothing of it tells a person anything.
std::string summary_of(const v1::Facts& facts);

}  // namespace bgm
