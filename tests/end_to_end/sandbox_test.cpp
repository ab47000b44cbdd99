// Workers that are made to try what a taken-over decoder would: each is stopped, told apart by its reason,
// and started again; and the post gets its pick from what is left of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"

namespace bgm::test {
namespace {

class Sandbox : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        stack_ = std::make_unique<Stack>(
            Stack::Options{.mysql = true,
                           .settings = {"workers.program=" BGM_BINARY_DIR "/rogue-worker", "workers.audio=0",
                                        "workers.video=0", "workers.sandbox=required", "workers.task_cpu_s=1",
                                        "dispatch.text_deadline_ms=120000", "workers.restart_min_ms=1",
                                        "workers.restart_max_ms=20"}});
    }
    static void TearDownTestSuite() { stack_.reset(); }

    static long deaths_by(const std::string& reason) {
        const std::string metrics = stack_->http_get("/metrics").body;
        const std::string series = "bgmd_worker_ends_total{modality=\"text\",reason=\"" + reason + "\"} ";
        const std::size_t at = metrics.find(series);
        return at == std::string::npos ? 0 : std::stol(metrics.substr(at + series.size()));
    }

    /// The workers of a modality, or all of them: name -> pid.
    static std::map<std::string, pid_t> processes_of(const std::string& modality) {
        auto all = stack_->processes();
        std::erase_if(all, [&](const auto& each) { return !each.first.starts_with("worker-" + modality); });
        return all;
    }

    /// Inodes of the sockets that a process has. Empty where this user may not look.
    static std::set<std::string> sockets_of(pid_t pid) {
        std::set<std::string> inodes;
        std::error_code error;
        for (const auto& fd :
             std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", error)) {
            const std::string target = std::filesystem::read_symlink(fd.path(), error).string();
            if (target.starts_with("socket:")) inodes.insert(target);
        }
        return inodes;
    }

    static std::string read_file(const std::string& path) {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    static std::unique_ptr<Stack> stack_;
    Conversation client_{*stack_};
};
std::unique_ptr<Stack> Sandbox::stack_;

class SandboxAgainst : public Sandbox, public testing::WithParamInterface<const char*> {};

TEST_P(SandboxAgainst, AWorkerThatTriesTo) {
    std::string post_id = std::string("rogue ") + GetParam();
    std::replace(post_id.begin(), post_id.end(), ' ', '-');
    const std::string reason = post_id == "rogue-compute-for-ever" ? "cpu" : "sandbox";
    const long before = deaths_by(reason);
    const auto ack = client_.post(
        {{"post_id", post_id}, {"text", GetParam()}, {"assets", {{{"kind", "IMAGE"}, {"frame", 0}}}}},
        {jpeg_photo()});
    ASSERT_EQ(ack.status, PostAck::Status::accepted) << ack.error_message;
    ASSERT_TRUE(wait_for_pick(*stack_, post_id));
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM picks WHERE post_id = '" + post_id +
                            "' AND degraded LIKE '%\"text\"%' AND degraded LIKE '%corrupt%'"),
              1)
        << "the text is given up once it has ended two workers";
    EXPECT_TRUE(eventually([&] { return deaths_by(reason) >= before + 2; }));
    const std::string after = post_id + "-after";
    client_.post({{"post_id", after}, {"text", "everything is fine"}});
    EXPECT_TRUE(wait_for_pick(*stack_, after)) << "a new worker serves";
}

INSTANTIATE_TEST_SUITE_P(AllDeeds, SandboxAgainst,
                         testing::Values("connect", "connect locally", "open", "write", "fork", "exec",
                                         "unlink", "kill", "kill a thread", "kill by a descriptor", "ptrace",
                                         "make code", "compute for ever"),
                         [](const auto& deed) {
                             std::string name = deed.param;
                             name.erase(std::remove(name.begin(), name.end(), ' '), name.end());
                             return name;
                         });

// These are answered with an error that a decoder may live with: the worker goes on.
TEST_F(Sandbox, GivesAWorkerNoMoreThanItsShare) {
    for (const char* deed : {"take memory", "take descriptors", "slow down"}) {
        std::string post_id = std::string("greedy ") + deed;
        std::replace(post_id.begin(), post_id.end(), ' ', '-');
        const auto worker = processes_of("text");
        client_.post({{"post_id", post_id}, {"text", deed}});
        const auto pick = wait_for_pick(*stack_, post_id);
        ASSERT_TRUE(pick) << deed;
        EXPECT_TRUE(pick->degraded.empty()) << deed << ": " << pick->degraded.dump();
        EXPECT_EQ(processes_of("text"), worker) << deed << " ended the worker";
    }
}

// A worker that starts again finds bgmd with sessions to MySQL and sockets of its clients.
TEST_F(Sandbox, LeavesAWorkerThatStartedAgainNoSocketOfTheDaemon) {
    client_.post({{"post_id", "before-the-end"}, {"text", "everything is fine"}});
    ASSERT_TRUE(wait_for_pick(*stack_, "before-the-end"));
    const pid_t first = processes_of("text").at("worker-text-0");
    ASSERT_TRUE(stack_->signal("worker-text-0", SIGKILL));
    EXPECT_TRUE(eventually([&] {
        const auto now = processes_of("text");
        return now.contains("worker-text-0") && now.at("worker-text-0") != first;
    }));
    client_.post({{"post_id", "speaks"}, {"text", "speak as the daemon"}});
    const auto pick = wait_for_pick(*stack_, "speaks");
    ASSERT_TRUE(pick);
    EXPECT_TRUE(pick->degraded.empty()) << pick->degraded.dump();
    const pid_t second = processes_of("text").at("worker-text-0");
    const auto of_worker = sockets_of(second);
    if (of_worker.empty()) GTEST_SKIP() << "this user may not see a confined worker's descriptors";
    const auto of_daemon = sockets_of(stack_->processes().at("bgmd"));
    std::vector<std::string> common;
    std::ranges::set_intersection(of_worker, of_daemon, std::back_inserter(common));
    std::cout << "sockets of bgmd: " << of_daemon.size() << ", of the worker: " << of_worker.size()
              << ", in common: " << common.size() << '\n';
    EXPECT_TRUE(common.empty()) << testing::PrintToString(common);
}

TEST_F(Sandbox, IsWhatTheKernelSaysOfAWorkerToo) {
    client_.post({{"post_id", "before-the-look"}, {"text", "everything is fine"}});
    ASSERT_TRUE(wait_for_pick(*stack_, "before-the-look"));
    for (const auto& [name, pid] : processes_of("")) {
        const std::string status = read_file("/proc/" + std::to_string(pid) + "/status");
        EXPECT_NE(status.find("NoNewPrivs:\t1\n"), std::string::npos) << name << status;
        EXPECT_NE(status.find("Seccomp:\t2\n"), std::string::npos) << name << status;
        const std::string limits = read_file("/proc/" + std::to_string(pid) + "/limits");
        EXPECT_TRUE(std::regex_search(limits, std::regex("Max core file size +0 +0 "))) << name << limits;
    }
}

}  // namespace
}  // namespace bgm::test
