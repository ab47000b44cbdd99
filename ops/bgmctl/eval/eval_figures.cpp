#include "ops/bgmctl/eval/eval_figures.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace bgm {
namespace {

double mean(std::span<const double> values) {
    double sum = 0;
    for (const double value : values) {
        sum += value;
    }
    return sum / static_cast<double>(values.size());
}

/// The place of the pick's mood; kMoodCount without one.
std::size_t strongest(const std::optional<v1::Pick>& pick) {
    const auto mood = pick ? mood_from_name(pick->mood()) : std::nullopt;
    return mood ? static_cast<std::size_t>(*mood) : kMoodCount;
}

double share(std::uint64_t part, std::uint64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::optional<double> pearson(std::span<const double> x, std::span<const double> y) {
    assert(x.size() == y.size());
    if (x.empty()) return std::nullopt;
    const double mean_x = mean(x);
    const double mean_y = mean(y);
    double covariance = 0;
    double variance_x = 0;
    double variance_y = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        covariance += (x[i] - mean_x) * (y[i] - mean_y);
        variance_x += (x[i] - mean_x) * (x[i] - mean_x);
        variance_y += (y[i] - mean_y) * (y[i] - mean_y);
    }
    if (variance_x <= 0 || variance_y <= 0) return std::nullopt;
    return covariance / std::sqrt(variance_x * variance_y);
}

EvalFigures evaluate(std::span<const Example> examples, std::span<const std::optional<v1::Pick>> picks) {
    assert(examples.size() == picks.size());
    EvalFigures figures;
    std::vector<double> gold_valence, valence, gold_arousal, arousal;
    std::uint64_t ambiguous = 0;
    std::uint64_t felt_ambiguous = 0;
    std::uint64_t plain_ambiguous = 0;
    train::CalibrationError calibration, graded;
    std::uint64_t mood_right = 0;
    std::uint64_t polarity_right = 0;
    for (std::size_t i = 0; i < examples.size(); ++i) {
        const Example& example = examples[i];
        const std::optional<v1::Pick>& pick = picks[i];
        ++figures.rows;
        if (pick) {
            ++figures.answered;
            if (pick->ambiguous()) ++ambiguous;
        }
        const bool said_ambiguous = pick && pick->ambiguous();
        if (has_mood(example)) {
            ++figures.rows_with_moods;
            if (said_ambiguous) ++felt_ambiguous;
            const auto m = strongest(pick);
            if (m < kMoodCount) {
                train::count(figures.moods, static_cast<Mood>(m), example.moods);
                if (example.moods[m]) ++mood_right;
                const auto probability = pick->moods().find(pick->mood());
                const double confidence = probability == pick->moods().end() ? 0 : probability->second;
                calibration.add(confidence, example.moods[m] ? 1 : 0);
                graded.add(confidence, credit(example, static_cast<Mood>(m)));
            } else {
                for (std::size_t k = 0; k < kMoodCount; ++k)
                    figures.moods[k].gold += example.moods[k] ? 1 : 0;
            }
        } else if (is_plain(example)) {
            ++figures.plain_rows;
            if (said_ambiguous) ++plain_ambiguous;
        }
        if (example.has_affect) {
            gold_valence.push_back(example.affect.valence);
            gold_arousal.push_back(example.affect.arousal);
            valence.push_back(pick ? pick->valence() : 0);
            arousal.push_back(pick ? pick->arousal() : 0);
        }
        if (example.polarity != 0) {
            ++figures.rows_with_polarity;
            if (pick && (pick->valence() > 0 ? 1 : -1) == example.polarity) ++polarity_right;
        }
    }
    if (figures.answered > 0) figures.ambiguous_share = share(ambiguous, figures.answered);
    if (figures.rows_with_moods > 0) {
        figures.top1 = share(mood_right, figures.rows_with_moods);
        figures.macro_f1 = train::macro_f1(figures.moods);
        figures.calibration_error = calibration.value();
        figures.graded_calibration_error = graded.value();
        figures.felt_ambiguous = share(felt_ambiguous, figures.rows_with_moods);
    }
    if (figures.plain_rows > 0) figures.plain_ambiguous = share(plain_ambiguous, figures.plain_rows);
    if (figures.rows_with_polarity > 0) {
        figures.polarity_accuracy = share(polarity_right, figures.rows_with_polarity);
    }
    figures.valence_r = pearson(gold_valence, valence);
    figures.arousal_r = pearson(gold_arousal, arousal);
    return figures;
}

}  // namespace bgm
