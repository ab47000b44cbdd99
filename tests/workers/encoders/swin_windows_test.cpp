// Idea: small grids whose windows can be drawn on paper, and the laws that hold for all of them.
#include "workers/encoders/swin_windows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace bgm {
namespace {

using testing::ElementsAre;

TEST(SwinWindows, LieRowByRowOneAfterTheOther) {
    EXPECT_THAT(window_order({.height = 2, .width = 4, .window = 2}), ElementsAre(0, 1, 4, 5, 2, 3, 6, 7));
    EXPECT_THAT(window_order({.height = 4, .width = 2, .window = 2}), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST(SwinWindows, WrapAroundWhenTheyAreShifted) {
    EXPECT_THAT(window_order({.height = 2, .width = 4, .window = 2, .shift = 1}),
                ElementsAre(5, 6, 1, 2, 7, 4, 3, 0));
}

TEST(SwinWindows, HoldNoTokenBeyondTheGrid) {
    const WindowGrid grid{.height = 1, .width = 3, .window = 2};
    EXPECT_FALSE(grid.whole());
    EXPECT_EQ(grid.windows(), 2);
    EXPECT_THAT(window_order(grid), ElementsAre(0, 1, 3, 3, 2, 3, 3, 3));
}

TEST(SwinWindows, HoldEveryTokenOnce) {
    for (const WindowGrid& grid :
         {WindowGrid{8, 8, 4, 2}, WindowGrid{7, 9, 4, 2}, WindowGrid{6, 6, 5, 2}, WindowGrid{3, 12, 3, 0}}) {
        TokenOrder order = window_order(grid);
        EXPECT_EQ(static_cast<std::int64_t>(order.size()), grid.windows() * grid.window_tokens());
        std::erase(order, grid.tokens());
        std::sort(order.begin(), order.end());
        EXPECT_EQ(order, row_major(grid.tokens()));
    }
}

TEST(SwinWindows, PlacesLeadFromOneOrderToAnother) {
    const TokenOrder from = window_order({.height = 4, .width = 4, .window = 2, .shift = 1});
    const TokenOrder to = window_order({.height = 4, .width = 4, .window = 2});
    const TokenOrder found = places(from, to);
    for (std::size_t row = 0; row < to.size(); ++row)
        EXPECT_EQ(from[static_cast<std::size_t>(found[row])], to[row]);
}

TEST(SwinWindows, FourNeighboursMergeLeftColumnFirst) {
    // 0 1 2 3
    // 4 5 6 7
    EXPECT_THAT(merged_fours(4, {0, 1}), ElementsAre(0, 4, 1, 5, 2, 6, 3, 7));
    EXPECT_THAT(merged_fours(4, {1, 0}), ElementsAre(2, 6, 3, 7, 0, 4, 1, 5));
}

TEST(SwinWindows, RelativePositionsCountFromTheFarthestUpAndLeft) {
    // A window of 2: the table is 3 x 3, its middle is no distance at all.
    EXPECT_THAT(relative_positions(2), ElementsAre(4, 3, 1, 0,  //
                                                   5, 4, 2, 1,  //
                                                   7, 6, 4, 3,  //
                                                   8, 7, 5, 4));
}

TEST(SwinWindows, OnlyWhatIsWrappedIsHidden) {
    const WindowGrid grid{.height = 4, .width = 4, .window = 2, .shift = 1};
    const TokenOrder order = window_order(grid);
    const std::vector<float> mask = shift_mask(grid);
    const std::size_t tokens = 4;
    ASSERT_EQ(mask.size(), 4 * tokens * tokens);
    for (std::size_t i = 0; i < mask.size(); ++i) {
        const std::size_t window = i / tokens / tokens;
        const std::int64_t query = order[window * tokens + i / tokens % tokens];
        const std::int64_t key = order[window * tokens + i % tokens];
        const bool near = std::abs(query / 4 - key / 4) <= 1 && std::abs(query % 4 - key % 4) <= 1;
        EXPECT_EQ(mask[i], near ? 0.0F : -100.0F) << query << " sees " << key;
    }
}

}  // namespace
}  // namespace bgm
