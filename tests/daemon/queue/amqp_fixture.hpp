// What tests of publishers and consumers share: a broker for all cases of a program, and places where answers
// and messages are gathered, to be waited for.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "daemon/queue/amqp_consumer.hpp"
#include "daemon/queue/amqp_link.hpp"
#include "daemon/queue/amqp_publisher.hpp"
#include "tests/daemon/queue/rabbit_broker.hpp"

namespace bgm::test {

/// Values that other threads add, and a test waits for.
template <typename T>
class Gathered {
 public:
    void add(T value) {
        const std::lock_guard lock(mutex_);
        values_.push_back(std::move(value));
        arrived_.notify_all();
    }
    std::vector<T> all() const {
        const std::lock_guard lock(mutex_);
        return values_;
    }
    std::size_t size() const { return all().size(); }
    /// True as soon as the condition holds for what was gathered; false after a minute.
    bool until(const std::function<bool(const std::vector<T>&)>& condition) const {
        std::unique_lock lock(mutex_);
        return arrived_.wait_for(lock, std::chrono::minutes(1), [&] { return condition(values_); });
    }
    bool until_count(std::size_t count) const {
        return until([count](const auto& values) { return values.size() >= count; });
    }

 private:
    mutable std::mutex mutex_;
    mutable std::condition_variable arrived_;
    std::vector<T> values_;
};

/// Looks again and again; false after a minute.
inline bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

class BrokerTest : public ::testing::Test {
 protected:
    static void SetUpTestSuite() {
        auto started = RabbitBroker::start();
        if (started) {
            broker_ = std::move(*started);
        } else {
            why_ = started.error();
        }
    }
    static void TearDownTestSuite() { broker_.reset(); }
    void SetUp() override {
        if (!broker_ && why_.code == ErrorCode::not_found) GTEST_SKIP() << why_.message;
        ASSERT_TRUE(broker_) << why_.to_string();
    }

    static AmqpOptions brokers() { return broker_->options(); }
    static std::unique_ptr<AmqpLink> link() {
        auto opened = AmqpLink::open(brokers());
        EXPECT_TRUE(opened) << opened.error().to_string();
        return opened ? std::move(*opened) : nullptr;
    }
    static void declare(const QueueShape& shape) {
        const auto at = link();
        const Status declared = at ? at->declare_queue(shape) : Status(Error{});
        ASSERT_TRUE(declared) << declared.error().to_string();
    }
    /// Where RabbitMQ is slow it says "nothing" of a queue whose leader it has not heard in time.
    static Result<AmqpLink::Counts> counts(const std::string& queue) {
        const auto at = link();
        return at ? at->counts(queue) : Result<AmqpLink::Counts>(Error{});
    }
    static std::int64_t ready_in(const std::string& queue) {
        const auto found = counts(queue);
        return found ? found->ready : -1;
    }
    static bool eventually_ready(const std::string& queue, std::int64_t count) {
        return eventually([&] { return ready_in(queue) == count; });
    }
    static bool eventually_unconsumed(const std::string& queue) {
        return eventually([&] {
            const auto found = counts(queue);
            return found && found->consumers == 0;
        });
    }
    /// Publishes them and waits until each is confirmed.
    static void fill(const std::string& queue, const std::vector<std::string>& bodies) {
        Gathered<Status> answers;
        AmqpPublisher publisher(brokers(), {});
        for (const std::string& body : bodies)
            ASSERT_TRUE(publisher.publish(
                {.routing_key = queue, .body = body, .done = [&](const Status& s) { answers.add(s); }}));
        ASSERT_TRUE(answers.until_count(bodies.size()));
        for (const Status& answer : answers.all())
            ASSERT_TRUE(answer) << answer.error().to_string();
    }
    static std::vector<std::string> numbers(int from, int to) {
        std::vector<std::string> bodies;
        for (int number = from; number < to; ++number)
            bodies.push_back(std::to_string(number));
        return bodies;
    }

    static inline std::unique_ptr<RabbitBroker> broker_;
    static inline Error why_;
};

/// A consumer whose hooks gather.
struct Inbox {
    Gathered<AmqpConsumer::Message> messages;
    Gathered<std::string> lost;
    Gathered<std::string> consuming;
    Gathered<std::pair<std::string, Error>> refused;
    Gathered<std::string> stuck;

    AmqpConsumer::Hooks hooks() {
        return {.on_messages =
                    [this](std::vector<AmqpConsumer::Message> some) {
                        for (AmqpConsumer::Message& message : some)
                            messages.add(std::move(message));
                    },
                .on_lost = [this](const std::string& queue) { lost.add(queue); },
                .on_consuming = [this](const std::string& queue) { consuming.add(queue); },
                .on_refused =
                    [this](const std::string& queue, const Error& error) {
                        refused.add({queue, error});
                    },
                .on_stuck = [this](const std::string& queue) { stuck.add(queue); }};
    }
    std::vector<std::string> bodies() const {
        std::vector<std::string> found;
        for (const AmqpConsumer::Message& message : messages.all())
            found.push_back(message.body);
        return found;
    }
    std::vector<AmqpConsumer::Tag> tags() const {
        std::vector<AmqpConsumer::Tag> found;
        for (const AmqpConsumer::Message& message : messages.all())
            found.push_back(message.tag);
        return found;
    }
};

}  // namespace bgm::test
