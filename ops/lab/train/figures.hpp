// The figures of merit of the text model, each over one labelled set.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "ops/evaluation/corpus.hpp"
#include "ops/evaluation/measures.hpp"
#include "ops/lab/train/text_model.hpp"
#include "schemas/result.hpp"

namespace bgm::train {

struct MoodFigures {
    std::size_t rows = 0;  // rows whose labels map to a mood
    double top1 = 0;       // share whose strongest fused mood is a gold mood
    double macro_f1 = 0;   // mean over the moods that are gold in some row
    std::array<MoodCounts, kMoodCount> moods{};
    double calibration_error =
        0;  // expected calibration error of the fused mood, 15 equal bins (Guo et al. 2017)
    // Where a dozen labels a text make nearly every mood a gold one (KOTE):
    double most_meant = 0;                // share of rows where no other mood is meant by more of the labels
    double graded_calibration_error = 0;  // the answer's credit() in the place of right or wrong
    double ambiguous = 0;                 // share of these rows
    std::size_t plain_rows = 0;           // rows whose labels say that there is no feeling
    double plain_ambiguous = 0;           // share of those
    double negative_log_likelihood = 0;   // of the set of gold moods
    double top1_of_four =
        0;  // among indignant, joyful, sad, triumphant alone: what the tweets are labelled with
};

struct FiveMoodFigures {
    std::size_t rows = 0;
    double micro_f1 = 0;  // threshold 0.5
    double precision = 0;
    double recall = 0;
};

struct AffectFigures {
    std::size_t rows = 0;
    double valence_r = 0;  // Pearson
    double arousal_r = 0;
};

struct PolarityFigures {
    std::size_t rows = 0;
    double accuracy = 0;  // sign of valence
};

Result<MoodFigures> measure_moods(TextModel& model, const std::vector<Example>& examples);
Result<FiveMoodFigures> measure_five_moods(TextModel& model, const std::vector<Example>& examples);
Result<AffectFigures> measure_affect(TextModel& model, const std::vector<Example>& examples);
Result<PolarityFigures> measure_polarity(TextModel& model, const std::vector<Example>& examples);

}  // namespace bgm::train
