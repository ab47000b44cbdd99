// What a consumer was given and has not settled goes to somebody, in its order; what it has settled to
// nobody.
#include <algorithm>
#include <random>

#include "tests/daemon/queue/amqp_fixture.hpp"

namespace bgm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

class AmqpConsumerTest : public test::BrokerTest {};

TEST_F(AmqpConsumerTest, NoMoreThanThePrefetchIsHereAndAllThatIsSettledIsGone) {
    declare({.name = "prefetch"});
    constexpr int kMessages = 1000;
    constexpr std::size_t kPrefetch = 50;
    fill("prefetch", numbers(0, kMessages));
    std::mt19937 shuffling(1);
    {
        test::Inbox inbox;
        AmqpConsumer consumer(brokers(), {}, inbox.hooks());
        consumer.consume("prefetch", kPrefetch);
        for (std::size_t settled = 0; settled < kMessages; settled += kPrefetch) {
            ASSERT_TRUE(inbox.messages.until_count(settled + kPrefetch));
            EXPECT_EQ(inbox.messages.size(), settled + kPrefetch);
            auto tags = inbox.tags();
            tags.erase(tags.begin(), tags.begin() + static_cast<std::ptrdiff_t>(settled));
            // In any order and in pieces, twice some of them.
            std::shuffle(tags.begin(), tags.end(), shuffling);
            consumer.settle({tags.begin(), tags.begin() + 20});
            consumer.settle({tags.begin() + 10, tags.begin() + 30});
            consumer.settle({tags.begin() + 30, tags.end()});
        }
        EXPECT_EQ(inbox.bodies(), numbers(0, kMessages));
        EXPECT_THAT(inbox.lost.all(), testing::IsEmpty());
    }
    test::Inbox later;
    AmqpConsumer consumer(brokers(), {}, later.hooks());
    fill("prefetch", {"sentinel"});
    consumer.consume("prefetch", kPrefetch);
    ASSERT_TRUE(later.messages.until_count(1));
    EXPECT_THAT(later.bodies(), ElementsAre("sentinel"));
}

TEST_F(AmqpConsumerTest, WhatIsReleasedComesAgainInItsOrderAndOldTagsAreVoid) {
    declare({.name = "released"});
    fill("released", numbers(0, 10));
    test::Inbox inbox;
    AmqpConsumer consumer(brokers(), {}, inbox.hooks());
    consumer.consume("released", 10);
    ASSERT_TRUE(inbox.messages.until_count(10));
    const auto old = inbox.tags();
    consumer.settle({old[3], old[5]});
    consumer.release("released");
    ASSERT_TRUE(inbox.lost.until_count(1));
    ASSERT_TRUE(test::eventually([] { return ready_in("released") == 8; }));
    fill("released", numbers(10, 12));
    consumer.settle(old);
    consumer.reject(old[0]);
    consumer.consume("released", 10);
    ASSERT_TRUE(inbox.messages.until_count(20));
    const auto messages = inbox.messages.all();
    std::vector<std::string> again;
    for (std::size_t i = 10; i < messages.size(); ++i) {
        again.push_back(messages[i].body);
        EXPECT_EQ(messages[i].deliveries, i < 18 ? 1 : 0) << messages[i].body;
        EXPECT_EQ(messages[i].redelivered, i < 18);
        EXPECT_GT(messages[i].tag.epoch, old[0].epoch);
    }
    EXPECT_THAT(again, ElementsAre("0", "1", "2", "4", "6", "7", "8", "9", "10", "11"));
}

TEST_F(AmqpConsumerTest, ASingleActiveConsumerHandsOverInOrder) {
    declare({.name = "handed", .single_active = true});
    test::Inbox first_inbox;
    test::Inbox second_inbox;
    auto first = std::make_unique<AmqpConsumer>(brokers(), AmqpConsumer::Options{}, first_inbox.hooks());
    first->consume("handed", 100);
    ASSERT_TRUE(first_inbox.consuming.until_count(1));
    AmqpConsumer second(brokers(), {}, second_inbox.hooks());
    second.consume("handed", 100);
    ASSERT_TRUE(second_inbox.consuming.until_count(1));
    fill("handed", numbers(0, 150));
    ASSERT_TRUE(first_inbox.messages.until_count(100));
    const auto tags = first_inbox.tags();
    first->settle({tags.begin(), tags.begin() + 30});
    ASSERT_TRUE(first_inbox.messages.until_count(130));
    EXPECT_EQ(second_inbox.messages.size(), 0U);
    first.reset();
    ASSERT_TRUE(second_inbox.messages.until_count(100));
    second.settle(second_inbox.tags());
    ASSERT_TRUE(second_inbox.messages.until_count(120));
    EXPECT_EQ(second_inbox.bodies(), numbers(30, 150));
}

