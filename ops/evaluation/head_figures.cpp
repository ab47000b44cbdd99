#include "ops/evaluation/head_figures.hpp"

#include <algorithm>
#include <cmath>

namespace bgm::train {

Result<HeadFigures> measure_head(const LinearHead& head, std::span<const LabelledEmbedding> rows) {
    HeadFigures figures;
    CalibrationError calibration;
    Correlation valence;
    Correlation arousal;
    double right = 0;
    for (const LabelledEmbedding& row : rows) {
        const auto evidence = head.read(row.embedding, 1);
        if (!evidence) return evidence.error();
        if (row.has_moods()) {
            const GoldMoods gold = row.gold();
            const auto top = static_cast<std::size_t>(strongest_mood(evidence->mood));
            ++figures.mood_rows;
            if (gold[top]) ++right;
            calibration.add(evidence->mood[top], gold[top]);
            figures.negative_log_likelihood -=
                std::log(std::max(1e-12, gold_probability(evidence->mood, gold)));
        }
        if (row.affect) {
            ++figures.affect_rows;
            valence.add(evidence->affect.valence, row.affect->valence);
            arousal.add(evidence->affect.arousal, row.affect->arousal);
        }
    }
    const auto count = static_cast<double>(std::max<std::size_t>(1, figures.mood_rows));
    figures.top1 = right / count;
    figures.negative_log_likelihood /= count;
    figures.calibration_error = calibration.value();
    figures.valence_r = valence.value();
    figures.arousal_r = arousal.value();
    return figures;
}

Result<float> fit_temperature(const LinearHead& head, std::span<const LabelledEmbedding> rows) {
    TemperatureFit fit;
    bool any = false;
    for (const LabelledEmbedding& row : rows) {
        if (!row.has_moods()) continue;
        const auto evidence = head.read(row.embedding, 1);
        if (!evidence) return evidence.error();
        fit.add(evidence->mood, row.gold());
        any = true;
    }
    return any ? TemperatureFit::best(fit.errors()) : 1.0F;
}

}  // namespace bgm::train
