// Posts over ZeroMQ: which frames make a post, whatever envelope they come in, and that each ack finds the
// peer that waits for it, in its own format; and that the gateway posts for nobody whose key it was not
// shown.
#include "daemon/sources/zmq_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zmq.h>

#include <nlohmann/json.hpp>

#include "daemon/base/clock.hpp"
#include "daemon/door/key_ring.hpp"
#include "daemon/door/key_text.hpp"
#include "schemas/codec.hpp"
#include "tests/daemon/door/key_of.hpp"
#include "tests/daemon/pipeline/admitting.hpp"

namespace bgm {
namespace {

using ::testing::HasSubstr;
using testing::key_of;
using testing::post_json;
using Strings = std::vector<std::string>;

/// A peer of one of the endpoints: sends frames, reads frames.
class Peer {
 public:
    Peer(const std::string& endpoint, int kind, bool listens = false)
        : context_(zmq_ctx_new()), socket_(zmq_socket(context_, kind)) {
        const int patience_ms = 20'000;
        zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &patience_ms, sizeof patience_ms);
        zmq_setsockopt(socket_, ZMQ_LINGER, &patience_ms, sizeof patience_ms);
        EXPECT_EQ((listens ? zmq_bind : zmq_connect)(socket_, endpoint.c_str()), 0);
    }
    ~Peer() {
        zmq_close(socket_);
        zmq_ctx_term(context_);
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    void send(const Strings& frames) {
        for (std::size_t i = 0; i < frames.size(); ++i)
            zmq_send(socket_, frames[i].data(), frames[i].size(), i + 1 < frames.size() ? ZMQ_SNDMORE : 0);
    }
    Strings receive() {
        Strings frames;
        for (int more = 1; more == 1;) {
            frames.emplace_back(65'536, '\0');
            const int size = zmq_recv(socket_, frames.back().data(), frames.back().size(), 0);
            EXPECT_GE(size, 0) << "no answer came";
            frames.back().resize(size < 0 ? 0 : static_cast<std::size_t>(size));
            std::size_t length = sizeof more;
            zmq_getsockopt(socket_, ZMQ_RCVMORE, &more, &length);
        }
        return frames;
    }
    /// The ack, of which `before` frames come back as they were sent.
    v1::Ack ask(const Strings& frames, std::size_t before = 0) {
        send(frames);
        const Strings answer = receive();
        v1::Ack ack;
        EXPECT_EQ(answer.size(), before + 2);
        if (answer.size() != before + 2) return ack;
        for (std::size_t i = 0; i < before; ++i)
            EXPECT_EQ(answer[i], frames[i]);
        EXPECT_EQ(answer[before], "BGM1/json");
        EXPECT_TRUE(from_json(answer[before + 1], ack));
        return ack;
    }

 private:
    void* context_;
    void* socket_;
};

class ZmqSourceTest : public testing::Admitting {
 protected:
    void SetUp() override {
        config_.posts.endpoint = "ipc://" + (folder_.path() / "posts.sock").string();
        config_.posts.firehose_endpoint = "ipc://" + (folder_.path() / "firehose.sock").string();
        config_.gateway.listen = "127.0.0.1:0";
        config_.runtime_dir = folder_.path();
        open();
        std::vector<ApiKey> keys{key_of("shop", "post", "posts"),
                                 key_of("shop", "read feedback admin", "reads"),
                                 key_of("shop", "post", "expired"), key_of("shop", "post", "revoked"),
                                 key_of("cafe", "post", "of another")};
        keys[2].expires_ms = now_ms() - 1;
        keys[3].revoked_ms = 1;
        keys_ = std::make_unique<KeyRing>(running_.loop(), *journal_, keys, KeyHome{});
        auto source = ZmqSource::open(
            config_, running_.loop(), messaging_, *admission_,
            [this](std::string_view digest) { return keys_->judge(digest, Scope::post, now_ms()); });
        ASSERT_TRUE(source) << source.error().to_string();
        source_ = std::move(*source);
        running_.start();
    }

    std::string gateway_endpoint() const {
        return "ipc://" + (folder_.path() / kGatewayPostsSocket).string();
    }

    Messaging messaging_;
    std::unique_ptr<KeyRing> keys_;
    std::unique_ptr<ZmqSource> source_;
};

TEST_F(ZmqSourceTest, AnswersAPostWithAnAck) {
    Peer peer(config_.posts.endpoint, ZMQ_DEALER);
    const v1::Ack ack = peer.ask({"BGM1/json", post_json("p1", "a")});
    EXPECT_EQ(ack.status(), v1::Ack::ACCEPTED);
    EXPECT_EQ(ack.post_id(), "p1");
    EXPECT_EQ(ack.revision(), 1U);
    EXPECT_EQ(rows(), 1);
}

TEST_F(ZmqSourceTest, TakesWhatFollowsThePostForItsMedia) {
    Peer peer(config_.posts.endpoint, ZMQ_DEALER);
    const std::string json =
        R"({"post_id":"p1","assets":[{"kind":"IMAGE","frame":1},{"kind":"IMAGE","frame":0}]})";
    EXPECT_EQ(peer.ask({"BGM1/json", json, "one", "two"}).status(), v1::Ack::ACCEPTED);
    EXPECT_TRUE(running_.eventually([this] { return accepted_.size() == 1; }));
    EXPECT_EQ(media_->read_inline(accepted_[0].media, 0)->view(), "one");
    EXPECT_EQ(media_->read_inline(accepted_[0].media, 1)->view(), "two");
}

// REQ sends an empty frame first, and each proxy on the way puts its own in front.
TEST_F(ZmqSourceTest, GivesTheEnvelopeBack) {
    Peer asking(config_.posts.endpoint, ZMQ_REQ);
    EXPECT_EQ(asking.ask({"BGM1/json", post_json("p1", "a")}).status(), v1::Ack::ACCEPTED);
    Peer dealing(config_.posts.endpoint, ZMQ_DEALER);
    EXPECT_EQ(dealing.ask({"", "BGM1/json", post_json("p2", "a")}, 1).status(), v1::Ack::ACCEPTED);
    EXPECT_EQ(dealing.ask({"a hop", "", "BGM1/json", post_json("p3", "a")}, 2).status(), v1::Ack::ACCEPTED);
    EXPECT_EQ(dealing.ask({"", "BGM9/json", post_json("p4", "a")}, 1).error().field(), "header");
}

TEST_F(ZmqSourceTest, SaysWhatIsMissing) {
    Peer peer(config_.posts.endpoint, ZMQ_DEALER);
    EXPECT_EQ(peer.ask({"BGM9/json", "{}"}).error().field(), "header");
    EXPECT_EQ(peer.ask({"BGM1/json"}).error().field(), "post");
    EXPECT_EQ(peer.ask({"BGM1/json", ""}).error().field(), "post");
    EXPECT_EQ(rows(), 0);
}

TEST_F(ZmqSourceTest, AnswersInTheFormatOfThePost) {
    Peer peer(config_.posts.endpoint, ZMQ_DEALER);
    v1::Post post;
    post.set_post_id("p1");
    post.set_text("a");
    peer.send({"BGM1/protobuf", post.SerializeAsString()});
    const Strings answer = peer.receive();
    ASSERT_EQ(answer.size(), 2U);
    EXPECT_EQ(answer[0], "BGM1/protobuf");
    v1::Ack ack;
    ASSERT_TRUE(ack.ParseFromString(answer[1]));
    EXPECT_EQ(ack.status(), v1::Ack::ACCEPTED);
}

TEST_F(ZmqSourceTest, AnswersWhoAsked) {
    Peer one(config_.posts.endpoint, ZMQ_DEALER);
    Peer other(config_.posts.endpoint, ZMQ_DEALER);
    one.send({"BGM1/json", post_json("one", "a")});
    other.send({"BGM1/json", post_json("other", "a")});
    EXPECT_THAT(one.receive().back(), HasSubstr(R"("post_id":"one")"));
    EXPECT_THAT(other.receive().back(), HasSubstr(R"("post_id":"other")"));
}

TEST_F(ZmqSourceTest, CountsWhatTheFirehoseBrings) {
    Peer peer(config_.posts.firehose_endpoint, ZMQ_PUSH);
    peer.send({""});
    peer.send({"BGM1/json"});
    peer.send({"BGM1/json", post_json("p1", "a")});
    EXPECT_TRUE(running_.eventually([this] { return accepted_.size() == 1; }));
    EXPECT_EQ(accepted_[0].post.post_id(), "p1");
    EXPECT_TRUE(counted(R"(bgmd_posts_total{outcome="rejected",source="firehose"} 2)"));
    EXPECT_TRUE(counted(R"(bgmd_posts_total{outcome="accepted",source="firehose"} 1)"));
    EXPECT_TRUE(counted(R"(bgmd_posts_total{outcome="accepted",source="posts"} 0)"));
}

// The gateway listens, and bgmd calls it, whichever was there first. What is too late for one gateway is not
// for the next.
TEST_F(ZmqSourceTest, CallsTheGatewayAndItsSuccessor) {
    const std::string key = digest_of("posts");
    for (const std::string post_id : {"first", "second"}) {
        Peer gateway(gateway_endpoint(), ZMQ_DEALER, true);
        EXPECT_EQ(gateway.ask({"12345678", "", "BGM1/json", key, post_json(post_id, "a")}, 2).post_id(),
                  post_id);
        gateway.send({"87654321", "", "BGM1/json", key, post_json("unread of " + post_id, "a")});
        EXPECT_TRUE(
            running_.eventually([&] { return accepted_.back().post.post_id().starts_with("unread"); }));
    }
    EXPECT_TRUE(counted(R"(bgmd_posts_total{outcome="accepted",source="gateway"} 4)"));
}

TEST_F(ZmqSourceTest, ThePostsOfTheGatewayAreTheKeysTenants) {
    Peer gateway(gateway_endpoint(), ZMQ_DEALER, true);
    const auto post = [&](const std::string& json) {
        return gateway.ask({"12345678", "", "BGM1/json", digest_of("posts"), json}, 2).status();
    };
    EXPECT_EQ(post(R"({"post_id":"p1","text":"a"})"), v1::Ack::ACCEPTED);
    EXPECT_EQ(post(R"({"post_id":"p2","text":"a","tenant":"shop"})"), v1::Ack::ACCEPTED);
    EXPECT_EQ(post(R"({"post_id":"p1","text":"a","tenant":"shop"})"), v1::Ack::DUPLICATE) << "named or not";
    EXPECT_EQ(gateway
                  .ask({"12345678", "", "BGM1/json", digest_of("posts"),
                        R"({"post_id":"p3","assets":[{"kind":"IMAGE","frame":0}]})", "a picture"},
                       2)
                  .status(),
              v1::Ack::ACCEPTED);
    ASSERT_TRUE(running_.eventually([this] { return accepted_.size() == 3; }));
    running_.on_loop([this] {
        for (const AcceptedPost& each : accepted_)
            EXPECT_EQ(each.post.tenant(), "shop") << each.post.post_id();
        EXPECT_EQ(media_->read_inline(accepted_[2].media, 0)->view(), "a picture");
    });
}

// What a gateway may send that strangers have taken over: it gets what a key that it was shown is worth.
TEST_F(ZmqSourceTest, TheGatewayPostsForNobodyElse) {
    struct Case {
        std::string what;
        Strings behind_header;
        std::string code, field;
    };
    const std::string post = post_json("p", "a");
    const std::string of_cafe = R"({"post_id":"p","text":"a","tenant":"cafe"})";
    const std::string of_default = R"({"post_id":"p","text":"a","tenant":"default"})";
    const std::string good = digest_of("posts");
    const std::vector<Case> cases{
        {"nothing at all", {}, "unauthenticated", "key"},
        {"a post without a digest", {post}, "unauthenticated", "key"},
        {"the post before the digest", {post, good}, "unauthenticated", "key"},
        {"an empty digest", {"", post}, "unauthenticated", "key"},
        {"a forged digest", {digest_of("nobody's"), post}, "unauthenticated", "key"},
        {"the key itself", {"posts", post}, "unauthenticated", "key"},
        {"half a digest", {good.substr(0, 32), post}, "unauthenticated", "key"},
        {"more than a digest", {good + "0", post}, "unauthenticated", "key"},
        {"two digests, the first of them forged",
         {digest_of("nobody's"), good, post},
         "unauthenticated",
         "key"},
        {"an expired key", {digest_of("expired"), post}, "unauthenticated", "key"},
        {"a revoked key", {digest_of("revoked"), post}, "unauthenticated", "key"},
        {"a key that may all but post", {digest_of("reads"), post}, "forbidden", "key"},
        {"another tenant's name", {good, of_cafe}, "forbidden", "tenant"},
        {"the name of whoever names none", {good, of_default}, "forbidden", "tenant"},
        {"the same with media", {good, of_cafe, "a picture"}, "forbidden", "tenant"},
        {"a digest and no post", {good}, "invalid_argument", "post"},
    };
    Peer gateway(gateway_endpoint(), ZMQ_DEALER, true);
    for (const Case& each : cases) {
        Strings frames{"12345678", "", "BGM1/json"};
        frames.insert(frames.end(), each.behind_header.begin(), each.behind_header.end());
        const v1::Ack ack = gateway.ask(frames, 2);
        EXPECT_EQ(ack.status(), v1::Ack::REJECTED) << each.what;
        EXPECT_EQ(ack.error().code(), each.code) << each.what;
        EXPECT_EQ(ack.error().field(), each.field) << each.what;
    }
    EXPECT_EQ(rows(), 0);
    EXPECT_TRUE(counted(R"(bgmd_rejected_posts_total{code="unauthenticated"} 11)"));
    EXPECT_TRUE(counted(R"(bgmd_rejected_posts_total{code="forbidden"} 4)"));
    EXPECT_TRUE(
        counted(R"(bgmd_posts_total{outcome="rejected",source="gateway"} )" + std::to_string(cases.size())));

    // A key that is revoked while its gateway is there counts no more from then on.
    EXPECT_EQ(gateway.ask({"12345678", "", "BGM1/json", good, post}, 2).status(), v1::Ack::ACCEPTED);
    running_.on_loop([this] {
        keys_->revoke({{"key_id", "k_posts"}}, [](const Result<nlohmann::json>& done) { EXPECT_TRUE(done); });
    });
    EXPECT_TRUE(running_.eventually([&] { return keys_->usable(good, now_ms()) == nullptr; }));
    EXPECT_EQ(gateway.ask({"12345678", "", "BGM1/json", good, post}, 2).error().code(), "unauthenticated");
}

// The public endpoint knows no keys: there the digest is what stands in the post's place.
TEST_F(ZmqSourceTest, OthersNeedNoKey) {
    Peer peer(config_.posts.endpoint, ZMQ_DEALER);
    EXPECT_EQ(peer.ask({"BGM1/json", R"({"post_id":"p","text":"a","tenant":"cafe"})"}).status(),
              v1::Ack::ACCEPTED);
    EXPECT_EQ(peer.ask({"BGM1/json", digest_of("posts"), post_json("p", "a")}).error().field(), "post");
}

}  // namespace
}  // namespace bgm
