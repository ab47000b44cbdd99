// One number rules the threads of libtorch and of what shares OpenMP with it, and a kernel that was chosen
// for another program does not follow into this one.
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

constexpr const char* kSetting = "OPENBLAS_CORETYPE";
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
}

// Runs in the process that the test below starts.
TEST(Threads, StartedAgainWithoutTheKernel) {
    if (getenv(kChild) == nullptr) GTEST_SKIP() << "only for the test of starting again";
    EXPECT_EQ(getenv(kSetting), nullptr);
}

TEST(Threads, AnInheritedKernelIsLeftBehind) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        setenv(kChild, "1", 1);
        setenv(kSetting, "Prescott", 1);
        std::string program = "threads_tests";
        std::string filter = "--gtest_filter=Threads.StartedAgainWithoutTheKernel";
        std::array<char*, 3> arguments{program.data(), filter.data(), nullptr};
        leave_inherited_kernels(arguments.data());
        _exit(3);  // it did not start again
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace bgm
