// How good the moods are, against labelled text. Pure arithmetic.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fusion/mood/mood.hpp"
#include "ops/evaluation/corpus.hpp"
#include "ops/evaluation/measures.hpp"
#include "schemas/bgm.pb.h"

namespace bgm {

/// A text without an answer counts as wrong, and as valence and arousal 0: it cannot make a figure better.
struct EvalFigures {
    std::uint64_t rows = 0;
    std::uint64_t answered = 0;
    double ambiguous_share = 0;               // of the answered
    std::uint64_t rows_with_moods = 0;        // rows whose labels map to at least one mood
    std::optional<double> top1;               // share of those whose strongest mood is among the gold moods
    std::optional<double> macro_f1;           // over the moods that are gold somewhere
    std::optional<double> calibration_error;  // expected calibration error of the answer's probability
    std::optional<double> graded_calibration_error;  // the same, partly right answers counting in part
    std::optional<double> felt_ambiguous;            // share of the rows with a mood
    std::uint64_t plain_rows = 0;                    // rows whose labels say that there is no feeling
    std::optional<double> plain_ambiguous;
    std::optional<double> valence_r;  // Pearson, over the rows that have one
    std::optional<double> arousal_r;
    std::uint64_t rows_with_polarity = 0;
    std::optional<double> polarity_accuracy;  // sign of the valence against good and bad
    std::array<train::MoodCounts, kMoodCount> moods{};
};

/// `picks[i]` answers `examples[i]`.
EvalFigures evaluate(std::span<const Example> examples, std::span<const std::optional<v1::Pick>> picks);

/// Pearson's correlation; nothing where one of the two does not vary.
std::optional<double> pearson(std::span<const double> x, std::span<const double> y);

}  // namespace bgm
