// The figures of merit that all labelled sets share, one row at a time.
//
// Plain values, deterministic.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "fusion/mood/mood.hpp"

namespace bgm::train {

/// Expected calibration error: how far confidence and success are apart, in 15 equal bins (Guo et al. 2017).
class CalibrationError {
 public:
    /// `right` is 1 or 0, or a part of it where an answer can be partly right.
    void add(double confidence, double right);
    double value() const;

 private:
    std::array<double, 15> gaps_{};  // summed confidence less summed success
    double count_ = 0;
};

/// Pearson's; 0 where one of the two does not vary.
class Correlation {
 public:
    void add(double x, double y);
    double value() const;

 private:
    double count_ = 0, x_ = 0, y_ = 0, xx_ = 0, yy_ = 0, xy_ = 0;
};

using GoldMoods = std::array<bool, kMoodCount>;

struct MoodCounts {
    std::uint64_t predicted = 0;        // how often it was the answer
    std::uint64_t predicted_right = 0;  // and was among the gold moods
    std::uint64_t gold = 0;             // how often it was among the gold moods

    double f1() const;
};

void count(std::array<MoodCounts, kMoodCount>& counts, Mood answer, const GoldMoods& gold);

/// The mean of f1 over the moods that are gold somewhere; 0 where none is.
double macro_f1(const std::array<MoodCounts, kMoodCount>& counts);

Mood strongest_mood(const MoodDistribution& moods);
double gold_probability(const MoodDistribution& moods, const GoldMoods& gold);

/// The softmax temperature under which the strongest mood's probability is closest to how often it is a gold
/// mood, for a head that was written with temperature 1. The likelihood of all gold moods together would not
/// do: a row with several shares its probability out between them, yet each one is right.
class TemperatureFit {
 public:
    static constexpr std::size_t kSteps = 41;  // 0.5 to 2.5

    void add(const MoodDistribution& moods, const GoldMoods& gold);
    /// The calibration error at each temperature.
    std::array<double, kSteps> errors() const;
    static float best(const std::array<double, kSteps>& errors);

 private:
    std::array<CalibrationError, kSteps> calibrations_{};
};

}  // namespace bgm::train
