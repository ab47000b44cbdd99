#include "ops/evaluation/measures.hpp"

#include <algorithm>
#include <cmath>

namespace bgm::train {
namespace {

double temperature_of(std::size_t step) {
    return 0.5 + 0.05 * static_cast<double>(step);
}

// The strongest mood's probability when the head is read at `temperature` instead of 1.
double confidence_at(const MoodDistribution& moods, double temperature) {
    double all = 0;
    for (float mood : moods)
        all += std::pow(std::max(1e-12F, mood), 1.0 / temperature);
    return std::pow(*std::max_element(moods.begin(), moods.end()), 1.0 / temperature) / all;
}

}  // namespace

void CalibrationError::add(double confidence, double right) {
    const auto bin = static_cast<std::size_t>(confidence * static_cast<double>(gaps_.size()));
    gaps_[std::min(gaps_.size() - 1, bin)] += confidence - right;
    ++count_;
}

double CalibrationError::value() const {
    double sum = 0;
    for (double gap : gaps_)
        sum += std::fabs(gap);
    return sum / std::max(1.0, count_);
}

void Correlation::add(double x, double y) {
    ++count_;
    x_ += x;
    y_ += y;
    xx_ += x * x;
    yy_ += y * y;
    xy_ += x * y;
}

double Correlation::value() const {
    const double spread = std::sqrt((count_ * xx_ - x_ * x_) * (count_ * yy_ - y_ * y_));
    return spread > 0 ? (count_ * xy_ - x_ * y_) / spread : 0;
}

double MoodCounts::f1() const {
    const auto either = static_cast<double>(predicted + gold);
    return either > 0 ? 2 * static_cast<double>(predicted_right) / either : 0;
}

void count(std::array<MoodCounts, kMoodCount>& counts, Mood answer, const GoldMoods& gold) {
    const auto top = static_cast<std::size_t>(answer);
    ++counts[top].predicted;
    if (gold[top]) ++counts[top].predicted_right;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        if (gold[k]) ++counts[k].gold;
    }
}

double macro_f1(const std::array<MoodCounts, kMoodCount>& counts) {
    double sum = 0;
    double moods = 0;
    for (const MoodCounts& mood : counts) {
        if (mood.gold == 0) continue;
        sum += mood.f1();
        ++moods;
    }
    return moods > 0 ? sum / moods : 0;
}

Mood strongest_mood(const MoodDistribution& moods) {
    return static_cast<Mood>(std::max_element(moods.begin(), moods.end()) - moods.begin());
}

double gold_probability(const MoodDistribution& moods, const GoldMoods& gold) {
    double sum = 0;
    for (std::size_t mood = 0; mood < kMoodCount; ++mood) {
        if (gold[mood]) sum += moods[mood];
    }
    return sum;
}

void TemperatureFit::add(const MoodDistribution& moods, const GoldMoods& gold) {
    const double right = gold[static_cast<std::size_t>(strongest_mood(moods))] ? 1.0 : 0.0;
    for (std::size_t step = 0; step < kSteps; ++step)
        calibrations_[step].add(confidence_at(moods, temperature_of(step)), right);
}

std::array<double, TemperatureFit::kSteps> TemperatureFit::errors() const {
    std::array<double, kSteps> errors{};
    for (std::size_t step = 0; step < kSteps; ++step)
        errors[step] = calibrations_[step].value();
    return errors;
}

float TemperatureFit::best(const std::array<double, kSteps>& errors) {
    const auto best = std::min_element(errors.begin(), errors.end()) - errors.begin();
    return static_cast<float>(temperature_of(static_cast<std::size_t>(best)));
}

}  // namespace bgm::train
