// A lesson from seeds to verdict: what photos and texts agree on is learnt and offered, noise is not, nobody
// is on both sides, and what was done before an end is not done again.
#include "ops/teaching/teach.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <iostream>

#include "tests/ops/teaching/made_seeds.hpp"

namespace bgm {
namespace {

using ::testing::HasSubstr;
using testing::made_head;
using testing::made_rows;
using testing::MadeSeeds;

const Compared& valence(const Lesson& lesson) {
    return lesson.figures[static_cast<std::size_t>(TaughtFigure::valence_r)];
}

void print(const Lesson& lesson) {
    for (std::size_t i = 0; i < kTaughtFigures; ++i) {
        const Compared& one = lesson.figures[i];
        std::cout << name(static_cast<TaughtFigure>(i)) << ": " << one.in_use << " -> " << one.taught
                  << ", better by " << one.better << " (" << one.low << " to " << one.high << ")\n";
    }
    std::cout << lesson.verdict.why << '\n';
}

TEST(Teach, OffersAHeadWherePhotosAndTextsAgree) {
    // A head in use of r 0.24 where 0.45 can be had.
    const MadeSeeds made{.known = 0.24 / 0.45};
    const SeedRows rows = made_rows(made);
    const auto lesson = teach(rows, made_head(made));
    ASSERT_TRUE(lesson) << lesson.error().to_string();
    print(*lesson);
    EXPECT_EQ(lesson->seeds, 2'500U);
    EXPECT_EQ(lesson->people, 500U);
    EXPECT_NEAR(valence(*lesson).in_use, 0.24, 0.05);
    EXPECT_GE(valence(*lesson).taught, 0.30);
    EXPECT_TRUE(lesson->verdict.better) << lesson->verdict.why;
    EXPECT_TRUE(LinearHead::parse(std::as_bytes(std::span(lesson->head))));
}

TEST(Teach, OffersNothingOnNoise) {
    int offered = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const MadeSeeds made{.rows = 1'000, .width = 40, .seen = 0, .seed = seed};
        const auto lesson = teach(made_rows(made), made_head(made));
        ASSERT_TRUE(lesson);
        offered += lesson->verdict.better ? 1 : 0;
    }
    std::cout << offered << " of 40 offered\n";
    EXPECT_LE(offered, 3);
}

TEST(Teach, OffersNothingWhereTheHeadInUseIsAsGoodAsCanBe) {
    int worse = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const MadeSeeds made{.rows = 1'500, .width = 40, .known = 1, .seed = seed};
        const auto lesson = teach(made_rows(made), made_head(made));
        ASSERT_TRUE(lesson);
        worse += lesson->verdict.better && valence(*lesson).better < 0 ? 1 : 0;
    }
    EXPECT_EQ(worse, 0);
}

// What shows clearly is said clearly: as sure as it is right.
TEST(Teach, IsAsSureAsItIsRight) {
    std::mt19937_64 numbers(5);
    std::normal_distribution<float> normal;
    constexpr std::size_t kWidth = 60;
    SeedRows rows(kWidth);
    for (std::uint32_t i = 0; i < 600; ++i) {
        std::vector<std::uint16_t> halves;
        float first = 0;
        for (std::size_t n = 0; n < kWidth; ++n) {
            const float number = 0.1F * normal(numbers);
            if (n == 0) first = number;
            halves.push_back(float_to_half(number));
        }
        SeedLabel label{.affect = {.valence = first > 0 ? 0.6F : -0.6F},
                        .weight = 1,
                        .group = static_cast<std::uint32_t>(mix64(i) >> 32U)};
        label.moods.fill(0.02F);
        label.moods[static_cast<std::size_t>(first > 0 ? Mood::joyful : Mood::sad)] = 0.76F;
        ASSERT_TRUE(rows.add(halves, label));
    }
    const auto lesson = teach(rows, made_head({.width = kWidth}));
    ASSERT_TRUE(lesson);
    print(*lesson);
    EXPECT_LT(lesson->figures[static_cast<std::size_t>(TaughtFigure::calibration_error)].taught, 0.15);
    EXPECT_TRUE(lesson->verdict.better) << lesson->verdict.why;
}

// A person's photos all carry that person's mark, and the mood goes with the person: whoever has the same
// person on both sides thinks that the mark is the mood.
TEST(Teach, HasNobodyOnBothSides) {
    std::mt19937_64 numbers(3);
    std::normal_distribution<float> normal;
    constexpr std::size_t kWidth = 60;
    SeedRows rows(kWidth);
    for (std::uint32_t person = 0; person < 60; ++person) {
        std::vector<float> mark(kWidth);
        for (float& one : mark)
            one = normal(numbers);
        const float mood = 0.5F * normal(numbers);
        for (int post = 0; post < 20; ++post) {
            std::vector<std::uint16_t> halves;
            for (const float one : mark)
                halves.push_back(float_to_half(one + 0.1F * normal(numbers)));
            SeedLabel label{.affect = {.valence = std::clamp(mood, -1.0F, 1.0F)},
                            .weight = 1,
                            .group = static_cast<std::uint32_t>(mix64(person) >> 32U)};
            label.moods[static_cast<std::size_t>(mood > 0 ? Mood::joyful : Mood::sad)] = 1;
            ASSERT_TRUE(rows.add(halves, label));
        }
    }
    const auto lesson = teach(rows, made_head({.width = kWidth}));
    ASSERT_TRUE(lesson);
    print(*lesson);
    EXPECT_LT(valence(*lesson).taught, 0.4);
    EXPECT_FALSE(lesson->verdict.better) << lesson->verdict.why;
}

TEST(Teach, SaysThatThereIsTooLittle) {
    const auto few = teach(made_rows({.rows = 150}), made_head({}));
    ASSERT_FALSE(few);
    EXPECT_THAT(few.error().message, HasSubstr("150 seeds of 30 people"));
    EXPECT_FALSE(teach(made_rows({.per_person = 500}), made_head({}))) << "five people";
}

TEST(Teach, ContinuesWhereItWasEnded) {
    const MadeSeeds made{.rows = 1'000, .width = 20};
    const SeedRows rows = made_rows(made);
    const LinearHead in_use = made_head(made);
    const auto whole = teach(rows, in_use);
    ASSERT_TRUE(whole);
    std::vector<std::string> kept;
    const auto ended =
        teach(rows, in_use, {.on_done = [&](const std::vector<std::string>& done) -> Status {
                  kept = done;
                  if (done.size() < 3) return ok_status();
                  return Error{.code = ErrorCode::unavailable, .message = "the plug is pulled"};
              }});
    ASSERT_FALSE(ended);
    ASSERT_EQ(kept.size(), 3U);
    std::size_t fitted = 0;
    const auto continued = teach(rows, in_use, {.done = kept, .on_done = [&](const auto&) {
                                                    ++fitted;
                                                    return ok_status();
                                                }});
    ASSERT_TRUE(continued);
    EXPECT_EQ(fitted, 3U) << "the other three";
    EXPECT_EQ(continued->kept, 3U);
    EXPECT_EQ(continued->head, whole->head) << "byte for byte";
    EXPECT_EQ(valence(*continued).better, valence(*whole).better);
}

TEST(Teach, LearnsFromAHundredThousand) {
    const MadeSeeds made{.rows = 100'000};
    const SeedRows rows = made_rows(made);
    const std::clock_t before = std::clock();
    const auto lesson = teach(rows, made_head(made));
    ASSERT_TRUE(lesson);
    const double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    print(*lesson);
    std::cout << "100,000 seeds of 99 numbers: " << seconds << " s of one processor\n";
    EXPECT_TRUE(lesson->verdict.better);
}

}  // namespace
}  // namespace bgm
