// Hundreds of files as strangers send them, against a running daemon: each post is answered by a pick or a
// dead letter within the leases of its kind, the daemon stays the same process, and nothing keeps growing.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"
#include "tests/hostile/corpus.hpp"

namespace bgm::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kInAnalysisMax = 48;
// The longest lease, twice: after the second worker a task is given up.
constexpr std::chrono::seconds kAnsweredWithin{120};
// What allocators keep and caches fill, not what a leak takes: hundreds of files of up to 150 MB decoded.
constexpr long kDaemonGrowthMaxKb = 48 * 1024;
constexpr long kWorkerGrowthMaxKb = 192 * 1024;

long resident_kb(const std::filesystem::path& process) {
    std::ifstream status(process / "status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
    }
    return 0;
}

struct Memory {
    long daemon_kb = 0;
    long largest_worker_kb = 0;
};

Memory memory_of(pid_t daemon) {
    Memory memory{.daemon_kb = resident_kb("/proc/" + std::to_string(daemon))};
    std::error_code gone;
    for (const auto& process : std::filesystem::directory_iterator("/proc", gone)) {
        std::ifstream stat(process.path() / "stat");
        std::string text;
        std::getline(stat, text);
        const std::size_t name_end = text.rfind(')');  // then state and parent
        if (name_end == std::string::npos || name_end + 4 >= text.size()) continue;
        if (std::atol(text.c_str() + name_end + 4) != daemon) continue;
        memory.largest_worker_kb = std::max(memory.largest_worker_kb, resident_kb(process.path()));
    }
    return memory;
}

// "modality/reason" -> how often a worker has ended so.
std::map<std::string, long> worker_ends(const Stack& stack) {
    std::map<std::string, long> ends;
    const std::string metrics = stack.http_get("/metrics").body;
    const std::string series = "bgmd_worker_ends_total{";
    for (std::size_t at = 0; (at = metrics.find(series, at)) != std::string::npos; at += series.size()) {
        const std::string line = metrics.substr(at, metrics.find('\n', at) - at);
        const long count = std::stol(line.substr(line.rfind(' ') + 1));
        if (count > 0) ends[line.substr(series.size(), line.rfind('}') - series.size())] = count;
    }
    return ends;
}

class HostileMedia : public testing::Test {
 protected:
    void send(const HostileFile& file) {
        const std::string id = "hostile-" + std::to_string(sent_.size());
        sent_.push_back(file.name + " (" + file.kind + ")");
        const Json post{{"post_id", id}, {"assets", {{{"kind", file.kind}, {"frame", 0}}}}};
        while (true) {
            const PostAck ack = client_.post(post, {file.bytes});
            if (ack.status == PostAck::Status::busy) {
                take_answers();
                continue;
            }
            if (ack.status == PostAck::Status::accepted) {
                waiting_[id] = Clock::now();
            } else {
                EXPECT_EQ(ack.status, PostAck::Status::rejected) << file.name;
                EXPECT_FALSE(ack.error_message.empty()) << file.name;
                ++outcomes_["rejected: " + ack.error_code];
            }
            return;
        }
    }

    // Notes who has been answered since.
    void take_answers() {
        const auto rows = stack_.sql(
            "SELECT post_id, 'pick', '-' FROM picks UNION ALL SELECT post_id, code, message FROM dead_posts");
        for (const auto& row : rows) {
            const auto found = waiting_.find(row.at(0));
            if (found == waiting_.end()) continue;
            const auto took =
                std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - found->second);
            if (took > slowest_) {
                slowest_ = took;
                slowest_name_ = sent_.at(std::stoul(row.at(0).substr(8)));
            }
            EXPECT_TRUE(row.at(1) == "pick" || !row.at(2).empty())
                << sent_.at(std::stoul(row.at(0).substr(8)));
            ++outcomes_[row.at(1)];
            waiting_.erase(found);
        }
    }

    void wait_until_at_most(std::size_t count) {
        const bool answered = eventually(
            [&] {
                take_answers();
                return waiting_.size() <= count;
            },
            kAnsweredWithin);
        if (answered) return;
        for (const auto& [id, since] : waiting_)
            ADD_FAILURE() << "hangs: " << sent_.at(std::stoul(id.substr(8)));
        waiting_.clear();
    }

    Stack stack_;
    Conversation client_{stack_};
    const pid_t daemon_ = stack_.processes().at("bgmd");
    std::vector<std::string> sent_;
    std::map<std::string, Clock::time_point> waiting_;
    std::map<std::string, int> outcomes_;
    std::chrono::milliseconds slowest_{0};
    std::string slowest_name_;
};

TEST_F(HostileMedia, EveryFileIsAnsweredAndNothingGrows) {
    const std::vector<HostileFile> corpus = hostile_corpus();
    ASSERT_GE(corpus.size(), 300U);
    // To look for a slow leak: the same files again, so that caches and allocators have nothing new to learn.
    const char* rounds = std::getenv("BGM_HOSTILE_ROUNDS");
    const auto begin = Clock::now();
    Memory early;
    for (int round = 1; rounds != nullptr && round < std::atoi(rounds); ++round) {
        for (const HostileFile& file : corpus) {
            send(file);
            if (waiting_.size() >= kInAnalysisMax) wait_until_at_most(kInAnalysisMax / 2);
        }
        wait_until_at_most(0);
        const Memory now = memory_of(daemon_);
        std::cout << "  resident after round " << round << ": bgmd " << now.daemon_kb
                  << " KiB, the largest worker " << now.largest_worker_kb << " KiB\n";
    }
    for (std::size_t i = 0; i < corpus.size(); ++i) {
        send(corpus[i]);
        if (waiting_.size() >= kInAnalysisMax) wait_until_at_most(kInAnalysisMax / 2);
        if (i == corpus.size() / 3) {
            wait_until_at_most(0);
            early = memory_of(daemon_);
        }
    }
    wait_until_at_most(0);
    const Memory late = memory_of(daemon_);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);

    std::cout << sent_.size() << " files in " << took.count() << " ms; slowest answer " << slowest_.count()
              << " ms: " << slowest_name_ << '\n';
    for (const auto& [outcome, count] : outcomes_)
        std::cout << "  " << outcome << ": " << count << '\n';
    for (const auto& [how, count] : worker_ends(stack_))
        std::cout << "  workers ended, " << how << ": " << count << '\n';
    std::cout << "  resident after a third and at the end: bgmd " << early.daemon_kb << " and "
              << late.daemon_kb << " KiB, the largest worker " << early.largest_worker_kb << " and "
              << late.largest_worker_kb << " KiB\n";

    ASSERT_EQ(stack_.processes().at("bgmd"), daemon_) << "bgmd must have survived";
    EXPECT_GT(outcomes_["pick"], 0) << "the good files among them count";
    EXPECT_EQ(outcomes_.count("internal"), 0U) << "every refusal has a reason";
    EXPECT_LT(late.daemon_kb - early.daemon_kb, kDaemonGrowthMaxKb);
    EXPECT_LT(late.largest_worker_kb - early.largest_worker_kb, kWorkerGrowthMaxKb);

    ASSERT_EQ(
        client_.post({{"post_id", "after"}, {"assets", {{{"kind", "IMAGE"}, {"frame", 0}}}}}, {jpeg_photo()})
            .status,
        PostAck::Status::accepted);
    EXPECT_TRUE(wait_for_pick(stack_, "after")) << "a good photo is served as before";
}

}  // namespace
}  // namespace bgm::test
