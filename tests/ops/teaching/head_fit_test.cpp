// A head fitted to seeds, from the head in use: with next to nothing to learn it stays what it is, and with
// much it finds the direction in which the mood lies.
#include "ops/teaching/head_fit.hpp"

#include <gtest/gtest.h>

#include "ops/evaluation/measures.hpp"
#include "tests/ops/teaching/made_seeds.hpp"

namespace bgm {
namespace {

using testing::made_head;
using testing::made_rows;
using testing::MadeSeeds;
using testing::parsed;

Folds all_folds() {
    Folds folds;
    folds.fill(true);
    return folds;
}

double valence_r(const LinearHead& head, const SeedRows& rows) {
    train::Correlation r;
    std::vector<float> embedding(rows.width());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        rows.embedding(row, embedding.data());
        r.add(head.read(embedding, 1)->affect.valence, rows.label(row).affect.valence);
    }
    return r.value();
}

double cross_entropy(const LinearHead& head, const SeedRows& rows) {
    double sum = 0;
    std::vector<float> embedding(rows.width());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        rows.embedding(row, embedding.data());
        const auto read = head.read(embedding, 1);
        for (std::size_t k = 0; k < kMoodCount; ++k)
            sum -= rows.label(row).moods[k] * std::log(std::max(1e-12F, read->mood[k]));
    }
    return sum / static_cast<double>(rows.size());
}

TEST(HeadFit, FindsWhereTheMoodLies) {
    const MadeSeeds made{.rows = 20'000};
    const SeedRows rows = made_rows(made);
    const LinearHead in_use = made_head(made);
    const auto fit = HeadFit::open(rows, in_use);
    ASSERT_TRUE(fit) << fit.error().to_string();
    const auto file = fit->fit(all_folds());
    ASSERT_TRUE(file);
    const LinearHead taught = parsed(*file);
    const SeedRows others = made_rows({.rows = 20'000, .seed = 2});
    EXPECT_NEAR(valence_r(in_use, others), made.seen * made.known, 0.03);
    EXPECT_NEAR(valence_r(taught, others), made.seen, 0.03);
    EXPECT_LT(cross_entropy(taught, others), cross_entropy(in_use, others));
}

TEST(HeadFit, LeavesTheRestOfTheHeadAsItIs) {
    const MadeSeeds made;
    const LinearHead in_use = made_head(made);
    const auto fit = HeadFit::open(made_rows(made), in_use);
    const SeedRows rows = made_rows(made);
    const auto again = HeadFit::open(rows, in_use);
    ASSERT_TRUE(again);
    const LinearHead taught = parsed(*again->fit(all_folds()));
    EXPECT_EQ(taught.model(), "made-1");
    EXPECT_EQ(taught.modality(), Modality::image);
    EXPECT_FLOAT_EQ(taught.precision(), 0.35F);
    EXPECT_EQ(taught.weights().felt, in_use.weights().felt);
    EXPECT_EQ(taught.weights().felt_bias, in_use.weights().felt_bias);
}

TEST(HeadFit, ChangesLittleWhereThereIsNothingToLearn) {
    MadeSeeds made{.seen = 0};
    const SeedRows rows = made_rows(made);
    made.known = 1;
    const LinearHead in_use = made_head(made);
    const auto fit = HeadFit::open(rows, in_use);
    ASSERT_TRUE(fit);
    const LinearHead taught = parsed(*fit->fit(all_folds()));
    made.seen = 0.45;
    const SeedRows where_it_is_right = made_rows(made);
    EXPECT_GE(fit->mood_strength(), 0.3);
    EXPECT_LT(valence_r(taught, rows), 0.15) << "noise is not learnt by heart";
    EXPECT_NEAR(valence_r(in_use, where_it_is_right), 0.45, 0.03);
}

TEST(HeadFit, IsReadUnderEqualFrequencies) {
    // All embeddings alike: all that can be learnt is how often each mood comes, and that is left out.
    SeedRows rows(2);
    for (std::uint32_t i = 0; i < 400; ++i) {
        SeedLabel label{.weight = 1, .group = i};
        label.moods[static_cast<std::size_t>(i % 4 == 0 ? Mood::sad : Mood::joyful)] = 1;
        ASSERT_TRUE(rows.add(std::vector<std::uint16_t>{0, 0}, label));
    }
    MadeSeeds made{.width = 2};
    const LinearHead in_use = made_head(made);
    const auto fit = HeadFit::open(rows, in_use);
    ASSERT_TRUE(fit);
    const auto read = parsed(*fit->fit(all_folds())).read(std::vector<float>{0, 0}, 1);
    ASSERT_TRUE(read);
    EXPECT_NEAR(read->mood[static_cast<std::size_t>(Mood::sad)],
                read->mood[static_cast<std::size_t>(Mood::joyful)], 0.01);
}

TEST(HeadFit, RefusesWhatItCannotFit) {
    const MadeSeeds made;
    EXPECT_FALSE(HeadFit::open(SeedRows(99), made_head(made))) << "no rows";
    const auto other = HeadFit::open(made_rows({.rows = 10, .width = 7}), made_head(made));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, ErrorCode::invalid_argument);
    const auto given_up = HeadFit::open(made_rows(made), made_head(made), [](std::size_t) { return false; });
    ASSERT_FALSE(given_up);
    EXPECT_EQ(given_up.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace bgm
