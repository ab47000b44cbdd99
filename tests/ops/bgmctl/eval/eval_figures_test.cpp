// The figures against numbers worked out by hand; a text without an answer never makes one better.
#include "ops/bgmctl/eval/eval_figures.hpp"

#include <gtest/gtest.h>

namespace bgm {
namespace {

std::optional<v1::Pick> answer(const std::string& mood, float valence) {
    v1::Pick pick;
    pick.set_mood(mood);
    pick.set_valence(valence);
    return pick;
}

Example gold(std::initializer_list<Mood> moods) {
    Example example;
    for (const Mood mood : moods) {
        example.moods[static_cast<std::size_t>(mood)] = true;
    }
    return example;
}

Example rated(float valence) {
    Example example;
    example.has_affect = true;
    example.affect.valence = valence;
    return example;
}

Example review(int polarity) {
    Example example;
    example.polarity = polarity;
    return example;
}

TEST(EvalFigures, CountAMoodThatIsAmongTheGoldOnes) {
    const std::vector<Example> examples{gold({Mood::calm, Mood::sad}), gold({Mood::sad}), gold({}),
                                        gold({Mood::calm}), gold({Mood::calm})};
    const std::vector<std::optional<v1::Pick>> picks{answer("calm", 0), answer("calm", 0), answer("calm", 0),
                                                     std::nullopt, answer("no mood", 0)};
    const EvalFigures figures = evaluate(examples, picks);
    EXPECT_EQ(figures.rows, 5u);
    EXPECT_EQ(figures.answered, 4u);
    EXPECT_EQ(figures.rows_with_moods, 4u) << "a row without gold moods can be neither right nor wrong";
    EXPECT_DOUBLE_EQ(*figures.top1, 0.25);
    const train::MoodCounts& calm = figures.moods[static_cast<std::size_t>(Mood::calm)];
    EXPECT_EQ(calm.predicted, 2u);
    EXPECT_EQ(calm.predicted_right, 1u);
    EXPECT_EQ(calm.gold, 3u);
    EXPECT_FALSE(figures.valence_r);
    EXPECT_FALSE(figures.polarity_accuracy);
}

// Of two labels for calm and one for sad, sad is right by half; the answer was as sure of it as that.
TEST(EvalFigures, GradedCalibrationCountsPartlyRightAnswersInPart) {
    Example example = gold({Mood::calm, Mood::sad});
    example.votes[static_cast<std::size_t>(Mood::calm)] = 2;
    example.votes[static_cast<std::size_t>(Mood::sad)] = 1;
    auto pick = answer("sad", 0);
    (*pick->mutable_moods())["sad"] = 0.5F;
    const EvalFigures figures = evaluate(std::vector{example}, std::vector{pick});
    EXPECT_DOUBLE_EQ(*figures.calibration_error, 0.5);
    EXPECT_DOUBLE_EQ(*figures.graded_calibration_error, 0.0);
    example.votes = {};
    EXPECT_DOUBLE_EQ(*evaluate(std::vector{example}, std::vector{pick}).graded_calibration_error, 0.5)
        << "without a count of the labels every gold mood is wholly right";
}

TEST(EvalFigures, PearsonIsThatOfTheBooks) {
    const std::vector<double> x{1, 2, 3, 4, 5};
    const std::vector<double> y{2, 1, 4, 3, 5};
    EXPECT_NEAR(*pearson(x, y), 0.8, 1e-12);
    EXPECT_FALSE(pearson(x, std::vector<double>(5, 1.0))) << "a constant answer correlates with nothing";
    EXPECT_FALSE(pearson({}, {}));
    const std::vector<Example> examples{rated(-1), rated(0), rated(1)};
    const std::vector<std::optional<v1::Pick>> right{answer("calm", -0.2F), answer("calm", 0),
                                                     answer("calm", 0.2F)};
    EXPECT_NEAR(*evaluate(examples, right).valence_r, 1.0, 1e-6);
    const std::vector<std::optional<v1::Pick>> lost{answer("calm", -0.2F), answer("calm", 0), std::nullopt};
    EXPECT_LT(*evaluate(examples, lost).valence_r, 0.9);
}

TEST(EvalFigures, PolarityIsTheSignOfTheValence) {
    const std::vector<Example> examples{review(1), review(-1), review(1), review(-1), review(0)};
    const std::vector<std::optional<v1::Pick>> picks{answer("calm", 0.1F), answer("calm", -0.1F),
                                                     answer("calm", -0.1F), std::nullopt, answer("calm", 1)};
    const EvalFigures figures = evaluate(examples, picks);
    EXPECT_EQ(figures.rows_with_polarity, 4u);
    EXPECT_DOUBLE_EQ(*figures.polarity_accuracy, 0.5);
}

}  // namespace
}  // namespace bgm
