// A lesson leaves the database to others for as long as it was busy for the lesson.
#include "ops/bgmctl/teach/page_rest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace bgm {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

TEST(PageRest, IsAsLongAsThePageTookAndNeverLong) {
    PageRest::Clock::time_point now{};
    std::vector<PageRest::Clock::duration> slept;
    PageRest rest([&] { return now; },
                  [&](PageRest::Clock::duration time) {
                      slept.push_back(time);
                      now += 2 * time;  // it woke late
                  });
    for (const int page_ms : {3, 0, 7, 5'000, 1}) {
        now += milliseconds(page_ms);
        rest();
    }
    EXPECT_THAT(slept, ElementsAre(milliseconds(3), milliseconds(0), milliseconds(7), PageRest::kMax,
                                   milliseconds(1)));
}

}  // namespace
}  // namespace bgm
