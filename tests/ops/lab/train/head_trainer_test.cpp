// Heads fitted to made-up embeddings: what can be told apart is learnt, what cannot is owned up to.
#include "ops/lab/train/head_trainer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "fusion/mood/head.hpp"
#include "ops/evaluation/head_figures.hpp"

namespace bgm::train {
namespace {

using testing::HasSubstr;

constexpr std::size_t kWidth = 8;

// Embeddings of a mood lie around a point of their own, `noise` apart; valence and arousal are two of the
// numbers.
class World {
 public:
    explicit World(float noise) : noise_(noise) {}

    LabelledEmbedding row(Mood mood) {
        LabelledEmbedding row{.embedding = std::vector<float>(kWidth)};
        for (std::size_t i = 0; i < kWidth; ++i)
            row.embedding[i] = noise_ * draw();
        row.embedding[static_cast<std::size_t>(mood) % kWidth] += 1;
        row.affect = Affect{.valence = std::clamp(row.embedding[0] / 2, -1.0F, 1.0F),
                            .arousal = std::clamp(row.embedding[1] / 2, -1.0F, 1.0F)};
        row.moods[static_cast<std::size_t>(mood)] = 1;
        return row;
    }
    std::vector<LabelledEmbedding> rows(std::size_t count) {
        std::vector<LabelledEmbedding> rows;
        for (std::size_t i = 0; i < count; ++i)
            rows.push_back(row(std::array{Mood::joyful, Mood::sad, Mood::calm}[i % 3]));
        return rows;
    }

