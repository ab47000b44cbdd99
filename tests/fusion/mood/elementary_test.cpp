#include "fusion/mood/elementary.hpp"

#include <gtest/gtest.h>
#include <bit>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>

#include "fusion/stable_hash.hpp"

namespace bgm {
namespace {

// Idea: the C library is right to its last bit or two, so agreeing with it within 2e-15 shows that ours is
// right too.
TEST(Elementary, ExpAndLogAgreeWithTheCLibrary) {
    for (int i = -7000; i <= 7000; ++i) {
        const double x = i / 10.0 + 0.0317;
        if (std::fabs(x) > 700) continue;
        ASSERT_NEAR(elementary_exp(x) / std::exp(x), 1.0, 2e-15) << x;
        const double positive = std::exp(x);
        ASSERT_NEAR(elementary_log(positive), std::log(positive), 2e-15 * std::max(1.0, std::fabs(x)))
            << positive;
    }
    EXPECT_EQ(elementary_exp(0.0), 1.0);
    EXPECT_EQ(elementary_log(1.0), 0.0);
}

// Idea: whatever a score is, its exponential stays finite and above zero, so a softmax never divides by zero
// or NaN.
TEST(Elementary, ExpStaysFiniteAndPositive) {
    for (double x : {-1e308, -1e9, 1e9, 1e308}) {
        EXPECT_TRUE(std::isfinite(elementary_exp(x)));
        EXPECT_GT(elementary_exp(x), 0.0);
    }
    EXPECT_TRUE(std::isfinite(elementary_log(5e-324)));
}

// Idea: the order of two inputs survives: a stronger mood may never come out weaker.
TEST(Elementary, NeverReversesAnOrder) {
    for (int i = 1; i < 4000; ++i) {
        EXPECT_GE(elementary_log((i + 1) / 4000.0), elementary_log(i / 4000.0));
        EXPECT_GE(elementary_exp(-(i - 1) / 400.0), elementary_exp(-i / 400.0));
    }
}

// Idea: the exact bits, written down once: another compiler or processor has to give these too.
TEST(Elementary, GivesTheseBitsEverywhere) {
    std::uint64_t hash = 0;
    for (int i = 1; i < 1000; ++i) {
        hash = mix64(hash ^ std::bit_cast<std::uint64_t>(elementary_exp(-i / 37.0)));
        hash = mix64(hash ^ std::bit_cast<std::uint64_t>(elementary_log(i / 37.0)));
    }
    EXPECT_EQ(hash, 17787486028552917202U);
}

// Idea: the published test vectors of FNV-1a and SplitMix64, so that seeds are the same in any other
// implementation.
TEST(Seed, MatchesPublishedVectors) {
    EXPECT_EQ(fnv1a64(""), 0xCBF29CE484222325U);
    EXPECT_EQ(fnv1a64("a"), 0xAF63DC4C8601EC8CU);
    EXPECT_EQ(fnv1a64("foobar"), 0x85944171F73967E8U);
    EXPECT_EQ(mix64(0), 0xE220A8397B1DCDAFU);  // the first output of SplitMix64 seeded with 0
}

// Idea: the boundary between tenant and post counts, and neighbours share no seed.
TEST(Seed, SeparatesTenantsAndPosts) {
    EXPECT_NE(post_seed("ab", "c"), post_seed("a", "bc"));
    EXPECT_NE(post_seed("", "abc"), post_seed("abc", ""));
    std::set<std::uint64_t> seeds;
    for (int i = 0; i < 1000; ++i)
        seeds.insert(post_seed("default", "p-" + std::to_string(i)));
    EXPECT_EQ(seeds.size(), 1000U);
}

}  // namespace
}  // namespace bgm
