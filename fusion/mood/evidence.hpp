// What one modality says about a post's mood.
#pragma once

#include <cstdint>

#include "fusion/mood/mood.hpp"
#include "schemas/modality.hpp"

namespace bgm {

struct Evidence {
    Modality modality = Modality::text;
    MoodDistribution mood{};  // calibrated: of the posts given 0.7 for a mood, about 70 % have it
    Affect affect;
    float precision = 0;  // weight in the pool: 0 = says nothing, 1 = a full expert
    float felt = 1;       // how likely there is anything to feel; 1 where the head has no opinion

    // Which of the post's texts and assets it was read from. Evidences of one modality and one asset (the
    // face, the words and the look of one photo) saw the same thing and are pooled as dependent.
    std::uint32_t asset = 0;
};

}  // namespace bgm
