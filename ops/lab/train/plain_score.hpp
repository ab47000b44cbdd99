// One number a feature that says whether a text with it has anything to feel: a logistic regression beside
// the network (Cheng et al. 2016 call such a half wide, the network deep), with a loss and a course of its
// own.
//
// The network learns the rows of its training set by heart, feature dropout or not; on other rows the
// regression tells plain sentences better, and it errs on other ones. What ships is a weighted mean of both
// log-odds. No code reads it: the numbers are one more column of the feature tables, a unit of the hidden
// layer hands their sums through, and the head adds them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ops/lab/train/augment.hpp"
#include "ops/lab/train/embedding_bag.hpp"
#include "ops/lab/train/trained_text.hpp"

namespace bgm::train {

/// The rows of a text's features in both tables, and whether there is anything to feel (1) or not (0).
struct PlainExample {
    std::span<const std::uint32_t> words, characters;
    float felt = 1;
};

class PlainScore {
 public:
    PlainScore(std::size_t word_rows, std::size_t character_rows, std::uint64_t seed)
        : words_(word_rows, 1, seed), characters_(character_rows, 1, seed + 1) {}

    void train(std::vector<PlainExample> examples, Random& random);

    /// Adds a column to both tables, a unit to the hidden layer, and its share to `felt`.
    void join(TrainedText& trained) const;

 private:
    void step(const PlainExample& example, float rate);

    EmbeddingBag words_;
    EmbeddingBag characters_;
    float bias_ = 0;
};

}  // namespace bgm::train
