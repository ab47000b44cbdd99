// What is declared at a broker, and what a broker that cannot be used is told to be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/queue/amqp_link.hpp"
#include "tests/daemon/queue/rabbit_broker.hpp"

namespace bgm {
namespace {

using testing::HasSubstr;
using testing::Not;

class AmqpLinkTest : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        auto started = test::RabbitBroker::start();
        if (started) broker_ = std::move(*started);
        if (!started) why_ = started.error();
    }
    static void TearDownTestSuite() { broker_.reset(); }
    void SetUp() override {
        if (!broker_ && why_.code == ErrorCode::not_found) GTEST_SKIP() << why_.message;
        ASSERT_TRUE(broker_) << why_.to_string();
    }
    std::unique_ptr<AmqpLink> link() {
        auto opened = AmqpLink::open(broker_->options());
        EXPECT_TRUE(opened) << opened.error().to_string();
        return opened ? std::move(*opened) : nullptr;
    }

    static inline std::unique_ptr<test::RabbitBroker> broker_;
    static inline Error why_;
};

TEST_F(AmqpLinkTest, QuorumQueuesAreDeclaredAgainWithTheSameShape) {
    const auto first = link();
    const QueueShape shape{.name = "again.live.0",
                           .single_active = true,
                           .bytes_max = 1'000'000,
                           .delivery_limit = 20,
                           .dead_letter_queue = "again.dead"};
    ASSERT_TRUE(first->declare_queue({.name = "again.dead"}));
    for (int i = 0; i < 2; ++i) {
        const Status declared = first->declare_queue(shape);
        ASSERT_TRUE(declared) << declared.error().to_string();
    }
    const auto counts = first->counts("again.live.0");
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->ready, 0);
    EXPECT_THAT(first->broker(), HasSubstr("RabbitMQ"));
    const auto listed = broker_->control({"list_queues", "name", "type", "durable"});
    ASSERT_TRUE(listed);
    EXPECT_THAT(*listed, HasSubstr("again.live.0\tquorum\ttrue"));
}

}  // namespace
}  // namespace bgm
