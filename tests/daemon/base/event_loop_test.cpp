// The one loop: functions from other threads run in the order in which each thread posted them, descriptors
// and timers are served meanwhile, and it stops when told.
#include "daemon/base/event_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/daemon/base/running_loop.hpp"

namespace bgm {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""h;
using ::testing::Each;
using ::testing::ElementsAre;
using testing::RunningLoop;

TEST(TheEventLoop, RunsWhatEachThreadPostsInItsOrder) {
    EventLoop loop;
    constexpr int kThreads = 4;
    constexpr int kEach = 5000;
    std::vector<int> last(kThreads, -1);
    int out_of_order = 0;
    std::atomic<int> posting{kThreads};
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = 0; i < kEach; ++i) {
                loop.post([&, thread, i] {
                    auto& before = last[static_cast<std::size_t>(thread)];
                    if (i != before + 1) ++out_of_order;
                    before = i;
                });
            }
            if (--posting == 0) loop.stop();
        });
    }
    loop.run();
    EXPECT_EQ(out_of_order, 0);
    EXPECT_THAT(last, Each(kEach - 1)) << "what was posted before stop() has run";
}

// The loop sleeps, is told of all of it at the end, and forgets neither that nor what others post meanwhile.
TEST(TheEventLoop, IsWokenOnceForWhatIsPostedTogether) {
    RunningLoop running;
    int turns = 0;  // the loop's thread's, as the next
    std::vector<int> ran;
    running.loop().observe_turns([&](auto) { ++turns; });
    running.start();
    const int before = running.on_loop([&] { return turns; });
    std::jthread other;
    running.loop().post_together([&] {
        for (int i = 0; i < 100; ++i)
            running.loop().post([&, i] { ran.push_back(i); });
        other = std::jthread([&] { running.loop().post([&] { ran.push_back(100); }); });
        other.join();
    });
    const int turns_after = running.on_loop([&] { return turns; });
    EXPECT_EQ(ran.size(), 101U);
    EXPECT_TRUE(std::ranges::is_sorted(ran));
    EXPECT_LE(turns_after - before, 3) << "not one for each";
}

TEST(TheEventLoop, RunsWhatWasPostedBeforeItStarted) {
    EventLoop loop;
    std::vector<int> ran;
    loop.post([&] { ran.push_back(1); });
    loop.post([&] {
        ran.push_back(2);
        loop.post([&] { ran.push_back(3); });
        loop.stop();
    });
    loop.run();
    EXPECT_THAT(ran, ElementsAre(1, 2, 3));
}

TEST(TheEventLoop, StopsAtOnceWhenItWasToldBefore) {
    EventLoop loop;
    loop.every(1h, [] {});
    loop.stop();
    loop.run();
}

TEST(TheEventLoop, RunsTimersAgainAndAgainBesideOneAnother) {
    EventLoop loop;
    int fast = 0;
    int slow = 0;
    const auto start = EventLoop::Clock::now();
    loop.every(1ms, [&] { ++fast; });
    loop.every(20ms, [&] {
        if (++slow == 2) loop.stop();
    });
    loop.run();
    EXPECT_GE(EventLoop::Clock::now() - start, 40ms) << "first after one period, and never early";
    EXPECT_EQ(slow, 2);
    EXPECT_GE(fast, slow);
}

// The timers that are there must not move under the handler that runs.
TEST(TheEventLoop, LetsATimerAddOthers) {
    EventLoop loop;
    const std::array<std::uint64_t, 2> small{1, 2};  // lives inside the handler itself
    int added = 0;
    loop.every(1ms, [&loop, &added, small] {
        for (int i = 0; i < 1000; ++i)
            loop.every(1h, [] {});
        added += 1000;
        EXPECT_THAT(small, ElementsAre(1, 2));
        loop.stop();
    });
    loop.run();
    EXPECT_EQ(added, 1000);
}

TEST(TheEventLoop, TellsHowLongEachTurnTook) {
    EventLoop loop;
    std::chrono::duration<double> longest{0};
    loop.observe_turns([&](std::chrono::duration<double> turn) { longest = std::max(longest, turn); });
    loop.post([&] {
        const auto until = EventLoop::Clock::now() + 5ms;
        while (EventLoop::Clock::now() < until) {
        }
        loop.stop();
    });
    loop.run();
    EXPECT_GE(longest, 5ms);
}

TEST(TheEventLoop, CallsWhileADescriptorIsReadableAndNotAfterItIsUnwatched) {
    RunningLoop running;
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe(ends.data()), 0);
    std::string heard;
    running.loop().watch_fd(ends[0], [&] {
        char byte = 0;
        ASSERT_EQ(read(ends[0], &byte, 1), 1);
        heard += byte;
        if (byte == '!') running.loop().unwatch_fd(ends[0]);
    });
    running.start();
    ASSERT_EQ(write(ends[1], "ab!cd", 5), 5);
    EXPECT_TRUE(running.eventually([&] { return heard == "ab!"; }));
    running.on_loop([] {});
    EXPECT_EQ(running.on_loop([&] { return heard; }), "ab!");
    running.stop();
    close(ends[0]);
    close(ends[1]);
}

// A handler may take away the watch of another that is due in the same round, and its own.
TEST(TheEventLoop, LetsAHandlerUnwatchItsNeighbour) {
    RunningLoop running;
    std::array<int, 2> first{};
    std::array<int, 2> second{};
    ASSERT_EQ(pipe(first.data()), 0);
    ASSERT_EQ(pipe(second.data()), 0);
    int calls = 0;
    const auto only_one = [&] {
        ++calls;
        running.loop().unwatch_fd(first[0]);
        running.loop().unwatch_fd(second[0]);
    };
    running.loop().watch_fd(first[0], only_one);
    running.loop().watch_fd(second[0], only_one);
    ASSERT_EQ(write(first[1], "x", 1), 1);
    ASSERT_EQ(write(second[1], "x", 1), 1);
    running.start();
    EXPECT_TRUE(running.eventually([&] { return calls == 1; }));
    running.on_loop([] {});
    EXPECT_EQ(running.on_loop([&] { return calls; }), 1);
    running.stop();
    for (const int fd : {first[0], first[1], second[0], second[1]})
        close(fd);
}

}  // namespace
}  // namespace bgm
