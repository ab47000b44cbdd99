// Posts whose media lies on web servers, good ones and bad ones: fetched by a real daemon from loopback
// listeners, which are the operator's own network here.
#include <gmock/gmock.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <mutex>

#include "tests/daemon/fetch/loopback_server.hpp"
#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"

namespace bgm::test {
namespace {

using testing::HasSubstr;
using Answer = LoopbackServer::Answer;

constexpr std::uint16_t kNobody = 1;  // allowed, and nobody listens there

// What the media server says, by path. One request at a time looks at it.
Answer serve(const std::string& head) {
    static const std::string photo = jpeg_photo();
    static std::mutex mutex;
    static std::map<std::string, int> asked;
    const std::string path = head.substr(4, head.find(' ', 4) - 4);
    const std::lock_guard lock(mutex);
    const int times = ++asked[path];
    if (path == "/heals.jpg" && times < 3) return {.bytes = LoopbackServer::status(503)};
    if (path == "/missing.jpg") return {.bytes = LoopbackServer::status(404)};
    if (path == "/short.jpg")
        return {.bytes = "HTTP/1.0 200 OK\r\nContent-length: 1000000\r\n\r\n" + photo.substr(0, 1000)};
    if (path == "/huge.jpg") return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"};
    if (path == "/endless.jpg")
        return {.bytes = "HTTP/1.1 200 OK\r\n\r\n" + std::string(2'000'000, 'x'), .drip = 1};
    if (path == "/drips.jpg")
        return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", .drip = 1};
    if (path == "/slow-once.jpg" && times == 1)  // quick enough to be waited for
        return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", .drip = 200};
    if (path == "/within.jpg") return {.bytes = LoopbackServer::redirect("/photo.jpg")};
    return {.bytes = LoopbackServer::ok(photo)};
}

class Fetch : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        media_ = std::make_unique<LoopbackServer>([](const std::string& head) {
            if (head.starts_with("GET /leads-away.jpg")) {
                const std::string away = "http://127.0.0.2:" + std::to_string(media_->port()) + "/photo.jpg";
                return Answer{.bytes = LoopbackServer::redirect(away)};
            }
            if (head.starts_with("GET /slow-once.jpg")) ++slow_requests_;
            return serve(head);
        });
        const std::string port = std::to_string(media_->port());
        forbidden_ = std::make_unique<LoopbackServer>(serve, "127.0.0.2", media_->port());
        shops_ = std::make_unique<LoopbackServer>(serve, "127.0.0.3", media_->port());
        stack_ = std::make_unique<Stack>(
            Stack::Options{.settings = {"fetch.hosts=127.0.0.1,127.0.0.2,shop=127.0.0.3",
                                        "fetch.own_networks=127.0.0.1/32:" + port + ",127.0.0.3/32:" + port +
                                            ",127.0.0.1/32:" + std::to_string(kNobody),
                                        "posts.image_bytes_max=1000000", "supervisor.drain_ms=200"}});
    }
    static void TearDownTestSuite() {
        stack_.reset();
        shops_.reset();
        forbidden_.reset();
        media_.reset();
    }

    static std::string url(const std::string& path, const std::string& host = "127.0.0.1") {
        return "http://" + host + ":" + std::to_string(media_->port()) + path;
    }
    // A post with a text and that image.
    void post(const std::string& post_id, const std::string& uri, const std::string& sha256 = "",
              const std::string& tenant = "default") {
        Json asset{{"kind", "IMAGE"}, {"uri", uri}, {"asset_id", "photo"}};
        if (!sha256.empty()) asset["sha256"] = sha256;
        const auto ack = client_.post({{"tenant", tenant},
                                       {"post_id", post_id},
                                       {"text", "a lovely evening at the sea"},
                                       {"assets", {asset}}});
        ASSERT_EQ(ack.status, PostAck::Status::accepted) << ack.error_message;
    }
    void expect_whole(const std::string& post_id) {
        const auto pick = wait_for_pick(*stack_, post_id);
        ASSERT_TRUE(pick) << post_id;
        EXPECT_EQ(pick->degraded, Json::array()) << post_id;
        EXPECT_GT(pick->modalities.value("image", 0.0), 0) << post_id;
    }
    // Picked by its text, and said what became of the image.
    void expect_without_image(const std::string& post_id, const std::string& code, const std::string& why) {
        const auto pick = wait_for_pick(*stack_, post_id);
        ASSERT_TRUE(pick) << post_id;
        EXPECT_GT(pick->modalities.value("text", 0.0), 0) << post_id;
        ASSERT_EQ(pick->degraded.size(), 1U) << post_id << pick->degraded;
        EXPECT_EQ(pick->degraded[0]["asset_id"], "photo") << post_id;
        EXPECT_EQ(pick->degraded[0]["code"], code) << post_id << pick->degraded;
        EXPECT_THAT(pick->degraded[0]["message"].get<std::string>(), HasSubstr(why)) << post_id;
    }
    static double metric(const std::string& series) {
        const std::string text = "\n" + stack_->http_get("/metrics").body;
        const std::size_t at = text.find("\n" + series + " ");
        return at == std::string::npos ? 0 : std::stod(text.substr(at + series.size() + 2));
    }
    // How much the series grows while this happens.
    static double growth(const std::string& series, const std::function<void()>& happening) {
        const double before = metric(series);
        happening();
        return metric(series) - before;
    }

