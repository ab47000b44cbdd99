// A key that is revoked while it is in use, over the real processes: questions, posts, an event stream that
// is open and a post whose body is still on its way are refused soon, whoever revokes the key. How soon is
// printed: it is promised within five seconds.
//
//   build/release/end_to_end_test --gtest_filter='GatewayKeys.*'
#include <gmock/gmock.h>

#include <atomic>
#include <iostream>
#include <memory>
#include <thread>

#include "tests/daemon/gateway/raw_client.hpp"
#include "tests/end_to_end/conversation.hpp"

namespace bgm::test {
namespace {

using Clock = std::chrono::steady_clock;

class GatewayKeys : public ::testing::Test {
 protected:
    GatewayKeys()
        : stack_({.settings = {"workers.image=0", "workers.audio=0", "workers.video=0"}}),
          gateway_(stack_.env("BGMD_GATEWAY")) {
        gateway_.erase(0, std::min(gateway_.size(), std::string("http://").size()));
    }

    struct Key {
        std::string id, text;
    };
    Key make_key() const {
        Json made;
        EXPECT_TRUE(eventually([&] {
            const auto output =
                stack_.bgmctl("keys create --json --tenant cafe --scope post --scope read --scope feedback");
            made = Json::parse(output.text, nullptr, false);
            return output.exit_code == 0;
        }));
        return {made.value("id", ""), made.value("key", "")};
    }
    static std::string head(const std::string& line, const Key& key, const std::string& fields = "") {
        return line + " HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer " + key.text + "\r\n" + fields + "\r\n";
    }
    static std::string post_head(const Key& key, const std::string& body, const std::string& fields = "") {
        return head("POST /v1/posts", key,
                    "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                        "\r\n" + fields);
    }

    Stack stack_;
    std::string gateway_;
};

/// One request after the other with a key, until it is refused.
class InUse {
 public:
    InUse(const std::string& gateway, std::function<std::string(int)> request)
        : thread_([this, gateway, request = std::move(request)](const std::stop_token& stop) {
              RawClient client(gateway);
              for (int number = 0; !stop.stop_requested(); ++number) {
                  const int status = client.ask(request(number)).status;
                  if (status == 401) break;
                  if (status != 200 && status != 202) other_ = status;
                  served_ = true;
              }
              until_ = Clock::now();
              refused_ = !stop.stop_requested();
          }) {}

    bool served() const { return served_; }
    bool refused() const { return refused_; }
    int other() const { return other_; }
    double seconds_after(Clock::time_point since) const {
        return std::chrono::duration<double>(until_.load() - since).count();
    }

 private:
    std::atomic<bool> served_ = false, refused_ = false;
    std::atomic<int> other_ = 0;
    std::atomic<Clock::time_point> until_{};
    std::jthread thread_;
};

TEST_F(GatewayKeys, ARevocationReachesWhateverIsUnderWay) {
    if (gateway_.empty()) GTEST_SKIP() << "bgm-gateway is not built";
    const std::vector<std::pair<std::string, std::function<void(const Key&)>>> ways{
        {"bgmctl", [&](const Key& key) { EXPECT_EQ(stack_.bgmctl("keys revoke " + key.id).exit_code, 0); }},
        {"marked in MySQL",
         [&](const Key& key) {
             stack_.sql("UPDATE api_keys SET revoked_at = UTC_TIMESTAMP(6) WHERE key_id = '" + key.id + "'");
         }},
        // Mostly before bgmd has looked at the table since the key was made.
        {"deleted in MySQL",
         [&](const Key& key) { stack_.sql("DELETE FROM api_keys WHERE key_id = '" + key.id + "'"); }}};
    const std::string late = R"({"post_id":"late","text":"too late"})";
    for (const auto& [way, revoke] : ways) {
        SCOPED_TRACE(way);
        const Key key = make_key();
        const std::string name(1, way.back());
        InUse asks(gateway_, [&](int) { return head("GET /v1/key", key); });
        InUse posts(gateway_, [&](int number) {
            const std::string body =
                Json{{"post_id", name + std::to_string(number)}, {"text", "a calm evening"}}.dump();
            return post_head(key, body) + body;
        });
        RawClient stream(gateway_);
        ASSERT_TRUE(stream.send(head("GET /v1/events", key)));
        EXPECT_EQ(stream.read_answer(false).status, 200);
        RawClient slow(gateway_);
        ASSERT_TRUE(slow.send(post_head(key, late, "Expect: 100-continue\r\n")));
        EXPECT_EQ(slow.read_answer().status, 100);
        ASSERT_TRUE(eventually([&] { return asks.served() && posts.served(); }));

        const auto since = Clock::now();
        revoke(key);
        bool open = true;  // events come, and a sign of life where there are none
        while (open && Clock::now() < since + std::chrono::seconds(60))
            open = stream.read_more();
        EXPECT_FALSE(open) << "the stream goes on";
        const double stream_s = std::chrono::duration<double>(Clock::now() - since).count();
        EXPECT_TRUE(eventually([&] { return asks.refused() && posts.refused(); }));
        EXPECT_EQ(asks.other(), 0);
        EXPECT_EQ(posts.other(), 0);
        ASSERT_TRUE(slow.send(late));
        EXPECT_EQ(slow.read_answer().status, 401) << "its head came when the key was good";
        std::cout << way << ": questions refused after " << asks.seconds_after(since) << " s, posts after "
                  << posts.seconds_after(since) << " s, the event stream ended after " << stream_s << " s\n";
    }
    EXPECT_EQ(stack_.http_get("/healthz").code, 200);
    EXPECT_EQ(stack_.count("SELECT COUNT(*) FROM picks WHERE post_id = 'late'"), 0);
}

}  // namespace
}  // namespace bgm::test
