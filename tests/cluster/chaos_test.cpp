// Everything that can happen to a machine happens to a random one, again and again, while posts stream in:
// kill -9, a wire pulled out, a process stopped, a clock that jumps, a disk that is full; on a host, a
// worker, a broker or the database. Afterwards the book says whether each acknowledged version is there,
// once, and is the newest.
//
// BGM_CHAOS_ROUNDS says how often (6), BGM_CHAOS_SEED which way (a new one each time; it is printed),
// BGM_CHAOS_QUEUE against which queue.
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/cluster/ledger.hpp"

namespace bgm::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

unsigned from_environment(const char* name, unsigned otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : static_cast<unsigned>(std::stoul(text));
}

/// Children of this process that run that program.
std::vector<pid_t> children_of(pid_t parent, const std::string& program) {
    std::vector<pid_t> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        std::ifstream stat(entry.path() / "stat");
        std::string text;
        std::getline(stat, text);
        const std::size_t behind_name = text.rfind(')');
        if (behind_name == std::string::npos || text.find(program.substr(0, 15)) == std::string::npos)
            continue;
        if (std::stoi(text.substr(behind_name + 4)) == parent) found.push_back(std::stoi(name));
    }
    return found;
}

class Chaos : public testing::Test {
 protected:
    void SetUp() override {
        const char* queue = std::getenv("BGM_CHAOS_QUEUE");
        amqp_ = queue == nullptr || std::string(queue) == "amqp";
        if (const std::string why = Cluster::why_not(amqp_); !why.empty()) GTEST_SKIP() << why;
        cluster_ = std::make_unique<Cluster>(Cluster::Options{.amqp = amqp_, .hosts = amqp_ ? 3U : 1U});
    }
    void TearDown() override {
        // Before the machines that they talk to.
        books_.clear();
        cluster_.reset();
    }