    static std::unique_ptr<LoopbackServer> media_, forbidden_, shops_;
    static std::unique_ptr<Stack> stack_;
    static std::atomic<int> slow_requests_;
    Conversation client_{*stack_};
};
std::unique_ptr<LoopbackServer> Fetch::media_, Fetch::forbidden_, Fetch::shops_;
std::unique_ptr<Stack> Fetch::stack_;
std::atomic<int> Fetch::slow_requests_{0};

TEST_F(Fetch, AnImageOnAServerIsPickedLikeAnyOther) {
    const auto photo_bytes = static_cast<double>(jpeg_photo().size());
    EXPECT_EQ(growth("bgmd_fetched_bytes_total",
                     [&] {
                         EXPECT_EQ(growth("bgmd_fetches_total{outcome=\"ok\"}",
                                          [&] {
                                              post("plain", url("/photo.jpg?w=480"));
                                              expect_whole("plain");
                                          }),
                                   1);
                     }),
              photo_bytes);
    post("redirected", url("/within.jpg"));
    expect_whole("redirected");
    EXPECT_TRUE(eventually([] { return metric("bgmd_fetch_memory_bytes") == 0; }))
        << "nothing of it is kept once the post is picked";
}

TEST_F(Fetch, TheDigestOfAPostIsHeldAgainstWhatCame) {
    std::ofstream(stack_->folder() / "photo.jpg", std::ios::binary) << jpeg_photo();
    const std::string command = "sha256sum '" + (stack_->folder() / "photo.jpg").string() + "'";
    std::string digest(64, ' ');
    std::FILE* pipe = ::popen(command.c_str(), "re");
    ASSERT_NE(pipe, nullptr);
    ASSERT_EQ(std::fread(digest.data(), 1, digest.size(), pipe), digest.size());
    ::pclose(pipe);
    post("right-digest", url("/photo.jpg"), digest);
    expect_whole("right-digest");
    post("wrong-digest", url("/photo.jpg"), std::string(64, '0'));
    expect_without_image("wrong-digest", "corrupt", "sha256");
    // The same of a file below the media root; of inline media before the post is taken.
    std::ofstream(stack_->media_root() / "photo.jpg", std::ios::binary) << jpeg_photo();
    post("right-file", "file:photo.jpg", digest);
    expect_whole("right-file");
    post("wrong-file", "file:photo.jpg", std::string(64, '0'));
    expect_without_image("wrong-file", "corrupt", "sha256");
    const Json inline_photo{{"kind", "IMAGE"}, {"frame", 0}, {"sha256", std::string(64, '0')}};
    const auto ack = client_.post({{"post_id", "wrong-frame"}, {"assets", {inline_photo}}}, {jpeg_photo()});
    EXPECT_EQ(ack.status, PostAck::Status::rejected);
}

