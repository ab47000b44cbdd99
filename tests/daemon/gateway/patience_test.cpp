// Clients that are slow, or ask for much at once, as real ones are: each gets its answer or is ended, what
// waits for them stays within the budget, and others are served meanwhile.
#include <time.h>

#include <atomic>
#include <memory>

#include "tests/daemon/gateway/gateway_fixture.hpp"

namespace bgm::test {
namespace {

using namespace std::chrono_literals;

// Long enough for answers to meet: a sanitiser makes them slowly.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr auto kPatience = 12s;
#else
constexpr auto kPatience = 2s;
#endif
constexpr std::size_t kMemory = 24 << 20;
constexpr std::size_t kAnswer = 8 << 20;  // more than the kernel keeps for a connection

constexpr std::size_t kUnsentMost = 256 << 10;  // of an event stream
constexpr const char* kSlowReaders = "bgmd_gateway_refusals_total{reason=\"slow_reader\"}";

gateway::GatewayOptions impatient() {
    gateway::GatewayOptions options;
    options.http.body_timeout = kPatience;
    options.memory_bytes_max = kMemory;
    options.in_flight_per_key = 3;
    return options;
}

class PatienceTest : public GatewayTest {
 protected:
    explicit PatienceTest(const gateway::GatewayOptions& options = impatient()) : GatewayTest(options) {
        const auto guard = daemon_->lock();
        daemon_->prepared["tracks"] =
            R"({"ok":true,"result":{"items":")" + std::string(kAnswer, 't') + "\"}}";
        daemon_->operations["post"] = [](const json&) {
            return json{{"state", "analysing"}, {"revision", 1}};
        };
    }
    void answer_no_posts() {
        const auto guard = daemon_->lock();
        daemon_->on_post = [](const ReceivedPost&) { return std::optional<v1::Ack>(); };
    }
    /// The newest id; all of them up to it are there, each of so many bytes, the `huge` one of 3 MB.
    std::shared_ptr<std::atomic<std::uint64_t>> large_events(std::size_t bytes, std::uint64_t huge = 0) {
        auto newest =
            std::make_shared<std::atomic<std::uint64_t>>(0);  // of the daemon, which outlives the test
        const auto guard = daemon_->lock();
        daemon_->operations["events"] = [newest, bytes, huge](const json& request) {
            const std::uint64_t last = *newest;
            json items = json::array();
            for (std::uint64_t id = request["after"].get<std::uint64_t>() + 1;
                 id <= last && items.size() < request["limit"].get<std::size_t>(); ++id)
                items.push_back({{"event_id", std::to_string(id)},
                                 {"kind", "pick"},
                                 {"data", {{"text", std::string(id == huge ? 3'000'000 : bytes, 'e')}}}});
            return json{{"items", items}, {"last", last}};
        };
        return newest;
    }
    std::size_t metric(const std::string& name) const {
        const std::string text = client().ask("GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n").body;
        const std::size_t at = text.find("\n" + name + " ");
        EXPECT_NE(at, std::string::npos) << name;
        return at == std::string::npos
                   ? 0
                   : static_cast<std::size_t>(std::stod(text.substr(at + name.size() + 2)));
    }
    template <typename Condition>
    static bool eventually(const Condition& condition) {
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::yield();
        }
        return true;
    }
    double loop_cpu_seconds() {
        clockid_t clock{};
        timespec spent{};
        pthread_getcpuclockid(thread_.native_handle(), &clock);
        clock_gettime(clock, &spent);
        return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9;
    }
};

// Idea: "I have said everything" is no farewell. The socket stays readable from then on, which a loop that
// watches it would be told again and again.
TEST_F(PatienceTest, AClientThatHasFinishedSendingGetsItsAnswer) {
    const auto begin = std::chrono::steady_clock::now();
    const double before = loop_cpu_seconds();
    RawClient client = this->client();
    ASSERT_TRUE(client.send(request("POST /v1/posts", R"({"post_id":"p","text":"t"})",
                                    "Content-Type: application/json\r\nPrefer: wait=2\r\n")));
    client.finish_sending();
    EXPECT_EQ(client.read_answer().status, 202) << "the wait is over";
    EXPECT_TRUE(client.at_end()) << "nothing more can come";
    const double spent = loop_cpu_seconds() - before;
    const double waited = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    EXPECT_LT(spent, 0.2 * waited) << "of the time that it waited";
}

TEST_F(PatienceTest, PipelinedRequestsOfAClientThatHasFinishedAreAllAnswered) {
    RawClient client = this->client();
    const std::string one =
        request("POST /v1/posts", R"({"post_id":"p","text":"t"})", "Content-Type: application/json\r\n");
    ASSERT_TRUE(client.send(one + one + one + "POST /v1/posts HTTP/1.1\r\nHo"));
    client.finish_sending();
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(client.read_answer().status, 202);
    EXPECT_TRUE(client.at_end()) << "half a request is none";
}

TEST_F(PatienceTest, OneKeyMayHaveSoManyRequestsUnderWay) {
    give_key("other", "shop", {"post"});
    answer_no_posts();
    std::vector<RawClient> waiting;
    for (const char* id : {"1", "2", "3"}) {
        waiting.push_back(client());
        ASSERT_TRUE(waiting.back().send(request("POST /v1/posts", R"({"post_id":")" + std::string(id) + "\"}",
                                                "Content-Type: application/json\r\n")));
        ASSERT_TRUE(eventually([&] { return daemon_->posts().back().post.post_id() == id; }));
    }
    RawClient refused = client();
    const auto answer = refused.ask(request("GET /v1/key"));
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.fields.at("retry-after"), "1");
    EXPECT_EQ(answer.fields.at("content-type"), "application/problem+json");
    EXPECT_EQ(json::parse(answer.body)["code"], "too_many_requests");
    EXPECT_EQ(refused.ask(request("GET /v1/key", "", "", "other")).status, 200)
        << "over the same connection: another key has its own";
    // Each that is answered makes room again, whatever the answer.
    daemon_.reset();
    for (RawClient& each : waiting)
        EXPECT_EQ(each.read_answer().status, 503);
    start_daemon();
    EXPECT_EQ(refused.ask(request("GET /v1/key")).status, 200);
}

