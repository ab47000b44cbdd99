// The first look: what it says of a track is as near as it claims, no track of a block outdoes the block's
// bound, and in the order of the scan many blocks can be passed over.
#include "fusion/catalogue/quick_scan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/recommend/track_scores.hpp"
#include "tests/fusion/random_cases.hpp"

namespace bgm {
namespace {

using testing::RandomCases;

Catalogue many(std::uint64_t seed) {
    RandomCases random(seed);
    auto built = Catalogue::build(random.tracks(kQuickTracks + 45, 500));
    EXPECT_TRUE(built);
    return std::move(*built);
}

ScanTarget some_target(RandomCases& random) {
    FusedMood mood = fuse(random.evidences());
    return scan_target(mood);
}

std::vector<Mood> some_moods(RandomCases& random) {
    std::vector<Mood> moods;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        if (random.below(3) == 0) moods.push_back(static_cast<Mood>(k));
    }
    if (moods.empty()) moods.push_back(Mood::calm);
    return moods;
}

TEST(QuickScan, IsAsNearAsItSays) {
    const Catalogue catalogue = many(1);
    RandomCases random(2);
    ASSERT_EQ(catalogue.by_feeling().blocks.size(), catalogue.blocks().size());
    for (int i = 0; i < 5; ++i) {
        const ScanTarget target = some_target(random);
        const QuickTarget quick(target);
        const std::vector<Mood> moods = some_moods(random);
        for (std::uint32_t position = 0; position < catalogue.size(); ++position) {
            const std::uint32_t track = catalogue.by_feeling().tracks[position];
            const CatalogueBlock& block = catalogue.blocks()[track / CatalogueBlock::kTracks];
            const QuickBlock& quick_block = catalogue.by_feeling().blocks[position / CatalogueBlock::kTracks];
            const std::size_t lane = track % CatalogueBlock::kTracks;
            const std::size_t quick_lane = position % CatalogueBlock::kTracks;
            ASSERT_NEAR(quick_scores(quick_block, quick)[quick_lane], score_lane(block, lane, target),
                        quick.error);
            ASSERT_NEAR(quick_scores_safely(quick_block, moods)[quick_lane],
                        score_lane_safely(block, lane, moods), kQuickSafelyError);
            ASSERT_EQ(
                catalogue.by_feeling().facts[position / CatalogueBlock::kTracks].duration_ms[quick_lane],
                catalogue.rows()[track].duration_ms);
        }
    }
}

TEST(QuickScan, SumsOfMoodsAndLanesAreThoseOfEachTrack) {
    const Catalogue catalogue = many(8);
    RandomCases random(9);
    std::array<float, kMoodCount> weights{};
    for (float& weight : weights)
        weight = random.between(-1, 1);
    for (std::uint32_t position = 0; position < catalogue.size(); ++position) {
        const std::size_t lane = position % CatalogueBlock::kTracks;
        const QuickBlock& block = catalogue.by_feeling().blocks[position / CatalogueBlock::kTracks];
        const BlockScores sums = quick_mood_sums(block, QuickWeights(weights));
        const TrackView track = catalogue.track(catalogue.by_feeling().tracks[position]);
        float exact = 0;
        for (std::size_t k = 0; k < kMoodCount; ++k)
            exact += weights[k] * track.moods[k];
        // Roots are off by half a step.
        ASSERT_NEAR(sums[lane], exact, 0.0145F + kMoodSumsError);
        const float least = random.between(-0.5F, 0.5F);
        ASSERT_EQ(lanes_from(sums, least) >> lane & 1U, sums[lane] >= least ? 1U : 0U);
    }
}

TEST(QuickScan, NoTrackOutdoesItsBlocksBound) {
    const Catalogue catalogue = many(3);
    RandomCases random(4);
    for (int i = 0; i < 20; ++i) {
        const QuickTarget quick(some_target(random));
        const std::vector<Mood> moods = some_moods(random);
        for (std::size_t b = 0; b < catalogue.by_feeling().blocks.size(); ++b) {
            const QuickBounds& bounds = catalogue.by_feeling().bounds.at(b / QuickBounds::kBlocks);
            const std::size_t lane = b % QuickBounds::kBlocks;
            ASSERT_LE(largest(quick_scores(catalogue.by_feeling().blocks[b], quick)),
                      quick_bounds(bounds, quick)[lane]);
            ASSERT_LE(largest(quick_scores_safely(catalogue.by_feeling().blocks[b], moods)),
                      quick_bounds_safely(bounds, moods)[lane]);
        }
    }
}

// Idea: by the bounds alone, knowing the 64th best score, many blocks need no look where a mood is plain; in
// a large catalogue most.
TEST(QuickScan, ManyBlocksArePassedOver) {
    const Catalogue catalogue = many(5);
    RandomCases random(6);
    std::size_t looked_at = 0;
    std::size_t blocks = 0;
    for (int i = 0; i < 40; ++i) {
        FusedMood mood;
        mood.affect = random.affect();
        mood.moods.fill(0.03F);
        mood.moods.at(random.below(kMoodCount)) = 0.64F;
        const QuickTarget quick(scan_target(mood));
        std::vector<float> all;
        for (const QuickBlock& block : catalogue.by_feeling().blocks) {
            const BlockScores scores = quick_scores(block, quick);
            all.insert(all.end(), scores.begin(), scores.end());
        }
        std::nth_element(all.begin(), all.begin() + 63, all.end(), std::greater<>());
        for (std::size_t b = 0; b < catalogue.by_feeling().blocks.size(); ++b, ++blocks) {
            const BlockScores bounds =
                quick_bounds(catalogue.by_feeling().bounds.at(b / QuickBounds::kBlocks), quick);
            looked_at += bounds[b % QuickBounds::kBlocks] >= all[63] ? 1 : 0;
        }
    }
    EXPECT_LT(5 * looked_at, 3 * blocks);
}

TEST(ScanOrder, IsOfAllPointsOnceAndAlwaysTheSame) {
    RandomCases random(7);
    for (const std::size_t size : {0U, 1U, 64U, 65U, 1'000U, 5'000U}) {
        std::vector<FeltPoint> points(size);
        for (FeltPoint& point : points) {
            for (std::uint8_t& number : point)
                number = static_cast<std::uint8_t>(random.below(random.below(2) == 0 ? 3 : 256));
        }
        const auto order = scan_order(points);
        EXPECT_EQ(order, scan_order(points));
        auto sorted = order;
        std::sort(sorted.begin(), sorted.end());
        std::vector<std::uint32_t> every(size);
        std::iota(every.begin(), every.end(), 0U);
        EXPECT_EQ(sorted, every);
    }
}

// Idea: what is alike stays in the order in which it came, whatever lies between.
TEST(ScanOrder, KeepsAlikeOnesInTheirOrder) {
    std::vector<FeltPoint> points(256);
    for (std::size_t i = 0; i < points.size(); ++i)
        points[i][0] = i % 2 == 0 ? 200 : 10;
    const auto order = scan_order(points);
    for (std::size_t i = 1; i < order.size(); ++i) {
        if (order[i] % 2 == order[i - 1] % 2) {
            EXPECT_LT(order[i - 1], order[i]);
        } else {
            EXPECT_EQ(order[i] % 2, 0U) << "the low numbers come first, once";
        }
    }
}

}  // namespace
}  // namespace bgm
