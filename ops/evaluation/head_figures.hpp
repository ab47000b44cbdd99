// How good a mood head is on labelled embeddings: the same measures as for the built-in text model.
#pragma once

#include <cstddef>
#include <span>

#include "fusion/mood/head.hpp"
#include "ops/evaluation/labelled_embeddings.hpp"
#include "schemas/result.hpp"

namespace bgm::train {

struct HeadFigures {
    std::size_t mood_rows = 0;           // rows that name a mood
    double top1 = 0;                     // share of them whose strongest mood is among theirs
    double calibration_error = 0;        // 15 equal bins
    double negative_log_likelihood = 0;  // of the set of a row's moods
    std::size_t affect_rows = 0;
    double valence_r = 0;  // Pearson
    double arousal_r = 0;
};

/// `invalid_argument` for embeddings that the head does not read.
Result<HeadFigures> measure_head(const LinearHead& head, std::span<const LabelledEmbedding> rows);

/// The temperature for a head that was written with temperature 1; 1 where no row names a mood.
Result<float> fit_temperature(const LinearHead& head, std::span<const LabelledEmbedding> rows);

}  // namespace bgm::train