TEST_F(AmqpConsumerTest, WhatIsRejectedLiesAmongTheDeadAndSaysWhy) {
    declare({.name = "dead.1"});
    declare({.name = "rejecting", .dead_letter_queue = "dead.1"});
    fill("rejecting", {"good", "bad"});
    test::Inbox inbox;
    AmqpConsumer consumer(brokers(), {}, inbox.hooks());
    consumer.consume("rejecting", 10);
    ASSERT_TRUE(inbox.messages.until_count(2));
    consumer.reject(inbox.tags()[1]);
    consumer.consume("dead.1", 10);
    ASSERT_TRUE(inbox.messages.until_count(3));
    const AmqpConsumer::Message dead = inbox.messages.all()[2];
    EXPECT_EQ(dead.body, "bad");
    EXPECT_EQ(dead.death_reason, "rejected");
    EXPECT_EQ(dead.death_queue, "rejecting");
    consumer.settle(inbox.tags());
    ASSERT_TRUE(test::eventually([] { return ready_in("rejecting") == 0; }));
}

TEST_F(AmqpConsumerTest, WhatCameBackTooOftenLiesAmongTheDead) {
    declare({.name = "dead.2"});
    declare({.name = "limited", .delivery_limit = 2, .dead_letter_queue = "dead.2"});
    fill("limited", {"poison"});
    test::Inbox inbox;
    AmqpConsumer consumer(brokers(), {}, inbox.hooks());
    for (std::size_t time = 1; time <= 3; ++time) {
        consumer.consume("limited", 1);
        ASSERT_TRUE(inbox.messages.until_count(time));
        EXPECT_EQ(inbox.messages.all()[time - 1].deliveries, static_cast<std::int64_t>(time - 1));
        consumer.release("limited");
        ASSERT_TRUE(inbox.lost.until_count(time));
    }
    consumer.consume("dead.2", 1);
    ASSERT_TRUE(inbox.messages.until_count(4));
    EXPECT_EQ(inbox.messages.all()[3].body, "poison");
    EXPECT_EQ(inbox.messages.all()[3].death_reason, "delivery_limit");
}

// At least once: the broker keeps a dead letter until the queue of the dead has confirmed it.
TEST_F(AmqpConsumerTest, ADeadLetterWaitsForTheQueueOfTheDead) {
    declare({.name = "early", .dead_letter_queue = "dead.late"});
    fill("early", {"bad"});
    test::Inbox inbox;
    AmqpConsumer consumer(brokers(), {}, inbox.hooks());
    consumer.consume("early", 1);
    ASSERT_TRUE(inbox.messages.until_count(1));
    consumer.reject(inbox.tags()[0]);
    consumer.release("early");
    ASSERT_TRUE(inbox.lost.until_count(1));
    declare({.name = "dead.late"});
    consumer.consume("dead.late", 1);
    ASSERT_TRUE(
        inbox.messages.until([](const auto& messages) { return messages.back().queue == "dead.late"; }));
    EXPECT_EQ(inbox.messages.all().back().body, "bad");
}

