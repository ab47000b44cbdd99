#include "ops/lab/train/balance.hpp"

#include <algorithm>
#include <cmath>

namespace bgm::train {
namespace {

constexpr int kSteps = 13;  // 0 to 1.2
// Of macro-F1, so much may be given up.
constexpr double kGivenUpMax = 0.02;

double macro_f1_at(std::span<const JudgedRow> rows, const std::array<double, kMoodCount>& shares,
                   double kept) {
    std::array<MoodCounts, kMoodCount> counts{};
    for (const JudgedRow& row : rows) {
        MoodDistribution moods = row.moods;
        for (std::size_t k = 0; k < kMoodCount; ++k)
            moods[k] *= static_cast<float>(std::pow(shares[k], kept));
        count(counts, strongest_mood(moods), row.gold);
    }
    return macro_f1(counts);
}

}  // namespace

Result<std::vector<JudgedRow>> judge_rows(TextModel& model, const std::vector<Example>& examples) {
    std::vector<JudgedRow> rows;
    for (const Example& example : examples) {
        if (!has_mood(example)) continue;
        const auto answer = model.answer(example.text);
        if (!answer) return answer.error();
        rows.push_back({.moods = answer->evidence, .gold = example.moods, .felt = answer->felt});
    }
    return rows;
}

double choose_kept(const std::vector<std::span<const JudgedRow>>& sets,
                   const std::array<double, kMoodCount>& shares) {
    int chosen = kSteps - 1;
    for (const auto& rows : sets) {
        std::array<double, kSteps> figures{};
        for (int step = 0; step < kSteps; ++step)
            figures[static_cast<std::size_t>(step)] = macro_f1_at(rows, shares, 0.1 * step);
        const double enough = *std::max_element(figures.begin(), figures.end()) - kGivenUpMax;
        int most = kSteps - 1;
        while (figures[static_cast<std::size_t>(most)] < enough)
            --most;
        chosen = std::min(chosen, most);
    }
    return 0.1 * chosen;
}

void keep_frequencies(TrainedLayer& mood, const std::array<double, kMoodCount>& shares, double kept) {
    for (std::size_t k = 0; k < kMoodCount; ++k)
        mood.bias[k] += static_cast<float>(kept * std::log(shares[k]));
}

void place_felt(TrainedLayer& felt, const std::vector<std::span<const JudgedRow>>& sets, double share) {
    float least = 1;
    for (const auto& rows : sets) {
        if (rows.empty()) continue;
        std::vector<float> all;
        for (const JudgedRow& row : rows)
            all.push_back(row.felt);
        const auto at =
            all.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(all.size() - 1));
        std::nth_element(all.begin(), at, all.end());
        least = std::min(least, *at);
    }
    const float border = std::clamp(least, 1e-6F, 1 - 1e-6F);
    felt.bias.front() -= std::log(border / (1 - border));
}

}  // namespace bgm::train
