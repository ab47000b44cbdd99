// Heads compared on the same seeds: the figures are those of a hand-made case, intervals hold what is true as
// often as they say, and what may be offered follows the rule.
#include "ops/teaching/head_judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace bgm {
namespace {

using ::testing::HasSubstr;

MoodDistribution even() {
    MoodDistribution mix;
    mix.fill(1.0F / kMoodCount);
    return mix;
}

SeedLabel label_of(Mood mood, float valence, std::uint32_t person) {
    SeedLabel label{
        .affect = {.valence = valence, .arousal = valence}, .weight = 1, .group = person * kSeedFolds};
    label.moods[static_cast<std::size_t>(mood)] = 1;
    return label;
}

Evidence said(Mood mood, float sure, float valence) {
    Evidence evidence{.affect = {.valence = valence, .arousal = -valence}, .precision = 1};
    evidence.mood.fill((1 - sure) / (kMoodCount - 1));
    evidence.mood[static_cast<std::size_t>(mood)] = sure;
    return evidence;
}

double figure(const ComparedHeads& heads, TaughtFigure which, double Compared::*of) {
    return heads[static_cast<std::size_t>(which)].*of;
}

TEST(HeadJudge, CountsAsByHand) {
    HeadJudge judge;
    // In use: always calm with 0.6. Taught: right with 0.8.
    for (std::uint32_t i = 0; i < 100; ++i) {
        const Mood mood = i % 2 == 0 ? Mood::calm : Mood::sad;
        const float valence = i % 2 == 0 ? 0.5F : -0.5F;
        judge.add(label_of(mood, valence, i), even(), said(Mood::calm, 0.6F, 0.1F),
                  said(mood, 0.8F, valence));
    }
    const auto heads = judge.compare();
    EXPECT_NEAR(figure(heads, TaughtFigure::valence_r, &Compared::in_use), 0, 1e-9) << "it does not vary";
    EXPECT_NEAR(figure(heads, TaughtFigure::valence_r, &Compared::taught), 1, 1e-6);
    EXPECT_NEAR(figure(heads, TaughtFigure::arousal_r, &Compared::taught), -1, 1e-6);
    // Calm: 100 answers, 50 of them right, 50 meant; sad: none.
    EXPECT_NEAR(figure(heads, TaughtFigure::macro_f1, &Compared::in_use), (2 * 50.0 / 150 + 0) / 2, 1e-6);
    EXPECT_NEAR(figure(heads, TaughtFigure::macro_f1, &Compared::taught), 1, 1e-6);
    EXPECT_NEAR(figure(heads, TaughtFigure::calibration_error, &Compared::in_use), 0.1, 1e-6);
    EXPECT_NEAR(figure(heads, TaughtFigure::calibration_error, &Compared::taught), 0.2, 1e-6);
    EXPECT_NEAR(figure(heads, TaughtFigure::calibration_error, &Compared::better), -0.1, 1e-6);
}

// 100 sets of posts in which the taught head is truly better by a known amount.
TEST(HeadJudge, HasIntervalsThatHoldTheTruth) {
    const double seen_before = 0.2;
    const double seen_after = 0.35;
    int held = 0;
    constexpr int kSets = 100;
    for (int set = 0; set < kSets; ++set) {
        std::mt19937_64 numbers(static_cast<std::uint64_t>(set) + 1);
        std::normal_distribution<float> normal;
        HeadJudge judge;
        for (std::uint32_t person = 0; person < 200; ++person) {
            const float tendency = 0.5F * normal(numbers);  // posts of one person are alike
            for (int post = 0; post < 4; ++post) {
                const float a = normal(numbers);
                const float b = normal(numbers);
                const float rest = 0.866F * normal(numbers) + tendency;
                const auto after =
                    static_cast<float>(std::sqrt(seen_after * seen_after - seen_before * seen_before));
                const float truth = static_cast<float>(seen_before) * a + after * b +
                                    static_cast<float>(std::sqrt(1 - seen_after * seen_after)) * rest;
                const float best =
                    (static_cast<float>(seen_before) * a + after * b) / static_cast<float>(seen_after);
                judge.add(label_of(Mood::calm, 0.1F * truth, person), even(),
                          said(Mood::calm, 0.5F, 0.1F * a), said(Mood::calm, 0.5F, 0.1F * best));
            }
        }
        const Compared valence = judge.compare()[0];
        held += valence.low <= seen_after - seen_before && seen_after - seen_before <= valence.high ? 1 : 0;
    }
    EXPECT_GE(held, 90) << "of 100 intervals, 95 should";
}

TEST(HeadJudge, OffersWhatIsSurelyBetterAndNowhereWorse) {
    const auto verdict_of = [](const Compared& valence, const Compared& moods) {
        ComparedHeads heads{};
        heads[0] = valence;
        heads[static_cast<std::size_t>(TaughtFigure::macro_f1)] = moods;
        return judge(heads);
    };
    const Compared same{};
    EXPECT_TRUE(verdict_of({.better = 0.05, .low = 0.01, .high = 0.09, .surely = 0.005}, same).better);
    EXPECT_FALSE(verdict_of({.better = 0.05, .low = 0.001, .high = 0.1, .surely = -0.01}, same).better)
        << "not surely";
    const auto worse = verdict_of({.better = 0.05, .low = 0.01, .high = 0.09, .surely = 0.005},
                                  {.better = -0.02, .low = -0.05, .high = 0.01});
    EXPECT_FALSE(worse.better);
    EXPECT_THAT(worse.why, HasSubstr("macro_f1"));
    EXPECT_FALSE(verdict_of(same, {.better = 0.05, .low = 0.01, .high = 0.09, .surely = 0.005}).better)
        << "answers that are strewn about get more of it on noise";
}

TEST(HeadJudge, SaysNothingOfNobody) {
    const auto heads = HeadJudge().compare();
    EXPECT_EQ(heads[0].in_use, 0);
    EXPECT_FALSE(judge(heads).better);
}

}  // namespace
}  // namespace bgm
