#include "ops/bgm-train/figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace bgm {
namespace {

bool has_mood(const Example& example) {
    return std::any_of(example.moods.begin(), example.moods.end(), [](bool held) { return held; });
}

double gold_probability(const MoodDistribution& moods, const Example& example, double temperature) {
    double gold = 0;
    double all = 0;
    for (std::size_t mood = 0; mood < kMoodCount; ++mood) {
        const double weight = std::pow(std::max(1e-12F, moods[mood]), 1.0 / temperature);
        all += weight;
        if (example.moods[mood]) gold += weight;
    }
    return gold / all;
}

class Correlation {
 public:
    void add(double x, double y) {
        ++count_;
        x_ += x;
        y_ += y;
        xx_ += x * x;
        yy_ += y * y;
        xy_ += x * y;
    }
    double pearson() const {
        const double spread = std::sqrt((count_ * xx_ - x_ * x_) * (count_ * yy_ - y_ * y_));
        return spread > 0 ? (count_ * xy_ - x_ * y_) / spread : 0;
    }

 private:
    double count_ = 0, x_ = 0, y_ = 0, xx_ = 0, yy_ = 0, xy_ = 0;
};

}  // namespace

Result<MoodFigures> measure_moods(TextModel& model, const std::vector<Example>& examples) {
    constexpr std::size_t kBins = 15;
    constexpr std::array kFour{Mood::indignant, Mood::joyful, Mood::sad, Mood::triumphant};
    struct Bin {
        double confidence = 0, right = 0, count = 0;
    };
    std::array<Bin, kBins> bins{};
    MoodFigures figures;
    double right = 0;
    double right_of_four = 0;
    for (const Example& example : examples) {
        if (!has_mood(example)) continue;
        const auto answer = model.answer(example.text);
        if (!answer) return answer.error();
        ++figures.rows;
        if (example.moods[static_cast<std::size_t>(answer->fused.top)]) ++right;
        const auto strongest = std::max_element(answer->evidence.begin(), answer->evidence.end());
        const auto mood = static_cast<std::size_t>(strongest - answer->evidence.begin());
        auto& bin = bins[std::min<std::size_t>(kBins - 1, static_cast<std::size_t>(*strongest * kBins))];
        bin.confidence += *strongest;
        bin.right += example.moods[mood] ? 1 : 0;
        ++bin.count;
        figures.negative_log_likelihood -=
            std::log(std::max(1e-12, gold_probability(answer->evidence, example, 1)));
        const Mood best = *std::max_element(kFour.begin(), kFour.end(), [&](Mood a, Mood b) {
            return answer->evidence[static_cast<std::size_t>(a)] <
                   answer->evidence[static_cast<std::size_t>(b)];
        });
        if (example.moods[static_cast<std::size_t>(best)]) ++right_of_four;
    }
    const auto rows = static_cast<double>(std::max<std::size_t>(1, figures.rows));
    figures.top1 = right / rows;
    figures.top1_of_four = right_of_four / rows;
    figures.negative_log_likelihood /= rows;
    for (const Bin& bin : bins)
        figures.calibration_error += std::fabs(bin.confidence - bin.right) / rows;
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
    figures.valence_r = valence.pearson();
    figures.arousal_r = arousal.pearson();
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

Result<float> fit_temperature(TextModel& model, const std::vector<const std::vector<Example>*>& sets) {
    constexpr int kSteps = 41;  // 0.50, 0.55 ... 2.50
    std::array<double, kSteps> cost{};
    for (const auto* examples : sets) {
        for (const Example& example : *examples) {
            if (!has_mood(example)) continue;
            const auto answer = model.answer(example.text);
            if (!answer) return answer.error();
            for (int i = 0; i < kSteps; ++i) {
                const double temperature = 0.5 + 0.05 * i;
                cost[static_cast<std::size_t>(i)] -=
                    std::log(std::max(1e-12, gold_probability(answer->evidence, example, temperature)));
            }
        }
    }
    const auto best = std::min_element(cost.begin(), cost.end()) - cost.begin();
    return 0.5F + 0.05F * static_cast<float>(best);
}

}  // namespace bgm
