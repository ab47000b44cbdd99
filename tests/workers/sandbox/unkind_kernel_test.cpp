// A kernel that gives less than all: the worker says what is missing, and where all is required does not
// start.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>
#include <zmq.hpp>

#include "workers/sandbox/sandbox.hpp"

namespace bgm {
namespace {

using testing::AllOf;
using testing::HasSubstr;

enum class Lacks { landlock, seccomp };

// What containers and old kernels do: the calls are there, and answer with an error.
void be_unkind(Lacks what) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (what == Lacks::landlock) {
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0);
    } else {
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(seccomp), 0);
        const scmp_arg_cmp mode{.arg = 0, .op = SCMP_CMP_EQ, .datum_a = PR_SET_SECCOMP, .datum_b = 0};
        seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1, &mode);
    }
    if (seccomp_load(filter) != 0) _exit(99);
    seccomp_release(filter);
}

struct Ended {
    int status = -1;
    std::string said;
};

// What `work` says and ends with, in a process of its own: what is given up does not come back.
template <typename Work>
Ended in_a_child(const Work& work) {
    std::array<int, 2> pipe_ends{};
    if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return {};
    const pid_t child = fork();
    if (child == 0) {
        dup2(pipe_ends[1], STDERR_FILENO);
        work();
        _exit(0);
    }
    close(pipe_ends[1]);
    Ended ended;
    std::array<char, 4096> buffer{};
    for (ssize_t count = 0; (count = read(pipe_ends[0], buffer.data(), buffer.size())) > 0;)
        ended.said.append(buffer.data(), static_cast<std::size_t>(count));
    close(pipe_ends[0]);
    waitpid(child, &ended.status, 0);
    return ended;
}

void say(const std::string& text) {
    (void)!write(STDERR_FILENO, text.data(), text.size());
}

class UnkindKernel : public testing::TestWithParam<std::pair<Lacks, const char*>> {};

TEST_P(UnkindKernel, LeavesOutWhatItLacksAndNothingElse) {
    const auto& [lacks, name] = GetParam();
    const Ended ended = in_a_child([lacks = lacks] {
        be_unkind(lacks);
        const auto missing = enter_sandbox({.mode = SandboxMode::automatic});
        if (!missing) _exit(1);
        for (const std::string& protection : *missing)
            say(protection + ";");
    });
    ASSERT_TRUE(WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 0) << ended.said;
    EXPECT_THAT(ended.said, HasSubstr(name));
    EXPECT_EQ(std::count(ended.said.begin(), ended.said.end(), ';'), 1) << ended.said;
}

TEST_P(UnkindKernel, IsRefusedByAWorkerThatRequiresAll) {
    const auto& [lacks, name] = GetParam();
    zmq::context_t context;
    zmq::socket_t daemon(context, zmq::socket_type::router);  // a worker confines itself once it is connected
    daemon.bind("tcp://127.0.0.1:*");
    const std::string endpoint = daemon.get(zmq::sockopt::last_endpoint);
    const Ended ended = in_a_child([lacks = lacks, &endpoint] {
        be_unkind(lacks);
        execl(BGM_BINARY_DIR "/bgm-worker", "bgm-worker", "--name", "w", "--modality", "image", "--endpoint",
              endpoint.c_str(), "--models", "none", "--sandbox", "required", nullptr);
    });
    EXPECT_TRUE(WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 1) << ended.said;
    EXPECT_THAT(ended.said, AllOf(HasSubstr("this host cannot confine a process"), HasSubstr(name)));
}

INSTANTIATE_TEST_SUITE_P(Each, UnkindKernel,
                         testing::Values(std::pair(Lacks::landlock, "landlock"),
                                         std::pair(Lacks::seccomp, "seccomp")),
                         [](const auto& kernel) { return "Without_" + std::string(kernel.param.second); });

// A look for a part of the system is an error; a look at anything else is the end.
TEST(Sandbox, RefusesWhatLibrariesLookForAndEndsWhoeverLooksElsewhere) {
    const auto ended_by = [](const char* path, int flags) {
        return in_a_child([=] {
            if (!enter_sandbox({.mode = SandboxMode::automatic})) _exit(1);
            if (open(path, flags, 0600) >= 0) _exit(2);
            if (errno != EACCES) _exit(3);
        });
    };
    for (const char* path : {"/usr/lib/locale/locale-archive", "/usr/share/zoneinfo/Asia/Seoul",
                             "/etc/localtime", "/sys/fs/cgroup/cpu.max", "/dev/urandom", "/proc/self/maps"}) {
        const Ended ended = ended_by(path, O_RDONLY);
        EXPECT_TRUE(WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 0) << path << ended.status;
        EXPECT_EQ(ended.said, "bgm-worker: sandbox: goes without " + std::string(path) + "\n");
    }
    const Ended habit = ended_by("/proc/sys/vm/overcommit_memory", O_RDONLY);
    EXPECT_TRUE(WIFEXITED(habit.status) && WEXITSTATUS(habit.status) == 0) << habit.status;
    EXPECT_EQ(habit.said, "");
    for (const auto& [path, flags] :
         {std::pair("/etc/passwd", O_RDONLY), std::pair("/usr/lib/../../etc/passwd", O_RDONLY),
          std::pair("/usr/library", O_RDONLY), std::pair("/usr/share/x", O_WRONLY | O_CREAT),
          std::pair("/proc/self/environ", O_RDONLY), std::pair("/proc/1/maps", O_RDONLY),
          std::pair("usr/lib/x", O_RDONLY), std::pair("", O_RDONLY)}) {
        const Ended ended = ended_by(path, flags);
        EXPECT_TRUE(WIFSIGNALED(ended.status) && WTERMSIG(ended.status) == SIGSYS) << path << ended.status;
        EXPECT_THAT(ended.said, HasSubstr("is not allowed")) << path;
    }
}

TEST(Sandbox, LooksAtNoFileWithoutOpeningItEither) {
    const Ended ended = in_a_child([] {
        if (!enter_sandbox({.mode = SandboxMode::automatic})) _exit(1);
        if (access("/usr/lib", R_OK) != -1 || errno != EACCES) _exit(2);
        std::array<char, 8> target{};
        if (readlink("/etc/localtime", target.data(), target.size()) != -1 || errno != EACCES) _exit(3);
    });
    EXPECT_TRUE(WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 0) << ended.status << ended.said;
    const Ended elsewhere = in_a_child([] {
        if (!enter_sandbox({.mode = SandboxMode::automatic})) _exit(1);
        (void)!access("/etc/passwd", R_OK);
    });
    EXPECT_TRUE(WIFSIGNALED(elsewhere.status) && WTERMSIG(elsewhere.status) == SIGSYS) << elsewhere.status;
}

TEST(Sandbox, TakesNothingWhereItIsOff) {
    const Ended ended = in_a_child([] {
        if (const auto missing = enter_sandbox({.mode = SandboxMode::off}); !missing || !missing->empty())
            _exit(1);
        if (open("/dev/null", O_RDONLY) < 0) _exit(2);
    });
    EXPECT_TRUE(WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 0) << ended.status << ended.said;
}

}  // namespace
}  // namespace bgm
