// Which sequence of tokens a language model puts out: the likeliest next one each time (greedy), or the best
// of several that are followed side by side (beam search). The model is behind an interface, so the search
// knows no tensors.
//
// As transformers 4.34 generates: a beam that ends is set aside with its sum of log-probabilities divided by
// its length (without the end token) to the power of `length_penalty`; a sequence is done when as many as
// there are beams have been set aside and no open one can still beat the worst of them, taking the best open
// one at its present length ("early_stopping": false). Of equal scores the smaller token wins.
//
// Deterministic. Keeps nothing between calls; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

class NextTokenScorer {
 public:
    virtual ~NextTokenScorer() = default;
    /// Numbers a row.
    virtual std::size_t vocabulary() const = 0;
    /// Begins one row per prompt (all of one length, at least 1) and gives what may follow each:
    /// [rows, vocabulary] logits, row after row, until the next call.
    virtual std::span<const float> start(std::span<const std::vector<std::int64_t>> prompts) = 0;
    /// Row i goes on from row `parents[i]` of the call before, with `tokens[i]`. Rows of one prompt stay
    /// together, the prompts in order and each with the same number of rows; a prompt that is done has none.
    virtual std::span<const float> advance(std::span<const std::size_t> parents,
                                           std::span<const std::int64_t> tokens) = 0;
};

struct TokenSearch {
    std::size_t beams = 1;  // 1: greedy
    std::size_t length_min = 0;
    std::size_t length_max = 20;  // with the prompt; a prompt that is as long still gets one token
    std::int64_t end_id = 0;
    std::int64_t pad_id = 0;
    double length_penalty = 1.0;
    bool early_stopping = false;  // done as soon as as many beams have ended as there are beams
};

/// The prompts and what follows them, the end token included where it was reached, padded to the longest.
/// `invalid_argument` for prompts that are empty or of different lengths, and for more beams than half the
/// vocabulary; `corrupt` where the model gives a number that is no number.
Result<std::vector<std::vector<std::int64_t>>> search_tokens(
    NextTokenScorer& scorer, std::span<const std::vector<std::int64_t>> prompts, const TokenSearch& search);

}  // namespace bgm
