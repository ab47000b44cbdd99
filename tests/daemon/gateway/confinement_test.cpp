// A gateway that has been taken over can do nothing to the host: the real program, with its real start, is
// asked over HTTP to try one thing after the other, and each ends it before it gets through.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/gateway/raw_client.hpp"

namespace bgm::test {
namespace {

using ::testing::HasSubstr;

/// rogue-gateway, alone on a free port; ended with this object.
class RogueGateway {
 public:
    RogueGateway() {
        std::array<int, 2> log{};
        if (pipe2(log.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, log[1], STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, log[1], STDERR_FILENO);
        std::vector<std::string> words{BGM_BINARY_DIR "/rogue-gateway"};
        for (const std::string& setting :
             {std::string("gateway.listen=127.0.0.1:0"), std::string("gateway.sandbox=required"),
              "runtime_dir=" + folder_.path().string(), std::string("log.format=json")}) {
            words.emplace_back("--set");
            words.push_back(setting);
        }
        std::vector<char*> arguments;
        for (std::string& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        const int failed = posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        close(log[1]);
        log_ = log[0];
        if (failed != 0) throw std::runtime_error(std::string("cannot start ") + arguments[0]);
        read_log_until("127.0.0.1:");
        while (said_.find('\n', said_.find("127.0.0.1:")) == std::string::npos && read_log()) {
        }
    }
    ~RogueGateway() {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
        close(log_);
    }
    RogueGateway(const RogueGateway&) = delete;
    RogueGateway& operator=(const RogueGateway&) = delete;

    RawClient client() const {
        const std::size_t at = said_.find("127.0.0.1:");
        if (at == std::string::npos) throw std::runtime_error("it does not listen: " + said_);
        return RawClient(said_.substr(at, said_.find_first_not_of("0123456789.:", at) - at));
    }
    HttpAnswer ask(const std::string& key) const {
        return client().ask("GET /v1/key HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer " + key + "\r\n\r\n");
    }
    pid_t pid() const { return pid_; }
    /// How it ended, and all that it said.
    std::pair<int, std::string> end() {
        while (read_log()) {
        }
        int status = 0;
        waitpid(std::exchange(pid_, -1), &status, 0);
        return {status, said_};
    }

 private:
    bool read_log() {
        std::array<char, 4096> buffer{};
        const ssize_t got = read(log_, buffer.data(), buffer.size());
        if (got > 0) said_.append(buffer.data(), static_cast<std::size_t>(got));
        return got > 0;
    }
    void read_log_until(const std::string& mark) {
        while (said_.find(mark) == std::string::npos && read_log()) {
        }
    }
    testing::ScratchFolder folder_;
    pid_t pid_ = -1;
    int log_ = -1;
    std::string said_;
};

void skip_if_sanitised() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "a sanitiser asks the kernel for more than a confined process may";
#endif
}

class ConfinementAgainst : public ::testing::TestWithParam<const char*> {
 protected:
    void SetUp() override { skip_if_sanitised(); }
};

class Confinement : public ::testing::Test {
 protected:
    void SetUp() override { skip_if_sanitised(); }
};

TEST_P(ConfinementAgainst, AGatewayThatTriesTo) {
    RogueGateway gateway;
    ASSERT_EQ(gateway.ask("harmless").status, 401) << "it serves";
    EXPECT_EQ(gateway.ask(GetParam()).status, 0) << "it does not live on";
    const auto [status, said] = gateway.end();
    ASSERT_TRUE(WIFSIGNALED(status)) << "exit status " << WEXITSTATUS(status) << ", 77: it got through\n"
                                     << said;
    EXPECT_EQ(WTERMSIG(status), SIGSYS);
    EXPECT_THAT(said, HasSubstr("bgm-gateway")) << "and says which call it was";
}

INSTANTIATE_TEST_SUITE_P(AllDeeds, ConfinementAgainst,
                         ::testing::Values("open", "read-itself", "write", "socket", "local-socket",
                                           "connect", "bind", "fork", "exec", "unlink", "kill", "ptrace",
                                           "make-code"),
                         [](const auto& deed) {
                             std::string name = deed.param;
                             std::erase(name, '-');
                             return name;
                         });

TEST_F(Confinement, IsWhatTheKernelSaysToo) {
    RogueGateway gateway;
    ASSERT_EQ(gateway.ask("harmless").status, 401);
    std::ifstream file("/proc/" + std::to_string(gateway.pid()) + "/status");
    const std::string status{std::istreambuf_iterator<char>(file), {}};
    EXPECT_THAT(status, HasSubstr("NoNewPrivs:\t1\n"));
    EXPECT_THAT(status, HasSubstr("Seccomp:\t2\n"));
}

}  // namespace
}  // namespace bgm::test
