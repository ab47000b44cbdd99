#include "ops/lab/train/figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "ops/evaluation/measures.hpp"

namespace bgm::train {

Result<MoodFigures> measure_moods(TextModel& model, const std::vector<Example>& examples) {
    constexpr std::array kFour{Mood::indignant, Mood::joyful, Mood::sad, Mood::triumphant};
    CalibrationError calibration;
    CalibrationError graded;
    MoodFigures figures;
    double right = 0;
    double right_of_four = 0;
    for (const Example& example : examples) {
        if (!has_mood(example) && !is_plain(example)) continue;
        const auto answer = model.answer(example.text);
        if (!answer) return answer.error();
        if (!has_mood(example)) {
            ++figures.plain_rows;
            if (answer->fused.ambiguous) ++figures.plain_ambiguous;
            continue;
        }
        ++figures.rows;
        if (answer->fused.ambiguous) ++figures.ambiguous;
        count(figures.moods, answer->fused.top, example.moods);
        if (example.moods[static_cast<std::size_t>(answer->fused.top)]) ++right;
        const auto mood = static_cast<std::size_t>(answer->fused.top);
        calibration.add(answer->fused.moods[mood], example.moods[mood] ? 1 : 0);
        const double share = credit(example, answer->fused.top);
        graded.add(answer->fused.moods[mood], share);
        if (share == 1) ++figures.most_meant;
        figures.negative_log_likelihood -=
            std::log(std::max(1e-12, gold_probability(answer->evidence, example.moods)));
        const Mood best = *std::max_element(kFour.begin(), kFour.end(), [&](Mood a, Mood b) {
            return answer->evidence[static_cast<std::size_t>(a)] <
                   answer->evidence[static_cast<std::size_t>(b)];
        });
        if (example.moods[static_cast<std::size_t>(best)]) ++right_of_four;
    }
    const auto rows = static_cast<double>(std::max<std::size_t>(1, figures.rows));
    figures.top1 = right / rows;
    figures.macro_f1 = macro_f1(figures.moods);
    figures.most_meant /= rows;
    figures.graded_calibration_error = graded.value();
    figures.ambiguous /= rows;
    figures.plain_ambiguous /= static_cast<double>(std::max<std::size_t>(1, figures.plain_rows));
    figures.top1_of_four = right_of_four / rows;
    figures.negative_log_likelihood /= rows;
    figures.calibration_error = calibration.value();
    return figures;
}

Result<FiveMoodFigures> measure_five_moods(TextModel& model, const std::vector<Example>& examples) {
    FiveMoodFigures figures;
    double hits = 0, false_alarms = 0, misses = 0;
    for (const Example& example : examples) {
        if (!example.in_five_moods) continue;
        const auto answer = model.answer(example.text);
        if (!answer) return answer.error();
        ++figures.rows;
        const auto probabilities = model.five_moods(*answer);
        for (std::size_t i = 0; i < probabilities.size(); ++i) {
            const bool said = probabilities[i] >= 0.5F;
            if (said && example.five_moods[i]) ++hits;
            if (said && !example.five_moods[i]) ++false_alarms;
            if (!said && example.five_moods[i]) ++misses;
        }
    }
    figures.precision = hits / std::max(1.0, hits + false_alarms);
    figures.recall = hits / std::max(1.0, hits + misses);
    figures.micro_f1 = 2 * hits / std::max(1.0, 2 * hits + false_alarms + misses);
    return figures;
}

Result<AffectFigures> measure_affect(TextModel& model, const std::vector<Example>& examples) {
    AffectFigures figures;
    Correlation valence;
    Correlation arousal;
    for (const Example& example : examples) {
        const auto answer = model.answer(example.text);
        if (!answer) return answer.error();
        ++figures.rows;
        valence.add(answer->fused.affect.valence, example.affect.valence);
        arousal.add(answer->fused.affect.arousal, example.affect.arousal);
    }
    figures.valence_r = valence.value();
    figures.arousal_r = arousal.value();
    return figures;
}

Result<PolarityFigures> measure_polarity(TextModel& model, const std::vector<Example>& examples) {
    PolarityFigures figures;
    double right = 0;
    for (const Example& example : examples) {
        const auto answer = model.answer(example.text);
        if (!answer) return answer.error();
        ++figures.rows;
        if ((answer->fused.affect.valence > 0) == (example.polarity > 0)) ++right;
    }
    figures.accuracy = right / static_cast<double>(std::max<std::size_t>(1, figures.rows));
    return figures;
}

}  // namespace bgm::train
