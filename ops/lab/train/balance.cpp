#include "ops/lab/train/balance.hpp"

#include <algorithm>
#include <cmath>

namespace bgm::train {
namespace {

constexpr int kSteps = 13;  // 0 to 1.2
// So much of the best share may be given up.
constexpr double kGivenUpMax = 0.01;

double share_right(std::span<const JudgedRow> rows, const std::array<double, kMoodCount>& shares,
                   double kept) {
    double right = 0;
    for (const JudgedRow& row : rows) {
        std::size_t top = 0;
        double best = -1;
        for (std::size_t k = 0; k < kMoodCount; ++k) {
            const double score = row.moods[k] * std::pow(shares[k], kept);
            if (score <= best) continue;
            best = score;
            top = k;
        }
        if (row.gold[top]) ++right;
    }
    return right / static_cast<double>(std::max<std::size_t>(1, rows.size()));
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
    int chosen = 0;
    for (const auto& rows : sets) {
        std::array<double, kSteps> right{};
        for (int step = 0; step < kSteps; ++step)
            right[static_cast<std::size_t>(step)] = share_right(rows, shares, 0.1 * step);
        const double enough = *std::max_element(right.begin(), right.end()) - kGivenUpMax;
        const auto first =
            std::find_if(right.begin(), right.end(), [&](double one) { return one >= enough; });
        chosen = std::max(chosen, static_cast<int>(first - right.begin()));
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
