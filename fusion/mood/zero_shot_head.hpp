// A mood head made of prompts instead of labelled data: each mood is the direction in which the model's own
// embeddings of sentences about it lie (Radford et al. 2021, "prompt ensembling").
//
//     p_k         = unit(mean of unit(e) over the prompts e of mood k)
//     mood.weight = p_k - mean of all p           softmax((p_k . x) / temperature), see below
//     valence     = (unit(pleasant) - unit(unpleasant)) . x / (2 temperature), arousal alike
//
// The softmax does not change when the same vector is taken from every row. What the prompts share (that they
// are English sentences about posts) is most of their length, and is taken out: so the sums stay small, and
// the numbers of a row say how its mood differs. The affect rows are what a softmax between the two
// opposites gives near its middle, tanh(d / 2T) ~ d / 2T; the head cuts it to -1..1.
//
// Pure: the same prompts give the same bytes. x must be a unit vector, as a worker that uses such a head
// sends it.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "fusion/mood/mood.hpp"
#include "schemas/modality.hpp"
#include "schemas/result.hpp"

namespace bgm {

using PromptEmbeddings = std::vector<std::vector<float>>;  // one for each sentence, all of one width

struct ZeroShotPrompts {
    std::array<PromptEmbeddings, kMoodCount> moods;
    PromptEmbeddings pleasant, unpleasant, excited, quiet;
};

struct ZeroShotSettings {
    std::string model;  // what the worker calls the embeddings that the head reads
    Modality modality = Modality::text;
    float temperature = 1;  // of the cosines: CLIP was trained with 0.01
    float precision = 1;
};

/// The bytes of a head file (fusion/mood/head.hpp). `invalid_argument`, with the mood's name as the field,
/// where a mood has no embedding, one is of another width, is not finite or has no length, or a mood's
/// sentences cancel each other out; and where a setting is one that no head may have.
Result<std::string> make_zero_shot_head(const ZeroShotPrompts& prompts, const ZeroShotSettings& settings);

}  // namespace bgm
