// Idea: at another rate a tone is the same tone, as long and as loud; what that rate cannot hold is gone; and
// parts are heard as the whole that they make.
#include "workers/media/av/av_rate.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>

namespace bgm {
namespace {

std::vector<float> tone(double hz, std::size_t samples) {
    std::vector<float> made(samples);
    for (std::size_t i = 0; i < samples; ++i)
        made[i] =
            static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / 22'050));
    return made;
}

std::vector<float> slower(std::span<const float> samples) {
    const std::array<std::span<const float>, 1> whole{samples};
    return at_rate(whole, 22'050, 8'000);
}

double power(const std::vector<float>& samples) {
    double sum = 0;
    for (const float sample : samples)
        sum += double{sample} * sample;
    return sum / static_cast<double>(samples.size());
}

TEST(AtRate, AToneStaysTheSameTone) {
    const auto result = slower(tone(1'000, 22'050));
    ASSERT_EQ(result.size(), 8'000U);
    for (std::size_t i = 100; i < 7'900; ++i)
        EXPECT_NEAR(result[i], 0.5 * std::sin(2 * std::numbers::pi * static_cast<double>(i) / 8), 0.01);
}

TEST(AtRate, WhatTheRateCannotHoldIsGone) {
    EXPECT_LT(power(slower(tone(5'000, 22'050))), 1e-4);
}

TEST(AtRate, PartsAreHeardAsTheirWhole) {
    const auto whole = tone(300, 30'000);
    const auto from = std::span<const float>(whole);
    const std::array<std::span<const float>, 4> parts{from.first(1), from.subspan(1, 12'345),
                                                      from.subspan(12'346, 0), from.subspan(12'346)};
    EXPECT_EQ(at_rate(parts, 22'050, 8'000), slower(whole));
    EXPECT_TRUE(slower({}).empty());
}

}  // namespace
}  // namespace bgm
