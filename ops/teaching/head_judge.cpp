#include "ops/teaching/head_judge.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <random>

#include "ops/evaluation/measures.hpp"
#include "ops/teaching/mood_mix.hpp"

namespace bgm {
namespace {

constexpr std::size_t kGroups = 1'000;
constexpr int kDraws = 1'000;
constexpr double kTolerated = 0.01;

std::size_t at(TaughtFigure figure) {
    return static_cast<std::size_t>(figure);
}

double correlation(double n, const double* sums) {
    if (!(n > 0)) return 0;
    const double y = sums[0] / n;
    const double yy = sums[1] / n - y * y;
    const double x = sums[2] / n;
    const double xx = sums[3] / n - x * x;
    if (!(xx > 1e-12) || !(yy > 1e-12)) return 0;
    return (sums[4] / n - x * y) / std::sqrt(xx * yy);
}

}  // namespace

std::string_view name(TaughtFigure figure) {
    static constexpr std::array<std::string_view, kTaughtFigures> kNames{"valence_r", "arousal_r", "macro_f1",
                                                                         "calibration_error"};
    return kNames.at(at(figure));
}

Verdict judge(const ComparedHeads& figures) {
    for (std::size_t i = 0; i < kTaughtFigures; ++i) {
        const Compared& one = figures[i];
        if (one.high < 0 || one.better < -kTolerated)
            return {
                .better = false,
                .why = std::string(name(static_cast<TaughtFigure>(i))) + " gets worse on seeds held back"};
    }
    for (const TaughtFigure figure : {TaughtFigure::valence_r, TaughtFigure::arousal_r}) {
        if (figures[at(figure)].surely > 0)
            return {.better = true, .why = std::string(name(figure)) + " surely rises on seeds held back"};
    }
    return {.better = false, .why = "neither valence_r nor arousal_r surely rises on seeds held back"};
}

HeadJudge::HeadJudge() : groups_(kGroups) {}

void HeadJudge::add(const SeedLabel& label, const MoodDistribution& mix, const Evidence& in_use,
                    const Evidence& taught) {
    Sums& sums = groups_[label.group / kSeedFolds % kGroups];
    const double w = label.weight;
    const double balanced = w * balance(label.moods, mix);
    const auto gold = static_cast<std::size_t>(train::strongest_mood(label.moods));
    sums.weight += w;
    sums.balanced += balanced;
    sums.gold[gold] += w;
    for (std::size_t head = 0; head < 2; ++head) {
        const Evidence& said = head == 0 ? in_use : taught;
        HeadSums& of = sums.heads[head];
        const std::array<std::pair<double, double>, 2> pairs{
            {{label.affect.valence, said.affect.valence}, {label.affect.arousal, said.affect.arousal}}};
        for (std::size_t a = 0; a < 2; ++a) {
            const auto [y, x] = pairs[a];
            double* const into = &of.affect[5 * a];
            into[0] += w * y;
            into[1] += w * y * y;
            into[2] += w * x;
            into[3] += w * x * x;
            into[4] += w * x * y;
        }
        const auto answer = static_cast<std::size_t>(train::strongest_mood(said.mood));
        of.answered[answer] += w;
        if (answer == gold) of.right[answer] += w;
        const double sure = said.mood[answer];
        const auto bin = std::min(kBins - 1, static_cast<std::size_t>(sure * double{kBins}));
        of.gaps[bin] += balanced * (sure - label.moods[answer]);
    }
}

std::array<double, kTaughtFigures> HeadJudge::figures(const Sums& sums, std::size_t head) {
    const HeadSums& of = sums.heads[head];
    std::array<double, kTaughtFigures> all{};
    all[at(TaughtFigure::valence_r)] = correlation(sums.weight, of.affect.data());
    all[at(TaughtFigure::arousal_r)] = correlation(sums.weight, of.affect.data() + 5);
    double f1 = 0;
    int moods = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        if (!(sums.gold[k] > 0)) continue;
        ++moods;
        f1 += 2 * of.right[k] / (of.answered[k] + sums.gold[k]);
    }
    all[at(TaughtFigure::macro_f1)] = moods > 0 ? f1 / moods : 0;
    double gaps = 0;
    for (const double gap : of.gaps)
        gaps += std::abs(gap);
    all[at(TaughtFigure::calibration_error)] = sums.balanced > 0 ? gaps / sums.balanced : 0;
    return all;
}

void HeadJudge::add(Sums& to, const Sums& from, double times) {
    to.weight += times * from.weight;
    to.balanced += times * from.balanced;
    for (std::size_t k = 0; k < kMoodCount; ++k)
        to.gold[k] += times * from.gold[k];
    for (std::size_t head = 0; head < 2; ++head) {
        HeadSums& into = to.heads[head];
        const HeadSums& of = from.heads[head];
        for (std::size_t i = 0; i < into.affect.size(); ++i)
            into.affect[i] += times * of.affect[i];
        for (std::size_t k = 0; k < kMoodCount; ++k) {
            into.answered[k] += times * of.answered[k];
            into.right[k] += times * of.right[k];
        }
        for (std::size_t bin = 0; bin < kBins; ++bin)
            into.gaps[bin] += times * of.gaps[bin];
    }
}

ComparedHeads HeadJudge::compare() const {
    std::vector<const Sums*> people;
    Sums all;
    for (const Sums& group : groups_) {
        if (!(group.weight > 0)) continue;
        people.push_back(&group);
        add(all, group, 1);
    }
    const auto better = [](const Sums& sums) {
        const auto before = figures(sums, 0);
        const auto after = figures(sums, 1);
        std::array<double, kTaughtFigures> gains{};
        for (std::size_t i = 0; i < kTaughtFigures; ++i)
            gains[i] = after[i] - before[i];
        gains[at(TaughtFigure::calibration_error)] *= -1;
        return gains;
    };
    std::array<std::vector<double>, kTaughtFigures> drawn;
    std::mt19937_64 numbers(1);
    for (int draw = 0; draw < kDraws && !people.empty(); ++draw) {
        Sums sums;
        std::vector<int> times(people.size());
        for (std::size_t i = 0; i < people.size(); ++i)
            ++times[numbers() % people.size()];
        for (std::size_t i = 0; i < people.size(); ++i) {
            if (times[i] > 0) add(sums, *people[i], times[i]);
        }
        const auto gains = better(sums);
        for (std::size_t i = 0; i < kTaughtFigures; ++i)
            drawn[i].push_back(gains[i]);
    }
    ComparedHeads compared;
    const auto before = figures(all, 0);
    const auto after = figures(all, 1);
    const auto gains = better(all);
    for (std::size_t i = 0; i < kTaughtFigures; ++i) {
        compared[i] = {.in_use = before[i], .taught = after[i], .better = gains[i]};
        if (drawn[i].empty()) continue;
        std::sort(drawn[i].begin(), drawn[i].end());
        compared[i].surely = drawn[i][kDraws / 200];
        compared[i].low = drawn[i][kDraws / 40];
        compared[i].high = drawn[i][kDraws - 1 - kDraws / 40];
    }
    return compared;
}

}  // namespace bgm
