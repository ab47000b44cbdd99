// What comes from the port of a broker is not trusted: nonsense ends the connection, takes no memory, and is
// survived.
#include "tests/daemon/queue/lying_broker.hpp"

#include <sys/resource.h>

#include "tests/daemon/queue/amqp_fixture.hpp"

namespace bgm {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;
using test::delivery;
using test::frame;
using test::header;
using test::method;
using test::octets;

constexpr std::uint32_t kChannelOpen = 0x0014000A;
constexpr std::uint32_t kChannelOpenOk = 0x0014000B;
constexpr std::uint32_t kChannelClose = 0x00140028;
constexpr std::uint32_t kConfirmSelect = 0x0055000A;
constexpr std::uint32_t kConfirmSelectOk = 0x0055000B;
constexpr std::uint32_t kPublish = 0x003C0028;
constexpr std::uint32_t kAck = 0x003C0050;
constexpr std::uint32_t kNack = 0x003C0078;
constexpr std::uint32_t kReturn = 0x003C0032;
constexpr std::uint32_t kConsume = 0x003C0014;
constexpr std::uint32_t kConsumeOk = 0x003C0015;

AmqpOptions options_of(const test::LyingBroker& broker) {
    return {.endpoints = {broker.endpoint()}, .user = "bgm", .password = "s3cret"};
}

/// A broker that answers the second and every later publisher honestly, and the first as told.
std::string answer_publisher(std::uint16_t channel, std::uint32_t id, const std::string& lie) {
    if (id == kChannelOpen) return method(channel, kChannelOpenOk, octets(0, 4));
    if (id == kConfirmSelect) return method(channel, kConfirmSelectOk);
    return id == kPublish ? lie : "";
}

class LiesToPublishers : public testing::TestWithParam<std::pair<const char*, std::string>> {};

TEST_P(LiesToPublishers, AreNoConfirmation) {
    const test::LyingBroker broker([](std::uint16_t channel, std::uint32_t id) {
        return answer_publisher(channel, id, GetParam().second);
    });
    test::Gathered<Status> answers;
    {
        AmqpPublisher publisher(
            options_of(broker),
            {.confirm_timeout = 10min, .stall = 50ms, .retry_least = 1ms, .retry_most = 2ms});
        ASSERT_TRUE(publisher.publish(
            {.routing_key = "q", .body = "x", .done = [&](const Status& answer) { answers.add(answer); }}));
        // It is published again and again on new connections.
        ASSERT_TRUE(test::eventually([&] { return broker.connections() > 3; }));
        EXPECT_EQ(answers.size(), 0U);
    }
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_FALSE(answers.all()[0]);
}

INSTANTIATE_TEST_SUITE_P(
    All, LiesToPublishers,
    testing::Values(
        std::pair{"silence", std::string{}},
        std::pair{"confirm_of_the_future", method(1, kAck, octets(2, 8) + octets(1, 1))},
        std::pair{"confirm_of_nothing", method(1, kAck, octets(0, 8) + octets(1, 1))},
        std::pair{"confirm_of_the_largest", method(1, kAck, octets(UINT64_MAX, 8) + octets(1, 1))},
        std::pair{"return_without_a_number",
                  method(1, kReturn, octets(312, 2) + octets(0, 3)) + header(1, 1)},
        std::pair{"header_of_nothing", header(1, 10)}, std::pair{"body_of_nothing", frame(3, 1, "body")},
        std::pair{"frame_of_four_gigabytes", octets(1, 1) + octets(1, 2) + octets(0xfffffff0, 4)},
        std::pair{"cut_method", frame(1, 1, octets(kAck, 4) + "\x01")},
        std::pair{"unknown_frame", frame(9, 1, "?")}, std::pair{"noise", std::string(64, '\xff')}),
    [](const auto& lie) { return lie.param.first; });

std::string answer_consumer(std::uint16_t channel, std::uint32_t id, const std::string& lie) {
    if (id == kChannelOpen) return method(channel, kChannelOpenOk, octets(0, 4));
    if (id == kConsume) return method(channel, kConsumeOk, octets(1, 1) + "c") + lie;
    return "";
}

class LiesToConsumers : public testing::TestWithParam<std::pair<const char*, std::string>> {};

TEST_P(LiesToConsumers, AreNoMessages) {
    const test::LyingBroker broker([](std::uint16_t channel, std::uint32_t id) {
        return answer_consumer(channel, id, GetParam().second);
    });
    test::Inbox inbox;
    AmqpConsumer consumer(options_of(broker), {.retry_least = 1ms, .retry_most = 2ms}, inbox.hooks());
    consumer.consume("q", 10);
    ASSERT_TRUE(test::eventually([&] { return broker.connections() > 3; }));
    EXPECT_EQ(inbox.messages.size(), 0U);
    EXPECT_GE(inbox.lost.size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    All, LiesToConsumers,
    testing::Values(std::pair{"out_of_order", delivery(1, 2)},
                    std::pair{"within_another", delivery(1, 1) + delivery(1, 2)},
                    std::pair{"header_of_nothing", header(1, 10)},
                    std::pair{"body_of_nothing", frame(3, 1, "body")},
                    std::pair{"longer_than_said", delivery(1, 1) + header(1, 3) + frame(3, 1, "body")},
                    std::pair{"channel_that_is_not_open", delivery(2, 1)},
                    std::pair{"close_that_nobody_asked_for", method(1, 0x00140029)},
                    std::pair{"cut_header", delivery(1, 1) + frame(2, 1, octets(60, 2))}),
    [](const auto& lie) { return lie.param.first; });

TEST(LyingBroker, AMessageOfAThousandGigabytesTakesNoMemory) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "a sanitiser's own memory grows with every byte that passes";
#endif
    const test::LyingBroker broker([](std::uint16_t channel, std::uint32_t id) {
        std::string flood = delivery(1, 1) + header(1, 1'000'000'000'000);
        for (int i = 0; i < 1000; ++i)
            flood += frame(3, 1, std::string(100'000, 'x'));
        return answer_consumer(channel, id, flood);
    });
    rusage before{};
    getrusage(RUSAGE_SELF, &before);
    test::Inbox inbox;
    AmqpOptions options = options_of(broker);
    {
        AmqpConsumer consumer(options, {}, inbox.hooks());
        consumer.consume("q", 10);
        ASSERT_TRUE(inbox.consuming.until_count(1));
    }
    rusage after{};
    getrusage(RUSAGE_SELF, &after);
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 300'000);  // kilobytes; the flood itself is 100 MB of them
    EXPECT_EQ(inbox.messages.size(), 0U);
}

// A channel of RabbitMQ that hangs is left to itself, and the queue is asked for on another one.
TEST(LyingBroker, AChannelThatIsNeverAnsweredIsLeftForAnother) {
    std::atomic<int> closed = 0;
    const test::LyingBroker broker([&](std::uint16_t channel, std::uint32_t id) -> std::string {
        if (id == kChannelClose) closed += 1;
        if (channel < 3) return "";
        return answer_consumer(channel, id,
                               delivery(channel, 1) + header(channel, 4) + frame(3, channel, "body"));
    });
    test::Inbox inbox;
    AmqpConsumer consumer(options_of(broker), {.answer_within = 500ms, .retry_least = 1ms, .retry_most = 2ms},
                          inbox.hooks());
    consumer.consume("q", 10);
    ASSERT_TRUE(inbox.messages.until_count(1));
    EXPECT_EQ(inbox.bodies()[0], "body");
    EXPECT_GE(inbox.lost.size(), 2U);
    EXPECT_EQ(inbox.tags()[0].epoch, inbox.lost.size() + 1);
    EXPECT_EQ(broker.connections(), 1);
    EXPECT_GE(closed, 2);
}

// A node whose own member of a queue is dead: it answers, and hands out nothing of it.
TEST(LyingBroker, OfWhichNothingComesIsLeftForAnother) {
    const test::LyingBroker dumb(
        [](std::uint16_t channel, std::uint32_t id) { return answer_consumer(channel, id, ""); });
    const test::LyingBroker honest([](std::uint16_t channel, std::uint32_t id) {
        return answer_consumer(channel, id,
                               delivery(channel, 1) + header(channel, 4) + frame(3, channel, "body"));
    });
    test::Inbox inbox;
    AmqpOptions options = options_of(dumb);
    options.endpoints.push_back(honest.endpoint());
    AmqpConsumer consumer(options, {.stuck_within = 50ms, .retry_least = 1ms, .retry_most = 2ms},
                          inbox.hooks());
    consumer.consume("q", 10);
    ASSERT_TRUE(inbox.consuming.until_count(1));
    consumer.expect("q");
    ASSERT_TRUE(inbox.messages.until_count(1));
    EXPECT_EQ(inbox.stuck.all(), std::vector<std::string>{"q"});
    EXPECT_EQ(inbox.tags()[0].epoch, 2U);
    EXPECT_EQ(dumb.connections(), 1);
}

// One queue that confirms nothing is tried at another endpoint too, though the others confirm.
TEST(LyingBroker, ThatRefusesEverythingOfOneQueueIsLeftForAnother) {
    std::uint64_t published = 0;
    const test::LyingBroker refusing([&](std::uint16_t channel, std::uint32_t id) {
        if (id == kPublish) published += 1;
        return answer_publisher(channel, id, method(channel, kNack, octets(published, 8) + octets(0, 1)));
    });
    std::uint64_t elsewhere = 0;
    const test::LyingBroker honest([&](std::uint16_t channel, std::uint32_t id) {
        if (id == kPublish) elsewhere += 1;
        return answer_publisher(channel, id, method(channel, kAck, octets(elsewhere, 8) + octets(0, 1)));
    });
    AmqpOptions options = options_of(refusing);
    options.endpoints.push_back(honest.endpoint());
    test::Gathered<Status> answers;
    AmqpPublisher publisher(options,
                            {.confirm_timeout = 10min, .stall = 1s, .retry_least = 1ms, .retry_most = 2ms});
    ASSERT_TRUE(test::eventually([&] {
        const std::size_t next = answers.size() + 1;
        const bool sent = publisher.publish(
            {.routing_key = "q", .body = "x", .done = [&](const Status& answer) { answers.add(answer); }});
        return sent && answers.until_count(next) && answers.all().back();
    }));
    EXPECT_EQ(answers.all().front().error().code, ErrorCode::resource_exhausted)
        << "its sender is told at once";
    EXPECT_EQ(refusing.connections(), 1);
}

TEST(LyingBroker, ThatConfirmsNothingOfOneQueueIsLeftForAnother) {
    std::atomic<std::uint64_t> published = 0;
    const test::LyingBroker partial([&](std::uint16_t channel, std::uint32_t id) {
        if (id == kPublish) published += 1;
        // The first one stays without an answer.
        const std::string confirm =
            published > 1 ? method(channel, kAck, octets(published, 8) + octets(0, 1)) : std::string();
        return answer_publisher(channel, id, confirm);
    });
    std::atomic<std::uint64_t> elsewhere = 0;
    const test::LyingBroker honest([&](std::uint16_t channel, std::uint32_t id) {
        if (id == kPublish) elsewhere += 1;
        return answer_publisher(channel, id, method(channel, kAck, octets(elsewhere, 8) + octets(0, 1)));
    });
    test::Gathered<Status> stuck;
    std::atomic<bool> over = false;
    AmqpOptions options = options_of(partial);
    options.endpoints.push_back(honest.endpoint());
    AmqpPublisher publisher(
        options, {.confirm_timeout = 10min, .stall = 500ms, .retry_least = 1ms, .retry_most = 2ms});
    const auto publish = [&](const std::string& queue, auto done) {
        ASSERT_TRUE(publisher.publish({.routing_key = queue, .body = "x", .done = done}));
    };
    publish("stuck", [&](const Status& answer) {
        over = true;
        stuck.add(answer);
    });
    // Something is always confirmed.
    test::Gathered<Status> others;
    for (std::size_t count = 1; !over && count < 30'000; ++count) {
        publish("other", [&](const Status& answer) { others.add(answer); });
        ASSERT_TRUE(others.until_count(count));
    }
    ASSERT_TRUE(over);
    ASSERT_TRUE(stuck.until_count(1));
    EXPECT_TRUE(stuck.all()[0]);
    EXPECT_EQ(honest.connections(), 1);
}

}  // namespace
}  // namespace bgm