 private:
    float draw() { return static_cast<float>(numbers_() % 20'001U) / 10'000.0F - 1.0F; }

    float noise_;
    std::mt19937 numbers_{5};
};

TrainedHead trained(const SplitRows& rows) {
    auto head = train_head(rows, "model@1", Modality::image);
    EXPECT_TRUE(head.ok()) << (head.ok() ? "" : head.error().to_string());
    return head.ok() ? *std::move(head) : TrainedHead{};
}

LinearHead parsed(const TrainedHead& head) {
    auto parsed = LinearHead::parse(std::as_bytes(std::span(head.file)));
    if (!parsed) throw std::runtime_error(parsed.error().to_string());
    return *std::move(parsed);
}

TEST(HeadTrainer, LearnsWhatCanBeToldApart) {
    World world(0.2F);
    const TrainedHead head = trained(split_rows(world.rows(300), 0.2, 1));
    const LinearHead read = parsed(head);
    EXPECT_EQ(read.model(), "model@1");
    EXPECT_EQ(read.modality(), Modality::image);
    EXPECT_EQ(read.width(), kWidth);
    const auto figures = measure_head(read, world.rows(300));
    ASSERT_TRUE(figures.ok());
    EXPECT_EQ(figures->mood_rows, 300U);
    EXPECT_GT(figures->top1, 0.99);
    EXPECT_GT(figures->valence_r, 0.99);
    EXPECT_GT(figures->arousal_r, 0.99);
}

TEST(HeadTrainer, TheSameSeedGivesTheSameBytes) {
    World world(0.5F);
    const auto rows = world.rows(120);
    EXPECT_EQ(trained(split_rows(rows, 0.25, 7)).file, trained(split_rows(rows, 0.25, 7)).file);
    EXPECT_NE(trained(split_rows(rows, 0.25, 7)).file, trained(split_rows(rows, 0.25, 8)).file);
}

TEST(HeadTrainer, NeitherScaleNorOffsetOfTheEmbeddingsMatters) {
    const auto moved = [](LabelledEmbedding row) {
        for (float& number : row.embedding)
            number = 200 * number + 700;
        return row;
    };
    World world(0.8F);
    const auto rows = world.rows(200);
    std::vector<LabelledEmbedding> moved_rows;
    std::transform(rows.begin(), rows.end(), std::back_inserter(moved_rows), moved);
    const LinearHead plain = parsed(trained(split_rows(rows, 0.2, 1)));
    const LinearHead other = parsed(trained(split_rows(moved_rows, 0.2, 1)));
    for (const LabelledEmbedding& row : world.rows(30)) {
        const auto expected = plain.read(row.embedding, 1);
        const auto ours = other.read(moved(row).embedding, 1);
        for (std::size_t i = 0; i < kMoodCount; ++i)
            EXPECT_NEAR(ours->mood[i], expected->mood[i], 0.02);
        EXPECT_NEAR(ours->affect.valence, expected->affect.valence, 0.02);
    }
}

TEST(HeadTrainer, ConfidenceIsAsGoodAsTheGuess) {
    World world(1.5F);
    const TrainedHead head = trained(split_rows(world.rows(1500), 0.3, 1));
    const auto figures = measure_head(parsed(head), world.rows(1500));
    EXPECT_GT(figures->top1, 0.5);
    EXPECT_LT(figures->top1, 0.95) << "the moods must overlap for this to say anything";
    EXPECT_LT(figures->calibration_error, 0.06);
}

// 40 numbers of noise, 30 rows: without l2 these would be learnt by heart.
TEST(HeadTrainer, ChoosesTheStrengthThatDoesBestOnWhatWasHeldBack) {
    std::mt19937 numbers(3);
    std::vector<LabelledEmbedding> rows;
    for (int i = 0; i < 60; ++i) {
        LabelledEmbedding row;
        for (int k = 0; k < 40; ++k)
            row.embedding.push_back(static_cast<float>(numbers() % 2001U) / 1000 - 1);
        row.moods[static_cast<std::size_t>(i % 2 == 0 ? Mood::joyful : Mood::sad)] = 1;
        rows.push_back(std::move(row));
    }
    const TrainedHead head = trained(split_rows(std::move(rows), 0.5, 1));
    const auto least = std::min_element(head.mood_strengths.begin(), head.mood_strengths.end(),
                                        [](const auto& a, const auto& b) { return a.loss < b.loss; });
    EXPECT_EQ(least->l2, head.mood_l2);
    EXPECT_GE(head.mood_l2, 0.1);
    EXPECT_LT(head.mood_strengths.size(), 8U) << "weaker ones are not tried once they do worse";
}

TEST(HeadTrainer, AMoodThatNoLabelNamesStaysPossible) {
    World world(0.1F);
    const LinearHead head = parsed(trained(split_rows(world.rows(300), 0.2, 1)));
    const auto evidence = head.read(world.row(Mood::sad).embedding, 1);
    for (const float mood : evidence->mood)
        EXPECT_GT(mood, 1e-7F);
}

TEST(HeadTrainer, WithoutValenceAndArousalTheMoodsPlacesAreLearnt) {
    World world(0.2F);
    auto rows = world.rows(200);
    for (LabelledEmbedding& row : rows)
        row.affect.reset();
    const TrainedHead head = trained(split_rows(std::move(rows), 0.2, 1));
    EXPECT_TRUE(head.affect_from_moods);
    const LinearHead read = parsed(head);
    EXPECT_NEAR(read.read(world.row(Mood::joyful).embedding, 1)->affect.valence, affect(Mood::joyful).valence,
                0.3);
    EXPECT_NEAR(read.read(world.row(Mood::sad).embedding, 1)->affect.valence, affect(Mood::sad).valence, 0.3);
}

TEST(HeadTrainer, RowsWithoutMoodsStillTeachTheAffect) {
    World world(0.2F);
    SplitRows rows = split_rows(world.rows(60), 0.2, 1);
    for (LabelledEmbedding& row : rows.train)
        row.affect.reset();
    for (int i = 0; i < 100; ++i) {
        rows.train.push_back(world.row(Mood::joyful));
        rows.train.back().moods = {};
    }
    const TrainedHead head = trained(rows);
    EXPECT_FALSE(head.affect_from_moods);
    EXPECT_GT(measure_head(parsed(head), world.rows(100))->valence_r, 0.9);
}

TEST(HeadTrainer, RefusesWhatItCannotLearnFrom) {
    World world(0.2F);
    const auto message = [](const SplitRows& rows) {
        const auto head = train_head(rows, "model", Modality::text);
        return head ? "trained" : head.error().message;
    };
    EXPECT_THAT(message({}), HasSubstr("fewer than two moods"));
    std::vector<LabelledEmbedding> same;
    for (int i = 0; i < 10; ++i)
        same.push_back(world.row(Mood::sad));
    EXPECT_THAT(message(split_rows(same, 0.2, 1)), HasSubstr("fewer than two moods"));
    EXPECT_THAT(message({.train = world.rows(10), .held_back = {}}), HasSubstr("no held-back row"));
    SplitRows uneven = split_rows(world.rows(30), 0.2, 1);
    uneven.held_back.front().embedding.push_back(0);
    EXPECT_THAT(message(uneven), HasSubstr("different widths"));
}

TEST(HeadTrainer, RowsThatAreAllAlikeAreNoDivisionByZero) {
    std::vector<LabelledEmbedding> rows(20, LabelledEmbedding{.embedding = std::vector<float>(kWidth, 0.5F)});
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i].moods[i % 2] = 1;
    const LinearHead head = parsed(trained(split_rows(std::move(rows), 0.2, 1)));
    EXPECT_TRUE(std::isfinite(head.read(std::vector<float>(kWidth, 0.5F), 1)->mood[0]));
}

TEST(SplitRows, EveryRowLiesOnOneSide) {
    std::vector<LabelledEmbedding> rows(50);
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i].embedding = {static_cast<float>(i)};
    const SplitRows split = split_rows(rows, 0.2, 3);
    EXPECT_EQ(split.train.size(), 40U);
    EXPECT_EQ(split.held_back.size(), 10U);
    std::vector<float> seen;
    for (const auto* side : {&split.train, &split.held_back}) {
        for (const LabelledEmbedding& row : *side)
            seen.push_back(row.embedding[0]);
    }
    EXPECT_FALSE(std::is_sorted(seen.begin(), seen.end())) << "drawn, not cut";
    std::sort(seen.begin(), seen.end());
    for (std::size_t i = 0; i < seen.size(); ++i)
        EXPECT_EQ(seen[i], static_cast<float>(i));
    EXPECT_EQ(split_rows({rows.begin(), rows.begin() + 2}, 0.01, 1).held_back.size(), 1U);
    EXPECT_EQ(split_rows({rows.begin(), rows.begin() + 2}, 0.9, 1).train.size(), 1U);
}

}  // namespace
}  // namespace bgm::train
