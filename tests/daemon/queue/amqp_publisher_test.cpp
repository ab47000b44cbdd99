// A message is answered once, and "ok" means that the broker has it: whatever dies in between.
#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "tests/daemon/queue/amqp_fixture.hpp"

namespace bgm {
namespace {

using testing::Each;
using testing::HasSubstr;
using namespace std::chrono_literals;

class AmqpPublisherTest : public test::BrokerTest {
 protected:
    AmqpPublisher::Outgoing to(const std::string& queue, std::string body) {
        return {.routing_key = queue, .body = std::move(body), .done = [this](const Status& answer) {
                    answers_.add(answer);
                }};
    }
    std::vector<ErrorCode> failures() const {
        std::vector<ErrorCode> codes;
        for (const Status& answer : answers_.all())
            if (!answer) codes.push_back(answer.error().code);
        return codes;
    }
    test::Gathered<Status> answers_;
};

TEST_F(AmqpPublisherTest, WhatIsConfirmedLiesInTheQueueInItsOrder) {
    declare({.name = "order"});
    std::atomic<int> told_together = 0;
    AmqpPublisher publisher(
        brokers(), {.window_messages = 100, .confirm_timeout = 10min, .together = [&](const auto& tell) {
                        told_together += 1;
                        tell();
                    }});
    constexpr int kMessages = 3000;
    for (const std::string& body : numbers(0, kMessages))
        ASSERT_TRUE(publisher.publish(to("order", body)));
    ASSERT_TRUE(answers_.until_count(kMessages));
    EXPECT_THAT(failures(), testing::IsEmpty());
    EXPECT_TRUE(publisher.connected());
    EXPECT_EQ(publisher.error(), "");
    EXPECT_EQ(publisher.queued_bytes(), 0U);
    EXPECT_LT(told_together, kMessages / 2);

    test::Inbox inbox;
    AmqpConsumer consumer(brokers(), {}, inbox.hooks());
    consumer.consume("order", 10'000);
    ASSERT_TRUE(inbox.messages.until_count(kMessages));
    EXPECT_EQ(inbox.bodies(), numbers(0, kMessages));
}

TEST_F(AmqpPublisherTest, AFullQueueTakesNoMore) {
    declare({.name = "full", .bytes_max = 10'000});
    AmqpPublisher publisher(brokers(), {.window_messages = 1, .confirm_timeout = 10min});
    constexpr int kMessages = 40;
    for (int i = 0; i < kMessages; ++i)
        ASSERT_TRUE(publisher.publish(to("full", std::string(1000, 'x'))));
    ASSERT_TRUE(answers_.until_count(kMessages));
    const std::vector<ErrorCode> refused = failures();
    EXPECT_GE(refused.size(), 20U);
    EXPECT_LT(refused.size(), 35U);
    EXPECT_THAT(refused, Each(ErrorCode::resource_exhausted));
    EXPECT_TRUE(eventually_ready("full", kMessages - static_cast<std::int64_t>(refused.size())));
}

TEST_F(AmqpPublisherTest, AQueueThatIsNotThereIsAnErrorOfItsMessagesAlone) {
    declare({.name = "there"});
    AmqpPublisher publisher(brokers(), {});
    test::Gathered<Status> lost;
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(publisher.publish({.routing_key = "nowhere",
                                       .body = std::string(i % 2 == 0 ? 0 : 300'000, 'x'),
                                       .done = [&](const Status& answer) { lost.add(answer); }}));
        ASSERT_TRUE(publisher.publish(to("there", "x")));
    }
    ASSERT_TRUE(lost.until_count(50));
    ASSERT_TRUE(answers_.until_count(50));
    EXPECT_THAT(failures(), testing::IsEmpty());
    for (const Status& answer : lost.all()) {
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
        EXPECT_THAT(answer.error().message, HasSubstr("nowhere"));
    }
    EXPECT_TRUE(eventually_ready("there", 50));
}

TEST_F(AmqpPublisherTest, AnExchangeThatIsNotThereIsAnErrorOfItsMessagesAlone) {
    declare({.name = "beside"});
    AmqpPublisher publisher(brokers(), {});
    test::Gathered<Status> lost;
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(publisher.publish({.exchange = "no-exchange",
                                       .body = "x",
                                       .done = [&](const Status& answer) { lost.add(answer); }}));
        ASSERT_TRUE(publisher.publish(to("beside", "x")));
    }
    ASSERT_TRUE(lost.until_count(5));
    ASSERT_TRUE(answers_.until_count(5));
    EXPECT_THAT(failures(), testing::IsEmpty());
    for (const Status& answer : lost.all())
        EXPECT_FALSE(answer);
    EXPECT_TRUE(
        test::eventually([] { return ready_in("beside") >= 5; }));  // what was under way is published again
}

TEST_F(AmqpPublisherTest, AMessageBeyondTheLimitIsRefusedHere) {
    declare({.name = "small"});
    AmqpPublisher publisher(brokers(), {.message_bytes_max = 1000});
    ASSERT_TRUE(publisher.publish(to("small", std::string(1001, 'x'))));
    ASSERT_TRUE(answers_.until_count(1));
    EXPECT_THAT(failures(), testing::ElementsAre(ErrorCode::too_large));
    ASSERT_TRUE(publisher.publish(to("small", std::string(1000, 'x'))));
    ASSERT_TRUE(answers_.until_count(2));
    EXPECT_TRUE(eventually_ready("small", 1));
}

TEST_F(AmqpPublisherTest, NothingIsLostWhereTheBrokerIsKilledAgainAndAgain) {
    declare({.name = "killed"});
    ASSERT_TRUE(broker_->wait_until_remembered("killed"));
    std::mutex mutex;
    std::set<int> confirmed;
    std::atomic<int> answered = 0;
    std::atomic<bool> stop = false;
    int published = 0;  // by the publisher's thread, but for the first ones
    {
        std::function<void()> next;
        AmqpPublisher publisher(brokers(), {.confirm_timeout = 120s, .stall = 1s});
        next = [&] {
            const int number = published++;
            ASSERT_TRUE(publisher.publish({.routing_key = "killed",
                                           .body = std::to_string(number),
                                           .done = [&, number](const Status& answer) {
                                               const std::lock_guard lock(mutex);
                                               if (answer) confirmed.insert(number);
                                               if (!stop) next();
                                               answered += 1;
                                           }}));
        };
        {
            const std::lock_guard lock(mutex);
            for (int i = 0; i < 500; ++i)
                next();
        }
        for (int round = 0; round < 3; ++round) {
            const int before = answered;
            EXPECT_TRUE(test::eventually([&] { return answered > before + 2000; }));
            if (round == 2) break;
            broker_->kill();
            const Status restarted = broker_->restart();
            EXPECT_TRUE(restarted) << restarted.error().to_string();
        }
        stop = true;
        EXPECT_TRUE(test::eventually([&] {
            const std::lock_guard lock(mutex);
            return answered == published;
        }));
    }
    EXPECT_EQ(confirmed.size(), static_cast<std::size_t>(published));

    test::Inbox inbox;
    AmqpConsumer consumer(brokers(), {}, inbox.hooks());
    consumer.consume("killed", 60'000);
    const std::int64_t lying = ready_in("killed");
    ASSERT_TRUE(test::eventually([&] {
        const auto bodies = inbox.bodies();
        return std::set<std::string>(bodies.begin(), bodies.end()).size() >= confirmed.size();
    })) << inbox.messages.size()
        << " of " << published << ", " << lying << " in the queue";
    // A repetition aside, each message comes after those that were published before it.
    int newest = -1;
    std::set<int> seen;
    for (const std::string& body : inbox.bodies()) {
        const int number = std::stoi(body);
        if (!seen.insert(number).second) continue;
        EXPECT_GT(number, newest);
        newest = std::max(newest, number);
    }
}

TEST_F(AmqpPublisherTest, ABrokerWithoutMemoryIsSaidToBeFullAtOnce) {
    declare({.name = "alarm"});
    AmqpPublisher publisher(brokers(), {.confirm_timeout = 10min});
    ASSERT_TRUE(publisher.publish(to("alarm", "before")));
    ASSERT_TRUE(answers_.until_count(1));
    const Status alarmed = broker_->set_memory_alarm(true);
    ASSERT_TRUE(alarmed) << alarmed.error().to_string();
    // The alarm reaches the connections a moment after it is set.
    ASSERT_TRUE(test::eventually([&] {
        EXPECT_TRUE(publisher.publish(to("alarm", std::string(1000, 'x'))));
        return !failures().empty();
    }));
    EXPECT_THAT(failures(), Each(ErrorCode::resource_exhausted));
    EXPECT_FALSE(publisher.connected());
    EXPECT_THAT(publisher.error(), HasSubstr("takes nothing"));
    // Also where much more comes than the sockets hold: nobody waits until the alarm is over.
    const std::size_t before = answers_.size();
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(publisher.publish(to("alarm", std::string(1'000'000, 'x'))));
    ASSERT_TRUE(answers_.until_count(before + 20));

    ASSERT_TRUE(broker_->set_memory_alarm(false));
    ASSERT_TRUE(test::eventually([&] { return publisher.connected(); }));
    test::Gathered<Status> after;
    ASSERT_TRUE(publisher.publish(
        {.routing_key = "alarm", .body = "after", .done = [&](const Status& answer) { after.add(answer); }}));
    ASSERT_TRUE(after.until_count(1));
    EXPECT_TRUE(after.all()[0]);
}

TEST_F(AmqpPublisherTest, AFrozenBrokerIsGivenUpAfterTheTimeAndFoundAgain) {
    declare({.name = "frozen"});
    AmqpOptions options = brokers();
    options.heartbeat_s = 1;
    AmqpPublisher publisher(options, {.confirm_timeout = 500ms});
    const auto confirmed = [&](const std::string& body) {
        const std::size_t asked = answers_.size();
        EXPECT_TRUE(publisher.publish(to("frozen", body)));
        return answers_.until_count(asked + 1) && answers_.all().back().ok();
    };
    ASSERT_TRUE(test::eventually([&] { return confirmed("before"); }));
    const std::size_t answers_before = answers_.size();
    const std::size_t failures_before = failures().size();
    broker_->freeze();
    for (int i = 0; i < 100; ++i)
        ASSERT_TRUE(publisher.publish(to("frozen", std::string(500'000, 'x'))));
    const bool answered = answers_.until_count(answers_before + 100);
    const bool noticed = test::eventually([&] { return !publisher.connected(); });
    broker_->thaw();
    ASSERT_TRUE(answered);
    ASSERT_TRUE(noticed);
    EXPECT_EQ(failures().size(), failures_before + 100);
    EXPECT_THAT(failures(), Each(ErrorCode::unavailable));
    ASSERT_TRUE(test::eventually([&] { return publisher.connected(); }));
    ASSERT_TRUE(test::eventually([&] { return confirmed("after"); }));
}

TEST_F(AmqpPublisherTest, WhatWaitsForABrokerIsBounded) {
    AmqpOptions nobody = brokers();
    nobody.endpoints = {"127.0.0.1:1"};
    std::size_t taken = 0;
    {
        AmqpPublisher publisher(nobody, {.queued_bytes_max = 10'000, .confirm_timeout = 10min});
        while (publisher.publish(to("any", std::string(1000, 'x'))))
            taken += 1;
        EXPECT_GE(taken, 5U);
        EXPECT_LE(taken, 10U);
        EXPECT_TRUE(test::eventually([&] {
            return publisher.error().find("127.0.0.1:1") != std::string::npos;
        })) << publisher.error();
    }
    // Nothing goes without an answer, also at the end.
    ASSERT_EQ(answers_.size(), taken);
    EXPECT_THAT(failures(), Each(ErrorCode::unavailable));
}

TEST_F(AmqpPublisherTest, TheNextEndpointIsTriedWhereOneIsAway) {
    declare({.name = "next"});
    AmqpOptions options = brokers();
    options.endpoints.insert(options.endpoints.begin(), "127.0.0.1:1");
    AmqpPublisher publisher(options, {});
    ASSERT_TRUE(publisher.publish(to("next", "x")));
    ASSERT_TRUE(answers_.until_count(1));
    EXPECT_TRUE(answers_.all()[0]);
}

}  // namespace
}  // namespace bgm
