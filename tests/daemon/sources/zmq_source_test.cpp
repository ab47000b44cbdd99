// Posts over ZeroMQ: which frames make a post, whatever envelope they come in, and that each ack finds the
// peer that waits for it, in its own format.
#include "daemon/sources/zmq_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zmq.h>

#include "schemas/codec.hpp"
#include "tests/daemon/pipeline/admitting.hpp"

namespace bgm {
namespace {

using ::testing::HasSubstr;
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
        auto source = ZmqSource::open(config_, running_.loop(), messaging_, *admission_);
        ASSERT_TRUE(source) << source.error().to_string();
        source_ = std::move(*source);
        running_.start();
    }

    Messaging messaging_;
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
    const std::string endpoint = "ipc://" + (folder_.path() / kGatewayPostsSocket).string();
    for (const std::string post_id : {"first", "second"}) {
        Peer gateway(endpoint, ZMQ_DEALER, true);
        EXPECT_EQ(gateway.ask({"12345678", "", "BGM1/json", post_json(post_id, "a")}, 2).post_id(), post_id);
        gateway.send({"87654321", "", "BGM1/json", post_json("unread of " + post_id, "a")});
        EXPECT_TRUE(
            running_.eventually([&] { return accepted_.back().post.post_id().starts_with("unread"); }));
    }
    EXPECT_TRUE(counted(R"(bgmd_posts_total{outcome="accepted",source="gateway"} 4)"));
}

}  // namespace
}  // namespace bgm
