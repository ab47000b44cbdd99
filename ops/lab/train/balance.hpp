// What is set after training, on rows that were held back: how much of the training set's class frequencies
// stays in the head, and from where on there is nothing to feel.
//
// The network is trained with a logit-adjusted loss (Menon et al. 2021), so that its logits are those of
// moods that are all equally frequent. Frequencies of comments are not those of posts, but some of them hold
// everywhere: `kept` of their logarithm is added to the biases again.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "ops/evaluation/measures.hpp"
#include "ops/lab/train/text_model.hpp"
#include "ops/lab/train/trained_text.hpp"

namespace bgm::train {

struct JudgedRow {
    MoodDistribution moods{};
    GoldMoods gold{};
    float felt = 1;
};

/// What the model says of every row with a mood.
Result<std::vector<JudgedRow>> judge_rows(TextModel& model, const std::vector<Example>& examples);

/// The most `kept`, of 0, 0.1 .. 1.2, under which macro-F1 is within 0.02 of the best in every set: frequent
/// moods are right more often with more of it, and rare ones must not pay much for that.
double choose_kept(const std::vector<std::span<const JudgedRow>>& sets,
                   const std::array<double, kMoodCount>& shares);

/// Adds `kept` times the logarithm of the shares to the biases of the moods.
void keep_frequencies(TrainedLayer& mood, const std::array<double, kMoodCount>& shares, double kept);

/// Moves the bias so that of no set more than `share` of the rows, in all of which there is something to
/// feel, are taken for plain (felt below 1/2).
void place_felt(TrainedLayer& felt, const std::vector<std::span<const JudgedRow>>& sets, double share);

}  // namespace bgm::train
