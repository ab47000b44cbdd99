// One host, then three, of the same cluster, with an encoder that takes 100 ms and no processor time: how
// many posts a second more, and how much longer each takes.
#include <gmock/gmock.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <regex>

#include "ops/client/events_client.hpp"
#include "ops/client/posts_client.hpp"
#include "tests/cluster/cluster.hpp"
#include "tests/cluster/waiting_mark.hpp"
#include "tests/eventually.hpp"

namespace bgm::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kEncode_ms = 100;
constexpr std::size_t kWorkers = 2;
constexpr double kHostCapacity = 1000.0 / kEncode_ms * kWorkers;  // posts a second

class Scaling : public testing::Test {
 protected:
    void SetUp() override {
        if (const std::string why = Cluster::why_not(true); !why.empty()) GTEST_SKIP() << why;
        cluster_ = std::make_unique<Cluster>(Cluster::Options{.workers = kWorkers});
    }

    PostsClient& client(std::size_t host) {
        auto& found = clients_[host];
        if (!found) {
            auto made = PostsClient::connect(cluster_->host(host).posts(), seconds(10));
            if (!made) throw std::runtime_error(made.error().to_string());
            found.emplace(std::move(*made));
        }
        return *found;
    }
    void send(const std::string& id, std::size_t host) {
        const nlohmann::json post{{"post_id", id}, {"text", "a rainy day " + takes(kEncode_ms)}};
        ASSERT_TRUE(client(host).send(WireFormat::json, post.dump()));
    }
    void take_answers(std::size_t hosts, int& answered) {
        for (std::size_t host = 0; host < hosts; ++host) {
            while (true) {
                const auto answer = client(host).receive(milliseconds(0));
                ASSERT_TRUE(answer);
                if (!*answer) break;
                ASSERT_EQ((*answer)->status, PostAck::Status::accepted) << (*answer)->error_message;
                ++answered;
            }
        }
    }
    /// Posts a second while each host has more than it can do.
    double throughput(const std::string& prefix, std::size_t hosts) {
        const int posts = static_cast<int>(kHostCapacity * 22 * static_cast<double>(hosts));
        int answered = 0;
        for (int i = 0; i < posts; ++i) {
            send(prefix + std::to_string(i), static_cast<std::size_t>(i) % hosts);
            take_answers(hosts, answered);
        }
        EXPECT_TRUE(eventually([&] {
            take_answers(hosts, answered);
            return answered == posts;
        }));
        const auto picked = [&] {
            return cluster_->database().count("SELECT COUNT(*) FROM picks WHERE post_id LIKE '" + prefix +
                                              "%'");
        };
        const int warm = posts / 10, enough = posts * 7 / 10;
        EXPECT_TRUE(eventually([&] { return picked() >= warm; }));
        const long first = picked();
        const auto begin = Clock::now();
        EXPECT_TRUE(eventually([&] { return picked() >= enough; }, seconds(120)));
        const long last = picked();
        const double took = std::chrono::duration<double>(Clock::now() - begin).count();
        EXPECT_TRUE(eventually([&] { return picked() == posts; }, seconds(120)));
        return static_cast<double>(last - first) / took;
    }
    /// From sending to the event, in ms, of the slowest twentieth's quickest; at a half of what they can do.
    double latency_p95(const std::string& prefix, std::size_t hosts) {
        auto events = EventsClient::connect(cluster_->host(0).events(), "default", seconds(10));
        EXPECT_TRUE(events);
        const double rate = kHostCapacity * 0.5 * static_cast<double>(hosts);
        const int posts = static_cast<int>(rate * 15);
        std::map<std::string, Clock::time_point> sent;
        std::vector<double> took;
        const auto hear = [&](milliseconds wait) {
            for (auto event = events->receive(wait); event && *event;
                 event = events->receive(milliseconds(0))) {
                const auto found = sent.find((*event)->post_id());
                if (found == sent.end()) continue;
                took.push_back(
                    std::chrono::duration<double, std::milli>(Clock::now() - found->second).count());
            }
        };
        std::mt19937 random(7);
        std::exponential_distribution<double> gap(rate);
        auto next = Clock::now();
        int answered = 0;
        for (int i = 0; i < posts; ++i) {
            while (Clock::now() < next)
                hear(
                    std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(next - Clock::now())));
            const std::string id = prefix + std::to_string(i);
            sent[id] = Clock::now();
            send(id, static_cast<std::size_t>(i) % hosts);
            take_answers(hosts, answered);
            next += std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(gap(random)));
        }
        EXPECT_TRUE(eventually([&] {
            hear(milliseconds(20));
            take_answers(hosts, answered);
            return took.size() == sent.size();
        })) << took.size()
            << " of " << sent.size();
        std::sort(took.begin(), took.end());
        return took.empty() ? 0 : took[took.size() * 95 / 100];
    }

    std::unique_ptr<Cluster> cluster_;
    std::map<std::size_t, std::optional<PostsClient>> clients_;
};

TEST_F(Scaling, ThreeHostsDoAlmostThreeTimesTheWorkOfOneInTheSameTime) {
    for (std::size_t host = 1; host < 3; ++host)
        ASSERT_EQ(cluster_->host(host).stop(), 0);
    const double one_rate = throughput("t1-", 1), one_p95 = latency_p95("l1-", 1);
    for (std::size_t host = 1; host < 3; ++host)
        cluster_->host(host).start();
    ASSERT_TRUE(cluster_->heal());
    const std::regex four(R"(host\d +live.* \d+ \d+ \d+ \d+ +2/2)");
    std::string all;
    EXPECT_TRUE(eventually([&] {
        all = cluster_->host(0).bgmctl({"status", "--all"}).text;
        return std::distance(std::sregex_iterator(all.begin(), all.end(), four), {}) == 3;
    })) << all;
    const double three_rate = throughput("t3-", 3), three_p95 = latency_p95("l3-", 3);
    std::cout << "  one host " << one_rate << " posts/s, p95 " << one_p95 << " ms; three hosts " << three_rate
              << " posts/s, p95 " << three_p95 << " ms: " << three_rate / one_rate << " times, "
              << three_p95 / one_p95 << " times\n";
    EXPECT_GE(three_rate / one_rate, 2.4);
    EXPECT_LE(three_p95 / one_p95, 2.0);
}

}  // namespace
}  // namespace bgm::test
