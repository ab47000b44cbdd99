#include "ops/bgm-train/figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace bgm {
namespace {

bool has_mood(const Example& example) {
    return std::any_of(example.moods.begin(), example.moods.end(), [](bool held) { return held; });
}

double gold_probability(const MoodDistribution& moods, const Example& example) {
    double gold = 0;
    for (std::size_t mood = 0; mood < kMoodCount; ++mood) {
        if (example.moods[mood]) gold += moods[mood];
    }
    return gold;
}

/// Expected calibration error: how far confidence and success are apart, in 15 equal bins (Guo et al. 2017).
class Calibration {
 public:
    void add(double confidence, bool right) {
        const auto bin = static_cast<std::size_t>(confidence * static_cast<double>(gaps_.size()));
        gaps_[std::min(gaps_.size() - 1, bin)] += confidence - (right ? 1.0 : 0.0);
        ++count_;
    }
    double error() const {
        double sum = 0;
        for (double gap : gaps_)
            sum += std::fabs(gap);
        return sum / std::max(1.0, count_);
    }

 private:
    std::array<double, 15> gaps_{};  // summed confidence less summed success
    double count_ = 0;
};

// The strongest mood's probability when the head is read at `temperature` instead of 1.
double confidence_at(const MoodDistribution& moods, double temperature) {
    double all = 0;
    for (float mood : moods)
        all += std::pow(std::max(1e-12F, mood), 1.0 / temperature);
    return std::pow(*std::max_element(moods.begin(), moods.end()), 1.0 / temperature) / all;
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
    constexpr std::array kFour{Mood::indignant, Mood::joyful, Mood::sad, Mood::triumphant};
    Calibration calibration;
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
        calibration.add(*strongest, example.moods[mood]);
        figures.negative_log_likelihood -=
            std::log(std::max(1e-12, gold_probability(answer->evidence, example)));
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
    figures.calibration_error = calibration.error();
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
    constexpr std::size_t kSteps = 41;
    const auto temperature_of = [](std::size_t step) { return 0.5 + 0.05 * static_cast<double>(step); };
    std::array<double, kSteps> error{};
    for (const auto* examples : sets) {
        std::array<Calibration, kSteps> calibrations{};
        for (const Example& example : *examples) {
            if (!has_mood(example)) continue;
            const auto answer = model.answer(example.text);
            if (!answer) return answer.error();
            const auto strongest = std::max_element(answer->evidence.begin(), answer->evidence.end());
            const bool right = example.moods[static_cast<std::size_t>(strongest - answer->evidence.begin())];
            for (std::size_t step = 0; step < kSteps; ++step) {
                calibrations[step].add(confidence_at(answer->evidence, temperature_of(step)), right);
            }
        }
        for (std::size_t step = 0; step < kSteps; ++step)
            error[step] += calibrations[step].error();
    }
    const auto best = std::min_element(error.begin(), error.end()) - error.begin();
    return static_cast<float>(temperature_of(static_cast<std::size_t>(best)));
}

}  // namespace bgm
