// Makes a labelled text look like a post: the data are comments and reviews, the posts that come in have
// emoji, typing mistakes, missing spaces, stretched vowels, hashtags.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ops/evaluation/corpus.hpp"

namespace bgm::train {

using Random = std::mt19937_64;

/// Uniform in 0 .. count - 1; the standard distributions differ between libraries, this does not.
inline std::size_t draw(Random& random, std::size_t count) {
    return (random() >> 11U) % count;
}
template <typename Item>
void shuffle(std::vector<Item>& items, Random& random) {
    for (std::size_t i = items.size(); i > 1; --i)
        std::swap(items[i - 1], items[draw(random, i)]);
}
inline bool chance(Random& random, double probability) {
    return static_cast<double>(random() >> 11U) * 0x1.0p-53 < probability;
}

/// Draws one of a, b, c for each {a,b,c}.
std::string drawn_from(std::string_view pattern, Random& random);

class Augmenter {
 public:
    /// Borrows both. Terms of the lexicon that hold no letter (emoji) are sprinkled over examples of the same
    /// mood; examples without a mood lend the lexicon's words their surroundings.
    Augmenter(const std::vector<Example>& lexicon, const std::vector<Example>& examples);

    std::string operator()(const Example& example, Random& random) const;

    /// One to three terms of one mood, alone or behind or before a text that has none, as an example of their
    /// own; or a sentence without feeling. A set of moods is as likely as the root of the number of its
    /// terms.
    Example from_lexicon(Random& random) const;

 private:
    /// Something bad with a laugh or with praise: what is meant is the bad part.
    Example with_irony(Random& random) const;
    /// An adjective of the lexicon that is denied means the other side. Adjectives are what the lexicon also
    /// has behind "so" in English, and in the dictionary form in Korean.
    Example with_denial(Random& random) const;

    const std::vector<Example>& lexicon_;
    std::vector<std::vector<std::size_t>> emoji_by_mood_;
    std::vector<std::vector<std::size_t>> terms_by_mood_;  // one list a set of moods, a pattern more often
    std::vector<std::size_t> draws_by_mood_;               // of terms_by_mood_, to draw one from
    std::vector<std::size_t> grave_terms_;
    std::vector<std::size_t> plain_terms_;
    std::array<std::vector<std::size_t>, 2> misfortunes_;  // English, Korean
    std::array<std::vector<std::size_t>, 2> praise_;
    std::array<std::vector<std::size_t>, 2> deniable_;
    std::vector<const Example*> moodless_english_;
    std::vector<const Example*> moodless_korean_;
};

}  // namespace bgm::train