TEST_F(AmqpConsumerTest, AMessageBeyondTheLimitIsDeadLetteredUnread) {
    declare({.name = "dead.3"});
    declare({.name = "large", .dead_letter_queue = "dead.3"});
    fill("large", {"before", std::string(700'000, 'x'), "after"});
    test::Inbox inbox;
    AmqpConsumer consumer(brokers(), {.message_bytes_max = 1000}, inbox.hooks());
    consumer.consume("large", 10);
    ASSERT_TRUE(inbox.messages.until_count(2));
    EXPECT_THAT(inbox.bodies(), ElementsAre("before", "after"));
    consumer.settle(inbox.tags());
    // Among the dead it cannot be passed on any more: its reader hears of it.
    consumer.consume("dead.3", 10);
    ASSERT_TRUE(inbox.messages.until_count(3));
    const AmqpConsumer::Message dead = inbox.messages.all()[2];
    EXPECT_TRUE(dead.too_large);
    EXPECT_EQ(dead.body, "");
    EXPECT_EQ(dead.death_reason, "rejected");
    consumer.settle({dead.tag});
    consumer.release("dead.3");
    ASSERT_TRUE(inbox.lost.until_count(1));
    EXPECT_EQ(ready_in("dead.3"), 0);
}

TEST_F(AmqpConsumerTest, AKilledBrokerIsFoundAgainWithAllThatWasNotSettled) {
    declare({.name = "survives"});
    ASSERT_TRUE(broker_->wait_until_remembered("survives"));
    fill("survives", numbers(0, 10));
    test::Inbox inbox;
    AmqpConsumer consumer(brokers(), {}, inbox.hooks());
    consumer.consume("survives", 100);
    ASSERT_TRUE(inbox.messages.until_count(10));
    const auto tags = inbox.tags();
    consumer.settle({tags[0], tags[1], tags[4]});
    ASSERT_TRUE(test::eventually([] {
        const auto said = broker_->control({"list_queues", "name", "messages_unacknowledged"});
        return said && said->find("survives\t7") != std::string::npos;
    }));
    broker_->kill();
    ASSERT_TRUE(inbox.lost.until_count(1));
    EXPECT_TRUE(test::eventually([&] { return !consumer.connected(); }));
    EXPECT_NE(consumer.error(), "");
    consumer.settle(tags);  // void
    const Status restarted = broker_->restart();
    ASSERT_TRUE(restarted) << restarted.error().to_string();
    ASSERT_TRUE(inbox.messages.until_count(17));
    const auto bodies = inbox.bodies();
    EXPECT_THAT(std::vector(bodies.begin() + 10, bodies.end()),
                ElementsAre("2", "3", "5", "6", "7", "8", "9"));
    EXPECT_EQ(consumer.error(), "");
}

TEST_F(AmqpConsumerTest, AFrozenBrokerIsLostAfterTwoHeartbeats) {
    declare({.name = "silent"});
    test::Inbox inbox;
    AmqpOptions options = brokers();
    options.heartbeat_s = 1;
    AmqpConsumer consumer(options, {}, inbox.hooks());
    consumer.consume("silent", 100);
    ASSERT_TRUE(inbox.consuming.until_count(1));
    broker_->freeze();
    const bool lost = inbox.lost.until_count(1);
    broker_->thaw();
    ASSERT_TRUE(lost);
    fill("silent", {"x"});
    ASSERT_TRUE(inbox.messages.until_count(1));
}

TEST_F(AmqpConsumerTest, EventsReachTheQueueOfEachHostOnce) {
    ASSERT_TRUE(link()->declare_fanout("events"));
    test::Inbox one_inbox;
    test::Inbox two_inbox;
    test::Inbox twin_inbox;
    auto one = std::make_unique<AmqpConsumer>(brokers(), AmqpConsumer::Options{}, one_inbox.hooks());
    AmqpConsumer two(brokers(), {}, two_inbox.hooks());
    one->consume_exclusive("host.one", "events", 100);
    two.consume_exclusive("host.two", "events", 100);
    ASSERT_TRUE(one_inbox.consuming.until_count(1));
    ASSERT_TRUE(two_inbox.consuming.until_count(1));
    // A second host of a name that is taken waits at the door.
    AmqpConsumer twin(brokers(), {}, twin_inbox.hooks());
    twin.consume_exclusive("host.one", "events", 100);
    ASSERT_TRUE(twin_inbox.refused.until_count(2));
    const Status taken = link()->declare_exclusive_queue("host.one", "events");
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().field, "queue.host_name");

    test::Gathered<Status> written;
    AmqpPublisher publisher(brokers(), {});
    ASSERT_TRUE(publisher.publish({.exchange = "events",
                                   .body = "event",
                                   .persistent = false,
                                   .confirmed = false,
                                   .done = [&](const Status& status) { written.add(status); }}));
    ASSERT_TRUE(written.until_count(1));
    EXPECT_TRUE(written.all()[0]);
    ASSERT_TRUE(one_inbox.messages.until_count(1));
    ASSERT_TRUE(two_inbox.messages.until_count(1));
    EXPECT_EQ(one_inbox.messages.all()[0].body, "event");
    one.reset();
    ASSERT_TRUE(twin_inbox.consuming.until_count(1));
}

TEST_F(AmqpConsumerTest, AQueueThatIsMissingIsTriedUntilItIsThere) {
    test::Inbox inbox;
    AmqpConsumer consumer(brokers(), {}, inbox.hooks());
    consumer.consume("missing", 10);
    ASSERT_TRUE(inbox.refused.until_count(2));
    EXPECT_THAT(inbox.refused.all()[0].second.message, HasSubstr("missing"));
    declare({.name = "missing"});
    ASSERT_TRUE(inbox.consuming.until_count(1));
    // And again where somebody deletes it.
    ASSERT_TRUE(broker_->control({"delete_queue", "missing"}));
    const std::size_t refusals = inbox.refused.size();
    ASSERT_TRUE(inbox.refused.until_count(refusals + 1));
    declare({.name = "missing"});
    ASSERT_TRUE(inbox.consuming.until_count(2));
    fill("missing", {"x"});
    ASSERT_TRUE(inbox.messages.until_count(1));
}

}  // namespace
}  // namespace bgm
