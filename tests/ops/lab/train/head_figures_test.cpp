// The figures of a head, worked out by hand on a head whose every number is known.
#include "ops/evaluation/head_figures.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/lab/make-media-heads/linear_weights.hpp"

namespace bgm::train {
namespace {

// Two inputs: the logit of joyful and that of sad; all other moods are out of the question. Valence is the
// first, arousal the second.
LinearHead head(const char* temperature = "1") {
    heads::LinearWeights weights(2);
    std::fill(weights.mood_bias.begin(), weights.mood_bias.end(), -200.0F);
    for (const auto& [mood, input] :
         {std::pair{Mood::joyful, std::size_t{0}}, std::pair{Mood::sad, std::size_t{1}}}) {
        weights.mood_bias[static_cast<std::size_t>(mood)] = 0;
        weights.add(mood, input, 1);
    }
    weights.valence = {0.1F, 0};
    weights.arousal = {0, 0.1F};
    const std::string file =
        weights.to_safetensors({{"model", "m"}, {"modality", "text"}, {"temperature", temperature}});
    return LinearHead::parse(std::as_bytes(std::span(file))).value();
}

LabelledEmbedding row(std::vector<float> embedding, std::vector<Mood> moods) {
    LabelledEmbedding row{.embedding = std::move(embedding)};
    for (const Mood mood : moods)
        row.moods[static_cast<std::size_t>(mood)] = 1.0F / static_cast<float>(moods.size());
    return row;
}

TEST(HeadFigures, CountWhatIsRight) {
    const double likely = std::exp(2.0) / (1 + std::exp(2.0));
    const std::vector<LabelledEmbedding> rows = {
        row({2, 0}, {Mood::joyful}),            // right
        row({2, 0}, {Mood::sad}),               // wrong
        row({0, 2}, {Mood::sad, Mood::scary}),  // right: one of its moods
        row({0, 2}, {}),                        // says nothing
    };
    const auto figures = measure_head(head(), rows);
    ASSERT_TRUE(figures.ok());
    EXPECT_EQ(figures->mood_rows, 3U);
    EXPECT_NEAR(figures->top1, 2.0 / 3, 1e-9);
    EXPECT_NEAR(figures->negative_log_likelihood, -(2 * std::log(likely) + std::log(1 - likely)) / 3, 1e-5);
    EXPECT_NEAR(figures->calibration_error, std::fabs(likely - 2.0 / 3), 1e-5) << "one bin holds all three";
    EXPECT_EQ(figures->affect_rows, 0U);
}

TEST(HeadFigures, CorrelateValenceAndArousal) {
    std::vector<LabelledEmbedding> rows;
    for (const float x : {-2.0F, 0.0F, 1.0F, 3.0F}) {
        rows.push_back(row({x, x}, {}));
        rows.back().affect = Affect{.valence = x / 4, .arousal = -x / 4};
    }
    const auto figures = measure_head(head(), rows);
    ASSERT_TRUE(figures.ok());
    EXPECT_EQ(figures->affect_rows, 4U);
    EXPECT_NEAR(figures->valence_r, 1, 1e-6);
    EXPECT_NEAR(figures->arousal_r, -1, 1e-6);
}

TEST(HeadFigures, AnotherWidthIsAnError) {
    EXPECT_EQ(measure_head(head(), std::vector{row({1, 2, 3}, {Mood::sad})}).error().code,
              ErrorCode::invalid_argument);
}

// Of logits 4 apart a head is sure; it is right three times of four: that is what exp(1.1) to 1 says, so the
// temperature is as high as it goes.
TEST(HeadFigures, AHeadThatIsTooSureIsCooled) {
    const std::vector<LabelledEmbedding> rows = {row({4, 0}, {Mood::joyful}), row({4, 0}, {Mood::joyful}),
                                                 row({4, 0}, {Mood::joyful}), row({4, 0}, {Mood::sad})};
    EXPECT_FLOAT_EQ(*fit_temperature(head(), rows), 2.5F);
    const std::vector<LabelledEmbedding> all_right(5, row({1, 0}, {Mood::joyful}));
    EXPECT_FLOAT_EQ(*fit_temperature(head(), all_right), 0.5F);
    EXPECT_FLOAT_EQ(*fit_temperature(head(), std::vector{row({1, 0}, {})}), 1.0F);
}

}  // namespace
}  // namespace bgm::train
