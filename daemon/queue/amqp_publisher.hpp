// Messages to the brokers: a thread and a connection of its own, many messages under way at once, each
// answered once.
//
// A confirmed message is answered when the broker has it: for a quorum queue that is when a majority of its
// nodes has written it. What was not confirmed when a connection is lost is published again, in its order, on
// the next one: the queue may then hold it twice, so its reader must know messages by what is in them.
// Messages reach a queue in the order of publish(), but for repetitions.
//
// Answers: ok; `resource_exhausted` where the queue is full, or the broker takes nothing for want of memory
// or disk; `too_large`; `unavailable` where there is no such queue, and wherever a copy was written of which
// nothing was heard: that one may arrive still.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "daemon/queue/amqp_dialer.hpp"
#include "daemon/queue/amqp_options.hpp"
#include "schemas/mutex.hpp"
#include "schemas/result.hpp"

struct amqp_frame_t_;

namespace bgm {

class AmqpConnection;

class AmqpPublisher {
 public:
    struct Outgoing {
        std::string exchange = {};  // empty: the queue that routing_key names
        std::string routing_key = {};
        std::string body = {};
        bool persistent = true;
        /// False: answered once it is written, wherever it ends.
        bool confirmed = true;
        /// Runs on the publisher's thread, once; may be empty, must not throw.
        std::function<void(const Status&)> done = {};
    };

    struct Options {
        std::size_t queued_bytes_max = 256U << 20;  // of everything that is not answered yet
        std::size_t message_bytes_max = 16U << 20;  // larger ones are refused
        std::size_t window_messages = 4096;         // unconfirmed at once
        std::size_t window_bytes = 16U << 20;
        std::chrono::milliseconds confirm_timeout{10'000};
        /// Nothing confirmed for so long while something waits: another connection, to the next endpoint, is
        /// tried. A channel of RabbitMQ can hang for ever at a queue that has just lost its leader.
        std::chrono::milliseconds stall{5'000};
        /// The same for one queue while others confirm, and for one that has refused everything since the
        /// connection stands: a channel that was opened between the death of a queue's leader and the choice
        /// of another one goes on asking the dead one. Doubles while it is the same queue, up to this.
        std::chrono::milliseconds stall_most{60'000};
        std::chrono::milliseconds retry_least{100};  // between attempts to connect; doubles
        std::chrono::milliseconds retry_most{2'000};
        std::chrono::milliseconds drain{1'000};  // how long the end waits for confirms
        /// Calls what it is given, which calls `done` of all messages that were answered together: who is
        /// told of many need not be woken for each.
        std::function<void(const std::function<void()>&)> together = [](const auto& tell) { tell(); };
    };

    AmqpPublisher(AmqpOptions brokers, Options options);
    /// Waits a moment for what is under way; the rest is answered `unavailable`.
    ~AmqpPublisher();
    AmqpPublisher(const AmqpPublisher&) = delete;
    AmqpPublisher& operator=(const AmqpPublisher&) = delete;

    /// Any thread. False where too much waits already; then `done` will not be called.
    bool publish(Outgoing outgoing);

    /// Any thread: a connection stands, and the broker takes what is published.
    bool connected() const { return dialer_.connected(); }
    /// Any thread: why not; the last error while connected() is false, else empty.
    std::string error() const { return dialer_.error(); }
    /// Any thread: bytes that are not answered yet.
    std::size_t queued_bytes() const { return queued_bytes_.load(std::memory_order_relaxed); }

 private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        Outgoing outgoing;
        Clock::time_point until;
        Clock::time_point sent{};
        std::size_t bytes = 0;
        bool answered = false;
        bool settled = false;  // the broker has confirmed or refused it
        bool returned = false;
        bool may_arrive = false;  // a copy of it was written to a connection that was lost
    };
    struct Answer {
        std::function<void(const Status&)> done;
        Status status = ok_status();
    };

    void run(const std::stop_token& stop);
    void take();
    void connect();
    void send();
    Status write(const Entry& entry);
    void receive();
    /// An error of the broker's making ends the connection.
    Status take_frame(const amqp_frame_t_& frame);
    Status confirm(std::uint64_t tag, bool multiple, bool accepted);
    void refuse_while_blocked();
    void expire();
    Clock::time_point stalled_at() const;
    void give_up_stalled();
    void give_up_for(const std::string& queue);
    void answer(Entry& entry, Status status);
    void tell();
    void wait(const std::stop_token& stop);
    void lose(const Error& error);

    const Options options_;
    AmqpDialer dialer_;
    const int wake_fd_;
    std::atomic<std::size_t> queued_bytes_{0};
    Mutex mutex_;
    std::deque<Entry> arrived_ BGM_GUARDED_BY(mutex_);
    bool asleep_ BGM_GUARDED_BY(mutex_) = false;

    // The thread's.
    std::unique_ptr<AmqpConnection> connection_;
    std::deque<Entry> waiting_;
    std::deque<Entry> unconfirmed_;    // by delivery tag, without gaps
    std::uint64_t first_tag_ = 1;      // of unconfirmed_.front()
    std::size_t window_messages_ = 0;  // of unconfirmed_, what is not answered
    std::size_t window_bytes_ = 0;
    // Queues that have answered since the connection stands, and since when they refuse everything; empty
    // where they have taken something.
    std::map<std::string, std::optional<Clock::time_point>> answered_;
    std::string stalled_queue_;           // for its sake a connection was given up, and it confirms nothing
    std::chrono::milliseconds patience_;  // with one queue
    Clock::time_point heard_;             // the last confirm, or the first message that waits for one
    bool socket_full_ = false;
    Clock::time_point blocked_since_;
    bool returning_ = false;
    std::uint64_t return_bytes_left_ = 0;
    std::vector<Answer> answers_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace bgm
