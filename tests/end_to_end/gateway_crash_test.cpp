// kill -9 of the gateway, of bgmd and of MariaDB in turn, while posts come by HTTP: each post that was
// answered 202 ends exactly once, as a row in `picks` or in `dead_posts`, and a client that follows the
// events and goes on with `Last-Event-ID` after each loss is told of every one of them, with ids that only
// grow.
//
//   BGMD_CRASH_ROUNDS=200 build/release/end_to_end_test --gtest_filter=GatewayCrash.*
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <set>
#include <thread>

#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/http_client.hpp"
#include "tests/end_to_end/media.hpp"

namespace bgm::test {
namespace {

constexpr int kClients = 4;
constexpr int kPostsOfARound = 120;
const std::vector<std::string> kVictims{"gateway", "bgmd", "mariadb"};

int rounds() {
    const char* wanted = std::getenv("BGMD_CRASH_ROUNDS");
    return wanted != nullptr ? std::max(1, std::atoi(wanted)) : 2 * static_cast<int>(kVictims.size());
}

// Clients as they should be: what is not answered with 200 or 202 is sent again, over a new connection if
// need be.
class Clients {
 public:
    explicit Clients(const Stack& stack) : photo_(jpeg_photo()) {
        for (int i = 0; i < kClients; ++i)
            clients_.push_back(std::make_unique<HttpClient>(stack));
    }

    /// Sends posts [from, to), and returns when each is answered. `after_some` runs once a third of them is.
    void stream(int from, int to, const std::function<void()>& after_some) {
        next_ = from;
        const std::size_t some = answered() + static_cast<std::size_t>(to - from) / 3;
        std::atomic<int> at_work = kClients;
        std::vector<std::jthread> threads;
        for (const auto& client : clients_) {
            threads.emplace_back([&, to] {
                for (int number = next_++; number < to; number = next_++)
                    send(*client, number);
                --at_work;
            });
        }
        if (!eventually([&] { return answered() >= some || at_work == 0; }))
            throw std::runtime_error("stuck");
        after_some();
    }

    std::size_t answered() const {
        const std::scoped_lock lock(mutex_);
        return accepted_.size();
    }
    std::set<std::string> accepted() const {
        const std::scoped_lock lock(mutex_);
        return accepted_;
    }
    std::map<long, int> answers() const {
        const std::scoped_lock lock(mutex_);
        return answers_;
    }
    long connections() const {
        long sum = 0;
        for (const auto& client : clients_)
            sum += client->connections();
        return sum;
    }

 private:
    void send(HttpClient& client, int number) {
        const std::string id = "p" + std::to_string(number);
        const std::string post =
            Json{{"post_id", id}, {"text", "post " + std::to_string(number) + " of a long and rainy day"}}
                .dump();
        const std::vector<HttpClient::Part> form{
            {.name = "post", .type = "application/json", .bytes = post},
            {.name = "photo", .type = "image/jpeg", .bytes = photo_, .file_name = "photo.jpg"}};
        const bool done = eventually(
            [&] {
                const auto answer =
                    number % 20 == 7 ? client.post("/v1/posts", form) : client.post("/v1/posts", post);
                const std::scoped_lock lock(mutex_);
                ++answers_[answer.status];
                // 200 is a post that is known: the 202 before it was lost on its way.
                if (answer.status == 202 || answer.status == 200) return accepted_.insert(id).second;
                if (answer.status == 0 || answer.status == 429 || answer.status == 503) return false;
                ADD_FAILURE() << id << ": " << answer.status << " " << answer.body;
                return true;
            },
            std::chrono::seconds(120));
        if (!done) ADD_FAILURE() << id << " was never accepted";
    }

    const std::string photo_;
    std::vector<std::unique_ptr<HttpClient>> clients_;
    std::atomic<int> next_ = 0;
    mutable std::mutex mutex_;
    std::set<std::string> accepted_;
    std::map<long, int> answers_;  // status -> how often
};

TEST(GatewayCrash, EveryPostTakenByHttpEndsExactlyOnceAndIsTold) {
    Stack stack({.settings = {"workers.restart_max_ms=500", "workers.silent_ms=3000"}});
    if (stack.env("BGMD_GATEWAY").empty()) GTEST_SKIP() << "bgm-gateway is not built";
    EventReader events(stack);
    ASSERT_TRUE(eventually([&] { return events.began(); }));
    Clients clients(stack);
    int killed = 0;
    for (int round = 0; round < rounds(); ++round) {
        std::jthread reaper;
        clients.stream(kPostsOfARound * round, kPostsOfARound * (round + 1), [&] {
            killed +=
                stack.signal(kVictims[static_cast<std::size_t>(round) % kVictims.size()], SIGKILL) ? 1 : 0;
            reaper = std::jthread([&] { stack.up(); });
        });
    }
    EXPECT_EQ(killed, rounds()) << "every victim was there to be killed";
    const std::set<std::string> accepted = clients.accepted();
    const auto all = static_cast<std::size_t>(kPostsOfARound * rounds());
    EXPECT_EQ(accepted.size(), all);

    stack.up();
    EXPECT_TRUE(eventually([&] {
        return stack.count("SELECT (SELECT COUNT(*) FROM picks) + (SELECT COUNT(*) FROM dead_posts)") >=
               static_cast<long>(all);
    }));
    std::set<std::string> found;
    for (const auto& row : stack.sql("SELECT post_id FROM picks UNION ALL SELECT post_id FROM dead_posts"))
        EXPECT_TRUE(found.insert(row.at(0)).second) << row.at(0) << " is there twice";
    for (const std::string& id : accepted)
        EXPECT_TRUE(found.contains(id)) << id << " was answered 202 and is lost";
    EXPECT_EQ(stack.count("SELECT COUNT(*) FROM picks WHERE revision != 1"), 0)
        << "a post that is sent again is no new revision";

    eventually([&] { return events.seen() >= found.size(); });
    for (const std::string& id : found)
        EXPECT_TRUE(events.has_seen(id)) << "no event told of " << id;
    EXPECT_THAT(events.faults(), testing::IsEmpty());
    std::cout << "killed " << killed << " processes; " << accepted.size() << " posts over "
              << clients.connections() << " connections; " << events.told() << " events in "
              << events.streams() << " streams; answers:";
    for (const auto& [status, count] : clients.answers())
        std::cout << ' ' << status << " x " << count;
    std::cout << "; " << stack.count("SELECT COUNT(*) FROM dead_posts") << " dead letters\n";
}

}  // namespace
}  // namespace bgm::test
