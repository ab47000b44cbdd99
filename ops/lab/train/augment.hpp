// Makes a labelled text look like a post: the data are comments and reviews, the posts that come in have
// emoji, typing mistakes, missing spaces, stretched vowels, hashtags.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "ops/evaluation/corpus.hpp"

namespace bgm::train {

using Random = std::mt19937_64;

/// Uniform in 0 .. count - 1; the standard distributions differ between libraries, this does not.
inline std::size_t draw(Random& random, std::size_t count) {
    return (random() >> 11U) % count;
}
inline bool chance(Random& random, double probability) {
    return static_cast<double>(random() >> 11U) * 0x1.0p-53 < probability;
}

class Augmenter {
 public:
    /// Borrows both. Terms of the lexicon that hold no letter (emoji) are sprinkled over examples of the same
    /// mood; examples without a mood lend the lexicon's words their surroundings.
    Augmenter(const std::vector<Example>& lexicon, const std::vector<Example>& examples);

    std::string operator()(const Example& example, Random& random) const;

    /// One to three terms of one mood, alone or behind or before a text that has none, as an example of their
    /// own.
    Example from_lexicon(Random& random) const;

 private:
    const std::vector<Example>& lexicon_;
    std::vector<std::vector<std::size_t>> emoji_by_mood_;
    std::vector<const Example*> moodless_english_;
    std::vector<const Example*> moodless_korean_;
};

}  // namespace bgm::train
