// How a thread of this room comes to a connection, and goes without one: the endpoints in turns, with a delay
// that grows, and what others are told of it meanwhile.
//
// Belongs to that thread, but for what says otherwise.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "daemon/queue/amqp_options.hpp"
#include "schemas/mutex.hpp"
#include "schemas/result.hpp"

namespace bgm {

class AmqpConnection;

class AmqpDialer {
 public:
    using Clock = std::chrono::steady_clock;

    AmqpDialer(AmqpOptions brokers, std::chrono::milliseconds retry_least,
               std::chrono::milliseconds retry_most)
        : brokers_(std::move(brokers)), retry_least_(retry_least), retry_most_(retry_most) {}

    /// One attempt, at the next endpoint (see AmqpConnection::open()).
    Result<std::unique_ptr<AmqpConnection>> dial(std::chrono::milliseconds stall);
    /// When the next attempt is due.
    Clock::time_point due() const { return due_; }

    /// A connection stands, and takes what it is given.
    void stands();
    /// The connection is lost, or could not be had.
    void lost(std::string error);
    /// For others to know: there is none to use now, whatever the next attempt.
    void say_not(std::string error);

    /// Any thread.
    bool connected() const { return connected_.load(std::memory_order_relaxed); }
    /// Any thread: why not; empty while connected.
    std::string error() const;

 private:
    void say(bool connected, std::string error);

    const AmqpOptions brokers_;
    const std::chrono::milliseconds retry_least_;
    const std::chrono::milliseconds retry_most_;
    std::size_t endpoint_ = 0;
    Clock::time_point due_;
    std::chrono::milliseconds delay_{0};
    std::atomic<bool> connected_{false};
    mutable Mutex mutex_;
    std::string error_ BGM_GUARDED_BY(mutex_) = "not connected yet";
};

}  // namespace bgm