TEST_F(Fetch, WhatServersDoWrongCostsTheImageAndNotThePost) {
    EXPECT_EQ(growth("bgmd_fetches_total{outcome=\"not_found\"}",
                     [&] {
                         post("missing", url("/missing.jpg"));
                         expect_without_image("missing", "not_found", "404");
                     }),
              1);
    EXPECT_EQ(growth("bgmd_fetch_retries_total",
                     [&] {
                         post("short", url("/short.jpg"));
                         expect_without_image("short", "unavailable", "");
                     }),
              2)
        << "a body that breaks off may come whole the next time";
    EXPECT_EQ(growth("bgmd_fetches_total{outcome=\"too_large\"}",
                     [&] {
                         post("huge", url("/huge.jpg"));
                         expect_without_image("huge", "too_large", "1000000");
                         post("endless", url("/endless.jpg"));
                         expect_without_image("endless", "too_large", "1000000");
                     }),
              2);
    EXPECT_EQ(growth("bgmd_fetches_total{outcome=\"deadline_exceeded\"}",
                     [&] {
                         post("drips", url("/drips.jpg"));
                         expect_without_image("drips", "deadline_exceeded", "too slow");
                     }),
              1);
}

TEST_F(Fetch, AServerThatHealsIsAskedAgain) {
    EXPECT_EQ(growth("bgmd_fetch_retries_total",
                     [&] {
                         post("heals", url("/heals.jpg"));
                         expect_whole("heals");
                     }),
              2);
}

TEST_F(Fetch, AServerThatIsAwayIsNotWaitedForWithoutEnd) {
    const std::string nobody = "http://127.0.0.1:" + std::to_string(kNobody) + "/photo.jpg";
    client_.post({{"post_id", "only-there"}, {"assets", {{{"kind", "IMAGE"}, {"uri", nobody}}}}});
    post("away", nobody);
    expect_without_image("away", "unavailable", "connect");
    const auto dead = wait_for_death(*stack_, "only-there");
    ASSERT_TRUE(dead) << "after some tries a post without anything else is given up";
    EXPECT_EQ(dead->code, "unavailable");
}

TEST_F(Fetch, WhereItMustNotLeadIsNeverDialled) {
    EXPECT_EQ(growth("bgmd_fetch_refusals_total{guard=\"address\"}",
                     [&] {
                         post("leads-away", url("/leads-away.jpg"));
                         expect_without_image("leads-away", "unsupported", "not public: loopback");
                         post("straight", url("/photo.jpg", "127.0.0.2"));
                         expect_without_image("straight", "unsupported", "not public: loopback");
                     }),
              2);
    EXPECT_EQ(forbidden_->connections(), 0);
    EXPECT_EQ(growth("bgmd_fetch_refusals_total{guard=\"host\"}",
                     [&] {
                         post("strange", "http://media.example/photo.jpg");
                         expect_without_image("strange", "unsupported", "not among those");
                         post("not-ours", url("/photo.jpg", "127.0.0.3"));
                         expect_without_image("not-ours", "unsupported", "not among those");
                         EXPECT_EQ(shops_->connections(), 0);
                     }),
              2);
    post("theirs", url("/photo.jpg", "127.0.0.3"), "", "shop");
    EXPECT_TRUE(eventually([&] {
        return stack_->count(
                   "SELECT COUNT(*) FROM picks WHERE tenant = 'shop' AND post_id = 'theirs' AND "
                   "degraded = '[]'") == 1;
    })) << "what one tenant must not fetch another one may";
    EXPECT_EQ(shops_->connections(), 1);
}

TEST_F(Fetch, WhatWasUnderWayWhenTheDaemonStoppedIsFetchedAfterwardsOnce) {
    post("interrupted", url("/slow-once.jpg"));
    ASSERT_TRUE(eventually([] { return slow_requests_ == 1; }));
    EXPECT_TRUE(eventually([] { return metric("bgmd_fetches_running") == 1; }));
    ASSERT_TRUE(stack_->signal("bgmd", SIGTERM));
    ASSERT_TRUE(eventually([] { return !stack_->processes().contains("bgmd"); }));
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM picks WHERE post_id = 'interrupted'"), 0)
        << "no pick that leaves out what was merely interrupted";
    stack_->up();
    expect_whole("interrupted");
    EXPECT_EQ(slow_requests_, 2);
    EXPECT_TRUE(eventually([] { return metric("bgmd_fetches_total{outcome=\"ok\"}") == 1; }));
    EXPECT_TRUE(eventually([] { return metric("bgmd_events_total") == 1; })) << "one pick, told once";
}

}  // namespace
}  // namespace bgm::test
