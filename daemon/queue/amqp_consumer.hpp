// Messages from the brokers: a thread and a connection of its own, a channel for each queue.
//
// A queue is consumed from consume() to release(); between them the consumer connects, and opens channels,
// again and again by itself. Each time a queue's channel opens a new epoch begins; when it ends, on_lost
// tells, all tags of that epoch are void, and the broker hands what was not settled to whom it will, in its
// order, this consumer included.
//
//   asked (wanted, no channel) --open--> opening --consume-ok--> consuming --release--> closing --> (gone)
//      ^------- closed by the broker, no answer in time, connection lost, with back-off -------'
//
// What comes from the broker is not trusted: a message beyond the limit is dead-lettered unread, and anything
// against the protocol ends the connection.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "daemon/queue/amqp_dialer.hpp"
#include "daemon/queue/amqp_options.hpp"
#include "schemas/mutex.hpp"
#include "schemas/result.hpp"

struct amqp_frame_t_;
struct amqp_method_t_;

namespace bgm {

class AmqpConnection;

class AmqpConsumer {
 public:
    struct Tag {
        std::uint32_t queue = 0;
        std::uint64_t epoch = 0;
        std::uint64_t tag = 0;  // 1, 2, ... within the epoch
        bool operator==(const Tag&) const = default;
    };
    struct Message {
        Tag tag;
        std::string queue = {};
        std::string body = {};
        bool redelivered = false;
        std::int64_t deliveries = 0;    // earlier ones that came back, as a quorum queue counts them
        std::string death_reason = {};  // "rejected", "delivery_limit"; empty where it was not dead-lettered
        std::string death_queue = {};   // where it lay then
        bool too_large = false;         // a dead letter beyond the limit: body is empty
    };
    /// All run on the consumer's thread.
    struct Hooks {
        std::function<void(std::vector<Message>)> on_messages;
        /// The queue's channel is gone: every earlier Tag of it is void.
        std::function<void(const std::string& queue)> on_lost = [](const std::string&) {};
        /// The queue's channel stands; messages come when it is this consumer's turn.
        std::function<void(const std::string& queue)> on_consuming = [](const std::string&) {};
        /// The broker would not open it; it is tried again.
        std::function<void(const std::string& queue, const Error&)> on_refused = [](const std::string&,
                                                                                    const Error&) {};
        /// What surely lies in it does not come (see expect()); another endpoint is tried.
        std::function<void(const std::string& queue)> on_stuck = [](const std::string&) {};
    };
    struct Options {
        std::size_t message_bytes_max = 2U << 20;
        /// How long the broker may take to open or to close a queue's channel: one of RabbitMQ's can hang at
        /// a queue that has no leader. It is left to itself then, and another one is opened.
        std::chrono::milliseconds answer_within{10'000};
        /// How long what surely lies in a queue may take to come; doubles with each endpoint that is tried in
        /// vain, up to the second.
        std::chrono::milliseconds stuck_within{15'000};
        std::chrono::milliseconds stuck_within_most{300'000};
        std::chrono::milliseconds retry_least{100};  // between attempts to connect, to open; doubles
        std::chrono::milliseconds retry_most{2'000};
    };

    AmqpConsumer(AmqpOptions brokers, Options options, Hooks hooks);
    /// What was settled is sent; what was not goes back to the broker. No hook is called any more.
    ~AmqpConsumer();
    AmqpConsumer(const AmqpConsumer&) = delete;
    AmqpConsumer& operator=(const AmqpConsumer&) = delete;

    // Any thread; carried out in the order of the calls.
    /// At most `prefetch` messages (1 to 65535) are here unsettled. Does nothing where it is consumed
    /// already.
    void consume(const std::string& queue, int prefetch);
    /// The same for a transient queue that lives with this consumer's connection, bound to a fanout exchange:
    /// each connection declares it anew.
    void consume_exclusive(const std::string& queue, const std::string& exchange, int prefetch);
    /// Its unsettled messages go back; on_lost follows where a channel stood. What it held before may still
    /// be handed to on_messages until then.
    void release(const std::string& queue);
    /// Something has been confirmed into the queue just now, for this consumer: unless it holds its prefetch,
    /// something must come. A node whose own member of a quorum queue is dead hands out nothing of it, while
    /// it answers and the queue goes on: only the connection to another node helps.
    void expect(const std::string& queue);
    /// They are done with. Void tags are passed over.
    void settle(std::vector<Tag> tags);
    /// It goes to the queue's dead letters.
    void reject(Tag tag);

    /// Any thread.
    bool connected() const { return dialer_.connected(); }
    /// Any thread: why not; empty while connected.
    std::string error() const { return dialer_.error(); }

 private:
    using Clock = std::chrono::steady_clock;
    struct Queue;
    struct Channel {
        Queue* queue = nullptr;
        bool abandoned = false;  // it was closed, and nobody waits for the answer
    };
    struct Consume {
        std::string queue;
        std::string exchange;  // of an exclusive queue
        int prefetch;
    };
    struct Release {
        std::string queue;
    };
    struct Expect {
        std::string queue;
    };
    using Command = std::variant<Consume, Release, Expect, std::vector<Tag>, Tag>;

    void command(Command command);
    void run(const std::stop_token& stop);
    void obey();
    void connect();
    void open_due();
    Status give_up_silent();
    void came(Queue& queue);
    Clock::time_point stuck_at(const Queue& queue) const;
    Status give_up_stuck();
    /// 0: the broker allows no more of them.
    std::uint16_t free_channel();
    Status open(Queue& queue);
    void receive();
    Status take_frame(const amqp_frame_t_& frame);
    Status take_method(Queue& queue, const amqp_method_t_& method);
    Status take_header(Queue& queue, const amqp_frame_t_& frame);
    Status take_body(Queue& queue, const amqp_frame_t_& frame);
    Status finish_message(Queue& queue);
    Status settle_now(const std::vector<Tag>& tags);
    Status reject_now(Queue& queue, std::uint64_t tag);
    Status close(Queue& queue);
    void channel_gone(Queue& queue);
    void hand_over();
    void lose(const Error& error);
    void wait(const std::stop_token& stop);
    Queue& queue_of(const std::string& name);

    const Options options_;
    AmqpDialer dialer_;
    const Hooks hooks_;
    const int wake_fd_;
    Mutex mutex_;
    std::vector<Command> commands_ BGM_GUARDED_BY(mutex_);

    // The thread's.
    std::unique_ptr<AmqpConnection> connection_;
    std::vector<std::unique_ptr<Queue>> queues_;  // by Tag::queue
    std::vector<Channel> channels_;               // by number; the first one is the connection's
    std::vector<Message> ready_;
    std::size_t ready_bytes_ = 0;
    std::chrono::milliseconds stuck_within_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace bgm
