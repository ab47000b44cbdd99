// How frequent moods are, from readings that count all as equally frequent.
#include "ops/teaching/mood_mix.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace bgm {
namespace {

// Nine texts of ten are joyful, one is sad, and each reading is unsure to the same degree.
TEST(MoodMix, IsFoundBehindUnsureReadings) {
    SeedRows rows(1);
    for (std::uint32_t i = 0; i < 1'000; ++i) {
        const Mood mood = i % 10 == 0 ? Mood::sad : Mood::joyful;
        const Mood other = i % 10 == 0 ? Mood::joyful : Mood::sad;
        // One in five such readings is wrong, which is what it says.
        const bool wrong = i / 10 % 5 == 0;
        SeedLabel label{.weight = 1, .group = i};
        label.moods[static_cast<std::size_t>(wrong ? other : mood)] = 0.8F;
        label.moods[static_cast<std::size_t>(wrong ? mood : other)] = 0.2F;
        ASSERT_TRUE(rows.add(std::vector<std::uint16_t>{0}, label));
    }
    const MoodDistribution mix = mood_mix(rows);
    EXPECT_NEAR(mix[static_cast<std::size_t>(Mood::joyful)], 0.86, 0.03) << "the mean reading says 0.68";
    EXPECT_NEAR(mix[static_cast<std::size_t>(Mood::sad)], 0.1, 0.03);
    EXPECT_GT(mix[static_cast<std::size_t>(Mood::scary)], 0.003F) << "none is impossible";
    float sum = 0;
    for (const float share : mix)
        sum += share;
    EXPECT_NEAR(sum, 1, 1e-4);
}

TEST(MoodMix, TurnsAReadingIntoWhatItMeans) {
    MoodDistribution reading{};
    reading[0] = reading[1] = 0.5F;
    MoodDistribution mix{};
    mix[0] = 0.9F;
    mix[1] = 0.1F;
    const MoodDistribution meant = under_mix(reading, mix);
    EXPECT_FLOAT_EQ(meant[0], 0.9F);
    EXPECT_FLOAT_EQ(meant[1], 0.1F);
}

}  // namespace
}  // namespace bgm
