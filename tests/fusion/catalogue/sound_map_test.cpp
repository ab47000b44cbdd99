// A catalogue drawn by ear: what sounds alike lies together, the same every time, whatever the sounds are.
#include "fusion/catalogue/sound_map.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace bgm {
namespace {

// `groups` clouds of 50 tracks each, far from each other in 16 numbers.
SoundSpace clouds(int groups) {
    SoundSpace sounds("m", 16, static_cast<std::size_t>(groups) * 50);
    std::mt19937 random(7);
    std::normal_distribution<float> noise(0, 0.05F);
    for (int track = 0; track < groups * 50; ++track) {
        std::vector<float> embedding(16);
        embedding[static_cast<std::size_t>(track / 50) * 3] = 1;
        for (float& number : embedding)
            number += noise(random);
        const auto at = static_cast<std::uint32_t>(track);
        EXPECT_TRUE(sounds.set(at, embedding));
    }
    return sounds;
}

float distance(const std::array<float, 2>& a, const std::array<float, 2>& b) {
    return std::hypot(a[0] - b[0], a[1] - b[1]);
}

TEST(SoundMap, LaysTogetherWhatSoundsAlike) {
    const SoundSpace sounds = clouds(3);
    const SoundMap map(sounds);
    float within = 0, between = 0;
    for (std::uint32_t track = 0; track < 50; ++track) {
        const auto at = *map.place(sounds, track);
        for (const float coordinate : at)
            EXPECT_LE(std::abs(coordinate), 1);
        within = std::max(within, distance(at, *map.place(sounds, 49 - track)));
        between = std::max(between, distance(at, *map.place(sounds, 50 + track)));
    }
    EXPECT_LT(2 * within, between);
}

TEST(SoundMap, IsTheSameEveryTime) {
    const SoundSpace sounds = clouds(3);
    EXPECT_EQ(SoundMap(sounds).place(sounds, 70), SoundMap(sounds).place(sounds, 70));
}

TEST(SoundMap, HasAPlaceForTracksThatDoNotDiffer) {
    SoundSpace sounds("m", 4, 3);
    for (std::uint32_t track = 0; track < 2; ++track)
        ASSERT_TRUE(sounds.set(track, std::vector<float>{0, 1, 0, 0}));
    const SoundMap map(sounds);
    EXPECT_EQ(map.place(sounds, 0), (std::array<float, 2>{0, 0}));
    EXPECT_EQ(map.place(sounds, 2), std::nullopt) << "nobody listened to it";
    EXPECT_EQ(SoundMap(SoundSpace()).place(SoundSpace(), 0), std::nullopt);
}

}  // namespace
}  // namespace bgm
