// The limit of processor time, in processes of their own: it is the whole process's.
#include "workers/sandbox/cpu_limit.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <atomic>
#include <ctime>
#include <optional>

namespace bgm {
namespace {

rlim_t limit_now() {
    rlimit limit{};
    getrlimit(RLIMIT_CPU, &limit);
    return limit.rlim_cur;
}

// What the kernel holds against the limit (CPUCLOCK_PROF): not the time that the scheduler measures.
double counted_s() {
    timespec time{};
    clock_gettime(static_cast<clockid_t>(~0U << 3U), &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

bool leaves(double seconds) {
    const double left = static_cast<double>(limit_now()) - counted_s();
    return left > seconds && left < seconds + 2;
}

TEST(CpuLimit, LeavesEachTaskItsSecondsOnTheClockThatTheKernelCounts) {
    EXPECT_EXIT(
        {
            CpuLimit limit(5);
            if (limit_now() != RLIM_INFINITY) exit(1);
            std::optional<CpuLimit::Work> batch(std::in_place, limit, 3);
            if (!leaves(15)) exit(2);
            std::optional<CpuLimit::Work> other(std::in_place, limit, 1);
            if (!leaves(15)) exit(3);  // the batch's
            batch.reset();
            if (limit_now() == RLIM_INFINITY) exit(4);  // the other goes on
            other.reset();
            if (limit_now() != RLIM_INFINITY) exit(5);  // heartbeats over days do not add up
            exit(0);
        },
        testing::ExitedWithCode(0), "");
}

TEST(CpuLimit, EndsATaskThatComputesForEver) {
    EXPECT_EXIT(
        {
            CpuLimit limit(1);
            const CpuLimit::Work work(limit, 1);
            for (std::atomic<unsigned> number = 0;; ++number) {
            }
        },
        testing::KilledBySignal(SIGXCPU), "");
}

TEST(CpuLimit, IsNoneWhereItIsTurnedOff) {
    EXPECT_EXIT(
        {
            CpuLimit limit(0);
            const CpuLimit::Work work(limit, 1);
            exit(limit_now() == RLIM_INFINITY ? 0 : 1);
        },
        testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace bgm
