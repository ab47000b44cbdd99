// What an example teaches about moods and about whether there is anything to feel.
//
// A label often means several moods ("fear": scary, anxious), and the likelihood of all of them together
// would leave it to chance which one is learned: the loss is -log sum of weight * p instead, with more weight
// for the mood that the label means first, and for moods that are rare in the sets.
#pragma once

#include <array>
#include <vector>

#include "fusion/mood/mood.hpp"
#include "ops/evaluation/corpus.hpp"

namespace bgm::train {

struct MoodTarget {
    std::array<float, kMoodCount> weights{};  // the largest is 1; all 0: says nothing of moods
    float mood_weight = 0;                    // of the example in the loss
    float felt = 0;                           // 1: there is something to feel; 0: there is not
    float felt_weight = 0;                    // 0: the example does not say
};

struct MoodTargetOptions {
    double rarity = 0;        // weights are multiplied by (share of the mood)^-rarity
    double group_weight = 0;  // of texts of which only pleasant or unpleasant is known
    double chat_weight = 0;   // of utterances about love and break-ups
};

class MoodTargets {
 public:
    /// Counts the moods of `examples`.
    MoodTargets(const std::vector<Example>& examples, const MoodTargetOptions& options);

    MoodTarget of(const Example& example) const;
    /// How often each mood is meant, sum 1.
    const std::array<double, kMoodCount>& shares() const { return shares_; }

 private:
    MoodTargetOptions options_;
    std::array<double, kMoodCount> shares_{};
};

}  // namespace bgm::train
