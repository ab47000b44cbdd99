// One number rules the threads of libtorch, of what shares OpenMP with it and of the team, and settings that
// were made for another program, or not made, do not slow this one down.
#include "workers/encoders/threads.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <omp.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

namespace bgm {
namespace {

constexpr const char* kKernels = "OPENBLAS_CORETYPE";
constexpr const char* kSpins = "GOMP_SPINCOUNT";
constexpr const char* kChild = "BGM_THREADS_TEST_CHILD";

TEST(Threads, NoneAskedForTakesEveryProcessor) {
    EXPECT_EQ(use_threads(0), omp_get_num_procs());
    EXPECT_EQ(at::get_num_threads(), omp_get_num_procs());
    EXPECT_EQ(omp_get_max_threads(), omp_get_num_procs()) << "libtorch's own guess must not come back";
}

TEST(Threads, TheNumberAskedForIsEverybodys) {
    EXPECT_EQ(use_threads(3), 3);
    EXPECT_EQ(at::get_num_threads(), 3);
    EXPECT_EQ(omp_get_max_threads(), 3);
    EXPECT_EQ(team().threads(), 3U);
}

// Runs in the process that the test below starts.
TEST(Threads, StartedAgainWithSettingsOfItsOwn) {
    if (getenv(kChild) == nullptr) GTEST_SKIP() << "only for the test of starting again";
    EXPECT_EQ(getenv(kKernels), nullptr);
    ASSERT_NE(getenv(kSpins), nullptr);
    EXPECT_STREQ(getenv(kSpins), getenv(kChild)) << "what somebody chose for the spins stays";
}

// Starts this program again as settle_environment() does; `set` makes the environment before.
int exit_of_child(void (*set)()) {
    const pid_t child = fork();
    if (child == 0) {
        set();
        std::string program = "threads_tests";
        std::string filter = "--gtest_filter=Threads.StartedAgainWithSettingsOfItsOwn";
        std::array<char*, 3> arguments{program.data(), filter.data(), nullptr};
        settle_environment(arguments.data());
        _exit(3);  // it did not start again
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}

TEST(Threads, AnInheritedKernelIsLeftBehind) {
    EXPECT_EQ(exit_of_child([] {
                  setenv(kChild, "77", 1);
                  setenv(kSpins, "77", 1);
                  setenv(kKernels, "Prescott", 1);
              }),
              0);
}

TEST(Threads, WaitingSpinsForAMomentOnly) {
    EXPECT_EQ(exit_of_child([] {
                  setenv(kChild, "2000", 1);
                  unsetenv(kSpins);
                  unsetenv(kKernels);
              }),
              0);
}

}  // namespace
}  // namespace bgm
