// What is declared at a broker, and what is said of a broker, a queue or an account that cannot be used.
#include "tests/daemon/queue/amqp_fixture.hpp"

namespace bgm {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class AmqpLinkTest : public test::BrokerTest {
 protected:
    static Error error_of(const AmqpOptions& options) {
        const auto opened = AmqpLink::open(options);
        return opened ? Error{} : opened.error();
    }
    /// A queue that bgmd would not make, made by somebody else.
    static void declare_in_erlang(const std::string& name, const std::string& arguments) {
        const auto said =
            broker_->control({"eval", "rabbit_amqqueue:declare(rabbit_misc:r(<<\"/\">>, queue, <<\"" + name +
                                          "\">>), true, false, " + arguments + ", none, <<\"test\">>)."});
        ASSERT_TRUE(said);
        ASSERT_THAT(*said, HasSubstr("{new,"));
    }
};

TEST_F(AmqpLinkTest, QuorumQueuesAreDeclaredAgainWithTheSameShape) {
    const auto at = link();
    ASSERT_TRUE(at);
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(at->declare_queue({.name = "again.dead"}));
        const Status declared = at->declare_queue({.name = "again.live.0",
                                                   .single_active = true,
                                                   .bytes_max = 1'000'000,
                                                   .delivery_limit = 20,
                                                   .dead_letter_queue = "again.dead"});
        ASSERT_TRUE(declared) << declared.error().to_string();
        ASSERT_TRUE(at->declare_fanout("again.events"));
    }
    const auto counts = at->counts("again.live.0");
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->ready, 0);
    EXPECT_FALSE(at->counts("again.none"));
    EXPECT_THAT(at->broker(), HasSubstr("RabbitMQ"));
    EXPECT_EQ(at->endpoint(), broker_->endpoint());
    const auto listed = broker_->control({"list_queues", "name", "type", "durable"});
    ASSERT_TRUE(listed);
    EXPECT_THAT(*listed, HasSubstr("again.live.0\tquorum\ttrue"));
}

TEST_F(AmqpLinkTest, AQueueOfAnotherTypeIsNamedWithTheWayOut) {
    declare_in_erlang("way.classic", "[]");
    declare_in_erlang("way.lazy", "[{<<\"x-queue-mode\">>, longstr, <<\"lazy\">>}]");
    const auto at = link();
    ASSERT_TRUE(at);
    for (const char* name : {"way.classic", "way.lazy"}) {
        const Status declared = at->declare_queue({.name = name, .single_active = true});
        ASSERT_FALSE(declared);
        EXPECT_EQ(declared.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(declared.error().field, "queue.prefix");
        EXPECT_THAT(declared.error().message,
                    AllOf(HasSubstr(std::string("'") + name + "'"), HasSubstr("is not a quorum queue"),
                          HasSubstr(std::string("rabbitmqctl delete_queue ") + name)));
    }
    // The link is still of use.
    EXPECT_TRUE(at->declare_queue({.name = "way.quorum"}));
}

TEST_F(AmqpLinkTest, AQueueWithOtherLimitsIsNamedWithTheWayOut) {
    const auto at = link();
    ASSERT_TRUE(at);
    ASSERT_TRUE(at->declare_queue({.name = "limits", .bytes_max = 1000}));
    const Status declared = at->declare_queue({.name = "limits", .bytes_max = 2000});
    ASSERT_FALSE(declared);
    EXPECT_EQ(declared.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(declared.error().message,
                AllOf(HasSubstr("has other limits"), HasSubstr("x-max-length-bytes"),
                      Not(HasSubstr("not a quorum queue"))));
}

TEST_F(AmqpLinkTest, AnExchangeOfAnotherKindIsNamed) {
    const auto at = link();
    ASSERT_TRUE(at);
    const Status declared = at->declare_fanout("amq.direct");
    ASSERT_FALSE(declared);
    EXPECT_EQ(declared.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(declared.error().field, "queue.prefix");
}

TEST_F(AmqpLinkTest, AnotherHostOfTheNameIsNoticedUntilItIsGone) {
    const auto at = link();
    auto other = link();
    ASSERT_TRUE(at && other);
    ASSERT_TRUE(other->declare_fanout("twins"));
    ASSERT_TRUE(other->declare_exclusive_queue("twins.host", "twins"));
    const Status refused = at->declare_exclusive_queue("twins.host", "twins");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(refused.error().field, "queue.host_name");
    EXPECT_THAT(refused.error().message, HasSubstr("another bgmd"));
    other.reset();
    EXPECT_TRUE(test::eventually([&] { return at->declare_exclusive_queue("twins.host", "twins").ok(); }));
}

TEST_F(AmqpLinkTest, WhoIsRefusedHearsWhichKeyToMendAndNoPasswordIsTold) {
    AmqpOptions options = brokers();
    options.password = "not-the-passw0rd";
    Error error = error_of(options);
    EXPECT_EQ(error.code, ErrorCode::invalid_argument);
    EXPECT_EQ(error.field, "queue.user");
    EXPECT_THAT(error.message, AllOf(HasSubstr("'bgm'"), Not(HasSubstr(options.password))));

    options = brokers();
    options.vhost = "/elsewhere";
    error = error_of(options);
    EXPECT_EQ(error.code, ErrorCode::invalid_argument);
    EXPECT_EQ(error.field, "queue.vhost");
    EXPECT_THAT(error.message, HasSubstr("/elsewhere"));

    ASSERT_TRUE(broker_->control({"add_user", "reader", "reader"}));
    ASSERT_TRUE(broker_->control({"set_permissions", "reader", "^$", "^$", ".*"}));
    options = brokers();
    options.user = options.password = "reader";
    const auto opened = AmqpLink::open(options);
    ASSERT_TRUE(opened) << opened.error().to_string();
    const Status declared = (*opened)->declare_queue({.name = "theirs"});
    ASSERT_FALSE(declared);
    EXPECT_EQ(declared.error().field, "queue.user");
    EXPECT_THAT(declared.error().message, HasSubstr("permission"));
}

TEST_F(AmqpLinkTest, EndpointsThatAreAwayAreUnavailableAndNonsenseIsTheirKeysMistake) {
    AmqpOptions options = brokers();
    options.endpoints = {"127.0.0.1:1"};
    EXPECT_EQ(error_of(options).code, ErrorCode::unavailable);
    EXPECT_THAT(error_of(options).message, HasSubstr("127.0.0.1:1"));
    options.endpoints = {"127.0.0.1:1", broker_->endpoint()};
    EXPECT_TRUE(AmqpLink::open(options));
    for (const char* nonsense : {"", "host", "host:", ":5672", "host:0", "host:65536", "host:5672x"}) {
        options.endpoints = {nonsense};
        EXPECT_EQ(error_of(options).code, ErrorCode::invalid_argument) << nonsense;
        EXPECT_EQ(error_of(options).field, "queue.endpoints") << nonsense;
    }
    options.endpoints = {};
    EXPECT_EQ(error_of(options).field, "queue.endpoints");
}

}  // namespace
}  // namespace bgm
