// Groups of tracks that sound alike: all vectors once, alike ones together, and bounds that hold as often as
// they say, for sounds in clouds as for sounds without any order.
#include "fusion/catalogue/sound_groups.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "fusion/catalogue/sound_space.hpp"
#include "tests/fusion/random_cases.hpp"

namespace bgm {
namespace {

using testing::RandomCases;

constexpr std::size_t kWidth = 48;

/// One of `styles` ways of sounding, which lie as far from each other as from their members.
std::vector<float> sound(RandomCases& random, std::size_t styles) {
    RandomCases style(77'000 + 1'000 * random.below(styles));
    std::vector<float> numbers(kWidth);
    for (float& number : numbers)
        number = style.between(-1, 1) + random.between(-1, 1);
    return numbers;
}

std::vector<float> sounds(RandomCases& random, std::size_t size, std::size_t styles) {
    std::vector<float> all;
    for (std::size_t i = 0; i < size; ++i) {
        const std::vector<float> one = sound(random, styles);
        all.insert(all.end(), one.begin(), one.end());
    }
    return all;
}

TEST(SoundGroups, HoldAllVectorsOnceAndAreAlwaysTheSame) {
    RandomCases random(1);
    for (const std::size_t size : {0U, 1U, 5U, 100U, 3'000U}) {
        const std::vector<float> vectors = sounds(random, size, 40);
        std::vector<std::uint32_t> order;
        const SoundGroups groups(vectors, kWidth, order);
        std::vector<std::uint32_t> again;
        const SoundGroups same(vectors, kWidth, again);
        EXPECT_EQ(order, again);
        EXPECT_EQ(groups.by_place(), same.by_place());
        ASSERT_EQ(groups.by_place().size(), size);
        EXPECT_TRUE(std::ranges::is_sorted(groups.by_place()));
        std::ranges::sort(order);
        std::vector<std::uint32_t> all(size);
        std::iota(all.begin(), all.end(), 0U);
        EXPECT_EQ(order, all);
    }
}

TEST(SoundGroups, VectorsThatAreAllAlikeAreNoTrouble) {
    std::vector<float> vectors(1'000 * kWidth, 0.5F);
    std::vector<std::uint32_t> order;
    const SoundGroups groups(vectors, kWidth, order);
    const std::vector<float> most = groups.most(std::span(vectors).first(kWidth), SoundGroups::Sure::hardly);
    EXPECT_NEAR(most[groups.by_place().front()], 0.5F * std::sqrt(static_cast<float>(kWidth)), 1e-3);
}

// Idea: of what is above its group's bound there is next to nothing, and of the hundred most alike of each
// query, most of which lie in groups that are looked at in any case, little. And bounds are of use: where
// sounds lie in clouds, most groups cannot hold what sounds like the best.
TEST(SoundGroups, BoundsHoldAsOftenAsTheySay) {
    for (const std::size_t styles : {40U, 400U, 1'000'000U}) {
        SCOPED_TRACE(styles);
        RandomCases random(styles);
        constexpr std::size_t kSize = 12'000;
        const std::vector<float> vectors = sounds(random, kSize, styles);
        std::vector<std::uint32_t> order;
        const SoundGroups groups(vectors, kWidth, order);
        const std::vector<std::uint16_t> of = groups.by_place();
        std::size_t above = 0;
        std::size_t near_above = 0;
        std::size_t never_above = 0;
        std::size_t open = 0;
        constexpr std::size_t kQueries = 50;
        for (std::size_t q = 0; q < kQueries; ++q) {
            const std::vector<float> query = sound(random, styles);
            const float length = length_of(query);
            const std::vector<float> hardly = groups.most(query, SoundGroups::Sure::hardly);
            const std::vector<float> never = groups.most(query, SoundGroups::Sure::never);
            std::vector<std::pair<float, bool>> all;
            for (std::size_t place = 0; place < kSize; ++place) {
                const auto vector = std::span(vectors).subspan(order[place] * kWidth, kWidth);
                const float product = dot(vector, query) / length_of(vector);
                all.emplace_back(product, product > hardly[of[place]]);
                above += all.back().second ? 1 : 0;
                never_above += product > never[of[place]] ? 1 : 0;
            }
            std::ranges::partial_sort(all, all.begin() + 100, std::greater<>());
            near_above += static_cast<std::size_t>(
                std::count_if(all.begin(), all.begin() + 100, [](const auto& one) { return one.second; }));
            open += static_cast<std::size_t>(
                std::ranges::count_if(hardly, [&](float most) { return most >= all[19].first; }));
            EXPECT_LE(std::ranges::max(hardly), length * 1.001F);
        }
        EXPECT_LT(above, kQueries * kSize * 2 / 1000);
        EXPECT_LT(never_above, kQueries * kSize / 10'000);
        EXPECT_LE(near_above, kQueries * 100 / 10);
        if (styles == 40) {
            EXPECT_LT(3 * open, kQueries * groups.size());
        }
    }
}

}  // namespace
}  // namespace bgm
