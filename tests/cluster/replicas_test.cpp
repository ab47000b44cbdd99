// One bgmd whose reads that may be a little old go to a replica, as those who ask see it: whatever becomes of
// the replica, what they were told is there, what was erased is not, and nobody is refused an answer.
#include <gmock/gmock.h>

#include "ops/client/posts_client.hpp"
#include "tests/cluster/cluster.hpp"
#include "tests/eventually.hpp"

namespace bgm::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class Replicas : public testing::Test {
 protected:
    void SetUp() override {
        if (const std::string why = Cluster::why_not(false); !why.empty()) GTEST_SKIP() << why;
        // What was delivered is forgotten at once, so that MySQL is asked for it.
        cluster_ = std::make_unique<Cluster>(
            Cluster::Options{.amqp = false,
                             .replica = true,
                             .hosts = 1,
                             .settings = {"journal.keep_delivered_s=0", "mysql.replica_lag_max_ms=1000"}});
        replica_is("fresh");
    }

    Host& host() { return cluster_->host(0); }
    void deliver(const std::string& post_id) {
        auto client = PostsClient::connect(host().posts(), seconds(10));
        ASSERT_TRUE(client) << client.error().to_string();
        ASSERT_TRUE(client->send(WireFormat::json,
                                 R"({"text": "what a lovely evening", "post_id": ")" + post_id + "\"}"));
        const auto ack = client->receive(seconds(20));
        ASSERT_TRUE(ack && *ack && (*ack)->status == PostAck::Status::accepted);
        ASSERT_TRUE(eventually([&] {
            return cluster_->database().count("SELECT COUNT(*) FROM picks WHERE post_id = '" + post_id +
                                              "'") == 1;
        }));
    }
    bool known(const std::string& post_id) { return host().bgmctl({"picks", post_id}).exit_code == 0; }
    void replica_is(const std::string& state) {
        std::string said;
        EXPECT_TRUE(eventually([&] {
            said = host().bgmctl({"status"}).text;
            return said.find(":3306 " + state) != std::string::npos;
        })) << said;
    }
    double reads(const std::string& outcome) {
        return host().metric("bgmd_replica_reads_total{outcome=\"" + outcome + "\"}");
    }

    std::unique_ptr<Cluster> cluster_;
};

TEST_F(Replicas, AnswerWhatMayBeALittleOldAndNothingElse) {
    deliver("a");
    // By the replica, once it has been taken out of the journal.
    EXPECT_TRUE(eventually([&] { return known("a") && reads("answered") > 0; }));
    cluster_->database().run_at_replica("STOP SLAVE SQL_THREAD");
    deliver("b");
    EXPECT_TRUE(known("b"));
    EXPECT_EQ(host().bgmctl({"erase", "--post", "a"}).exit_code, 0);
    EXPECT_FALSE(known("a")) << "it is there, and must not be shown";
    replica_is("lagging");
    EXPECT_TRUE(known("b"));
    cluster_->database().run_at_replica("START SLAVE SQL_THREAD");
    replica_is("fresh");
    EXPECT_THAT(host().bgmctl({"catalogue", "stats"}).text, HasSubstr("tracks"));
    cluster_->database().replica().kill();
    EXPECT_TRUE(known("b"));
    replica_is("down");
    EXPECT_TRUE(known("b"));
    EXPECT_EQ(host().bgmctl({"catalogue", "list"}).exit_code, 0);
}

}  // namespace
}  // namespace bgm::test
