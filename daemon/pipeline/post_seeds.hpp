// What a post teaches the heads of its photos, videos and sounds: the mood of the text beside them.
//
// A text teaches where it says something for certain: there is something to feel in it, one mood stands out,
// and the evidence is not thin. How much it teaches is its precision, less where its moods are spread out
// (one minus their entropy over log 13), less where there was hardly anything to see or hear.
//
// Pure: the same post and findings give the same seeds. Any thread.
#pragma once

#include <vector>

#include "daemon/pipeline/mood_decision.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/seed.pb.h"

namespace bgm {

/// Texts of less precision than this teach nothing.
inline constexpr float kTeacherPrecisionMin = 0.4F;

/// None of a wish, whose text is not about what lies beside it; none of words that were read in a photo.
v1::Seeds seeds_in(const v1::Post& post, const std::vector<Finding>& findings);

}  // namespace bgm
