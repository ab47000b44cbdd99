// A mood head for a network that answers with shares of a few classes: for each class a person has written
// down which moods it speaks for, and where on the plane of valence and arousal it lies.
//
//     logit(mood) = sum over classes of share(class) * log P(mood | class)
//
// so that a network that is sure gives P, and one that wavers the geometric mean of what it wavers between.
// Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fusion/mood/mood.hpp"
#include "schemas/modality.hpp"

namespace bgm {

struct MoodShare {
    Mood mood;
    float share;
};

struct ClassReading {
    std::vector<MoodShare> moods;  // together less than 1; the other moods have equal parts of what is left
    Affect affect;
};

struct SharesHead {
    std::string_view model;
    Modality modality;
    float precision;
    std::string_view licence;
};

/// The bytes of a safetensors file as fusion/mood/head.hpp reads it, the same every time. One reading for
/// each number of the embedding.
std::string write_shares_head(const SharesHead& head, std::span<const ClassReading> readings);

}  // namespace bgm
