// A team does every step of each item once and in order, by whoever is free, and nobody waits for a thread
// that has no processor.
#include "workers/encoders/team.hpp"

#include <gtest/gtest.h>
#include <omp.h>

#include <atomic>
#include <chrono>
#include <stdexcept>

namespace bgm {
namespace {

TEST(Team, DoesEveryStepOfEachItemOnceAndInOrder) {
    for (const std::size_t threads : {1, 2, 4}) {
        Team team(threads);
        ASSERT_EQ(team.threads(), threads);
        for (const std::size_t items : {0, 1, 2, 3, 17}) {
            constexpr std::size_t kSteps = 9;
            std::vector<std::size_t> done(items);
            std::atomic<int> wrong{0};
            team.relay(items, kSteps, [&](std::size_t item, std::size_t step, std::size_t thread) {
                // Not atomic: that nobody else is at work on the item is what is promised.
                if (done.at(item)++ != step || thread >= threads) ++wrong;
            });
            EXPECT_EQ(wrong, 0);
            EXPECT_EQ(done, std::vector<std::size_t>(items, kSteps)) << items << " items";
        }
        team.relay(3, 0, [](auto, auto, auto) { FAIL() << "there is no step"; });
    }
}

// One thread loses its processor within its first step, until all else is done.
TEST(Team, NobodyWaitsForAThreadThatHasNoProcessor) {
    Team team(2);
    constexpr std::size_t kItems = 5;
    constexpr std::size_t kSteps = 4;
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t others = 0;
    bool done = false;
    team.relay(kItems, kSteps, [&](std::size_t item, std::size_t step, std::size_t /*thread*/) {
        std::unique_lock lock(mutex);
        if (item == 0 && step == 0) {
            done = changed.wait_for(lock, std::chrono::minutes(1),
                                    [&] { return others == (kItems - 1) * kSteps; });
        } else if (item != 0) {
            ++others;
            changed.notify_all();
        }
    });
    EXPECT_TRUE(done) << others << " steps of others";
}

TEST(Team, ThrowsWhatAStepThrowsAndServesAgain) {
    for (const std::size_t threads : {1, 3}) {
        Team team(threads);
        for (const std::size_t items : {1, 6}) {
            std::atomic<int> at_work{0};
            const auto failing = [&](std::size_t /*item*/, std::size_t step, std::size_t /*thread*/) {
                ++at_work;
                if (step == 1) {
                    --at_work;
                    throw std::runtime_error("no memory");
                }
                --at_work;
            };
            EXPECT_THROW(team.relay(items, 3, failing), std::runtime_error);
            EXPECT_EQ(at_work, 0);
            std::atomic<std::size_t> steps{0};
            team.relay(items, 3, [&](auto, auto, auto) { ++steps; });
            EXPECT_EQ(steps, items * 3);
        }
    }
}

TEST(Team, ComputesWithOneThreadOfOpenMpEach) {
    omp_set_num_threads(5);
    Team team(3);
    std::atomic<int> most{0};
    team.relay(12, 2, [&](auto, auto, auto) {
        if (omp_get_max_threads() > most) most = omp_get_max_threads();
    });
    EXPECT_EQ(most, 1);
    EXPECT_EQ(omp_get_max_threads(), 5);
}

}  // namespace
}  // namespace bgm
