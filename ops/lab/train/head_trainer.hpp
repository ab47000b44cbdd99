// Fits a linear mood head to labelled embeddings: what takes the place of a head made of prompts.
//
//     moods:  multinomial logistic regression. Mean over rows of -sum_k y_k log softmax(W x + b)_k, plus
//             l2/2 |W|^2, by L-BFGS; y is the row's moods, 1 % of it spread over all thirteen, so that a mood
//             which the labels never name stays possible and the optimum finite
//     affect: ridge regression of valence and arousal; without labels for them, of where the row's moods lie
//             on the plane
//
// How strong the l2 of each is, and the temperature, is what does best on rows that were held back.
// Embeddings are centred and brought to a mean variance of 1 first, so that the same strengths suit all
// models; the head takes that in. The same rows, seed and machine give the same head.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ops/evaluation/labelled_embeddings.hpp"
#include "schemas/result.hpp"

namespace bgm::train {

/// Shuffles by the seed and moves the last `share` of the rows (at least one, not all) to the second.
struct SplitRows {
    std::vector<LabelledEmbedding> train;
    std::vector<LabelledEmbedding> held_back;
};
SplitRows split_rows(std::vector<LabelledEmbedding> rows, double share, std::uint64_t seed);

/// One strength that was tried: on the held-back rows, the cross entropy of the moods, or the mean squared
/// error of valence and arousal.
struct TriedStrength {
    double l2 = 0;
    double loss = 0;
};

struct TrainedHead {
    std::string file;  // the bytes of a head file (fusion/mood/head.hpp)
    float temperature = 1;
    std::vector<TriedStrength> mood_strengths, affect_strengths;  // in the order tried
    double mood_l2 = 0, affect_l2 = 0;
    bool affect_from_moods = false;
};

/// `invalid_argument` where there are no rows on either side, rows of different widths, or fewer than two
/// moods to tell apart.
Result<TrainedHead> train_head(const SplitRows& rows, const std::string& model, Modality modality);

}  // namespace bgm::train