    std::size_t any(std::size_t count) {
        return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
    }
    /// Mostly shorter than anybody notices, now and then longer than everybody's patience.
    milliseconds a_while() {
        return any(6) == 0 ? milliseconds(8'000 + any(12'000)) : milliseconds(100 + any(3'000));
    }
    /// Breaks something; what, in words.
    std::string break_something(Ledger& book);
    std::string hurt(const std::string& name, const Machine& machine, const std::function<void()>& freeze,
                     const std::function<void()>& kill);

    bool amqp_ = true;
    std::mt19937 random_;
    std::unique_ptr<Cluster> cluster_;
    std::vector<std::unique_ptr<Ledger>> books_;
};

std::string Chaos::hurt(const std::string& name, const Machine& machine, const std::function<void()>& freeze,
                        const std::function<void()>& kill) {
    switch (any(5)) {
        case 0:
            kill();
            return name + " is killed";
        case 1:
            machine.pull_out();
            return name + " is cut off";
        case 2:
            freeze();
            return name + " stands still";
        case 3:
            machine.fill_disk(any(2) == 0 ? 0 : 5);
            return name + " has a full disk";
        default: {
            const double seconds = (any(2) == 0 ? -1 : 1) * static_cast<double>(1 + any(7'200));
            machine.shift_clock(seconds);
            return name + "'s clock jumps by " + std::to_string(static_cast<long>(seconds)) + " s";
        }
    }
}

std::string Chaos::break_something(Ledger& book) {
    switch (any(amqp_ ? 8 : 5)) {
        case 0: {
            Database& database = cluster_->database();
            return hurt(
                "the database", database.machine(), [&] { database.freeze(); }, [&] { database.kill(); });
        }
        case 1: {
            const std::size_t number = any(cluster_->host_count());
            const std::vector<pid_t> workers = children_of(cluster_->host(number).pid(), "waiting-worker");
            if (workers.empty()) return "there is no worker to be killed";
            const int signal = any(2) == 0 ? SIGKILL : SIGSTOP;
            ::kill(workers[any(workers.size())], signal);
            return std::string("a worker is ") + (signal == SIGKILL ? "killed" : "stopped");
        }
        case 2:
        case 3:
        case 4: {
            const std::size_t number = any(cluster_->host_count());
            Host& host = cluster_->host(number);
            return hurt(
                host.machine().name(), host.machine(), [&] { host.signal(SIGSTOP); },
                [&, number] {
                    host.kill();
                    book.host_was_killed(number);
                });
        }
        default: {
            Brokers& brokers = cluster_->brokers();
            const std::size_t node = any(brokers.count());
            return hurt(
                brokers.machine(node).name(), brokers.machine(node), [&, node] { brokers.freeze(node); },
                [&, node] { brokers.kill(node); });
        }
    }
}

TEST_F(Chaos, NothingThatWasAcknowledgedIsLostDoubledOrOld) {
    const unsigned rounds = from_environment("BGM_CHAOS_ROUNDS", 6);
    const unsigned seed = from_environment("BGM_CHAOS_SEED", std::random_device()());
    constexpr unsigned kRoundsOfABook = 20;
    std::cout << "BGM_CHAOS_SEED=" << seed << " BGM_CHAOS_ROUNDS=" << rounds << std::endl;
    random_.seed(seed);
    std::size_t posts = 0, versions = 0, tries = 0;
    for (unsigned round = 0; round < rounds; ++round) {
        if (round % kRoundsOfABook == 0)
            books_.push_back(std::make_unique<Ledger>(
                *cluster_, Ledger::Options{.prefix = "r" + std::to_string(round) + "-",
                                           .seed = static_cast<unsigned>(random_()),
                                           .posts_per_s = 25,
                                           .takes_ms = 3}));
        Ledger& book = *books_.back();
        const std::size_t goal = book.acknowledged() + 10;
        book.run_until([&] { return book.acknowledged() >= goal; });
        const milliseconds lasts = a_while();
        const auto begin = Clock::now();
        const std::string what = break_something(book);
        std::cout << "  round " << round + 1 << ": " << what << " for " << lasts.count() << " ms"
                  << std::flush;
        book.run_until([&] { return Clock::now() >= begin + lasts; });
        cluster_->mend();
        const auto mended = Clock::now();
        auto look = mended;
        const bool well = [&] {
            bool ready = false;
            book.run_until([&] {
                if (Clock::now() < look) return false;
                cluster_->mend();
                ready = cluster_->all_ready();
                look = Clock::now() + milliseconds(250);
                return ready || Clock::now() > mended + std::chrono::seconds(180);
            });
            return ready;
        }();
        std::cout << "; well after "
                  << std::chrono::duration_cast<milliseconds>(Clock::now() - mended).count() << " ms"
                  << std::endl;
        ASSERT_TRUE(well) << "after 180 s not everything is ready\n" << cluster_->last_words();
        if (round % kRoundsOfABook != kRoundsOfABook - 1 && round + 1 != rounds) continue;
        ASSERT_TRUE(book.finish()) << book.open_text() << cluster_->last_words();
        const Ledger::Findings findings = book.check(std::chrono::seconds(60));
        posts += book.posts(), versions += book.acknowledged(), tries += book.tries();
        std::cout << "  " << round + 1 << " rounds: " << posts << " posts, " << versions
                  << " acknowledged versions in " << tries << " tries; " << findings.lost.size() << " lost, "
                  << findings.doubled.size() << " doubled, " << findings.wrong.size() << " wrong"
                  << std::endl;
        ASSERT_TRUE(findings.clean()) << findings.text() << cluster_->last_words();
        book.hang_up();
    }
    // What came later has undone nothing.
    for (const auto& book : books_) {
        const Ledger::Findings findings = book->check(std::chrono::seconds(0));
        EXPECT_TRUE(findings.clean()) << findings.text();
    }
}

}  // namespace
}  // namespace bgm::test
