// What one modality says about a post's mood.
#pragma once

#include "fusion/mood/mood.hpp"
#include "schemas/modality.hpp"

namespace bgm {

struct Evidence {
    Modality modality = Modality::text;
    MoodDistribution mood{};  // calibrated: of the posts given 0.7 for a mood, about 70 % have it
    Affect affect;
    float precision = 0;  // weight in the pool: 0 = says nothing, 1 = a full expert
};

}  // namespace bgm