TEST_F(PatienceTest, AnswersThatNobodyReadsStayWithinTheBudget) {
    constexpr int kSlow = 5;
    std::vector<RawClient> slow;
    for (int i = 0; i < kSlow; ++i) {
        const std::string word = "k" + std::to_string(i);
        give_key(word, "shop", {"read"});
        slow.push_back(client());
        ASSERT_TRUE(slow.back().send(request("GET /v1/tracks", "", "", word)));
    }
    std::size_t most = 0;
    EXPECT_TRUE(eventually([&] {
        most = std::max(most, metric("bgmd_gateway_memory_bytes"));
        return most >= kAnswer && metric("bgmd_gateway_refusals_total{reason=\"memory\"}") > 0;
    }));
    EXPECT_LE(most, kMemory);
    EXPECT_EQ(post_json(client(), R"({"post_id":"o","text":"t"})").status, 202) << "others are served";
    EXPECT_TRUE(eventually([&] { return metric("bgmd_gateway_memory_bytes") < kAnswer; }))
        << "they are ended";
    int cut = 0;
    int refused = 0;
    for (RawClient& each : slow) {
        const auto answer = each.read_answer();
        refused += answer.status == 503 ? 1 : 0;
        cut += answer.status == 200 && answer.body.size() < kAnswer ? 1 : 0;
        EXPECT_TRUE(answer.status == 200 || answer.status == 503) << answer.status;
        EXPECT_EQ(answer.fields.count("retry-after"), answer.status == 503 ? 1U : 0U);
    }
    EXPECT_GT(cut, 0);
    EXPECT_GT(refused, 0) << "there were more than the budget holds";
    EXPECT_EQ(cut + refused, kSlow);
    EXPECT_GE(client().ask(request("GET /v1/tracks")).body.size(), kAnswer) << "who reads gets all of it";
}

TEST_F(PatienceTest, AnEventStreamThatNobodyReadsIsEndedAndTheOthersGoOn) {
    constexpr std::size_t kEventBytes = 4000;
    constexpr std::uint64_t kMoreThanKernelsKeep = 6000;
    const auto newest = large_events(kEventBytes);
    RawClient slow = client();
    RawClient reader = client();
    for (const RawClient* each : {&slow, &reader})
        ASSERT_TRUE(each->send(request("GET /v1/events")));
    ASSERT_NE(reader.read_until("id: 0\n\n"), "");
    ASSERT_TRUE(eventually([&] { return metric("bgmd_gateway_streams") == 2; }));
    std::size_t most = 0;
    std::uint64_t sent = 0;
    // The reader takes each page before the next is there: he is never behind.
    const auto next_page = [&] {
        sent += 100;
        *newest = sent;
        daemon_->publish("pick.shop.sad", "{}");
        most = std::max(most, metric("bgmd_gateway_memory_bytes"));
        return !reader.read_until("id: " + std::to_string(sent) + "\n").empty() &&
               !reader.read_until("\n\n").empty();
    };
    while (sent < kMoreThanKernelsKeep)
        ASSERT_TRUE(next_page());
    EXPECT_TRUE(eventually([&] { return metric(kSlowReaders) == 1; }));
    EXPECT_GT(most, 0U);
    EXPECT_LE(most, kUnsentMost + kEventBytes + 100) << "what nobody takes is not read";
    EXPECT_TRUE(eventually([&] { return metric("bgmd_gateway_streams") == 1; }));
    EXPECT_TRUE(next_page()) << "and the other goes on";
    const std::string got = slow.read_until("never");
    EXPECT_GT(got.size(), 0U);
    EXPECT_LT(got.size(), sent * kEventBytes) << "what was left has been dropped: it resumes";
}

class LargeEventsTest : public PatienceTest {
 protected:
    LargeEventsTest() : PatienceTest(gateway::GatewayOptions{}) {}
};

// A page of such events is more than may wait for a client, and one of them is so alone.
TEST_F(LargeEventsTest, WhoComesBackToManyLargeEventsGetsThemAllOverOneConnection) {
    constexpr std::uint64_t kEvents = 1500;
    const auto newest = large_events(10'000, 777);
    *newest = kEvents;
    RawClient reader = client();
    ASSERT_TRUE(reader.send(request("GET /v1/events", "", "Last-Event-ID: 0\r\n")));
    ASSERT_NE(reader.read_until("id: 0\n\n"), "");
    for (std::uint64_t id = 1; id <= kEvents; ++id) {
        const std::string event = reader.read_until("\n\n");
        ASSERT_TRUE(event.starts_with("id: " + std::to_string(id) + "\n")) << event.substr(0, 100);
    }
    *newest = kEvents + 1;
    daemon_->publish("pick.shop.sad", "{}");
    EXPECT_TRUE(reader.read_until("\n\n").starts_with("id: " + std::to_string(kEvents + 1) + "\n"));
    EXPECT_EQ(metric(kSlowReaders), 0U);
}

}  // namespace
}  // namespace bgm::test
