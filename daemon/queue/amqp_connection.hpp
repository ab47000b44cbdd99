// One connection to one RabbitMQ node, as the files of this room share it: opened with deadlines, read
// without blocking, its errors as values. Knows nothing of queues.
//
// Belongs to one thread. Once a call has failed the connection is of no use any more: drop it.
//
// Errors: `invalid_argument` with `field` "queue.user" or "queue.vhost" where the broker refuses who asks,
// and "queue.endpoints" or "queue.ca_file" where they cannot be used; everything of the network is
// `unavailable`. No message holds the password.
#pragma once

#include <amqp.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/queue/amqp_options.hpp"
#include "schemas/result.hpp"

namespace bgm {

class AmqpConnection {
 public:
    /// Connects to `options.endpoints[endpoint]`, logs in. What is written and not taken by the peer for
    /// `stall` ends the connection: the library's own calls would wait for ever.
    static Result<std::unique_ptr<AmqpConnection>> open(const AmqpOptions& options, std::size_t endpoint,
                                                        std::chrono::milliseconds stall);
    /// Says goodbye where the connection still works.
    ~AmqpConnection();
    AmqpConnection(const AmqpConnection&) = delete;
    AmqpConnection& operator=(const AmqpConnection&) = delete;

    /// There will be no goodbye: nobody waits for a peer that says nothing.
    void give_up() { usable_ = false; }

    amqp_connection_state_t state() const { return state_; }
    int fd() const { return fd_; }
    const std::string& endpoint() const { return endpoint_; }
    /// The broker takes nothing for now: it has no memory or disk left. Empty: it takes.
    const std::string& blocked() const { return blocked_; }
    /// How long poll() may sleep so that heartbeats are sent in time.
    std::chrono::milliseconds heartbeat_due() const { return heartbeat_due_; }

    /// Every frame that has come, until one is refused: that error, or the connection's. What a frame points
    /// to is good until the next one. Also sends and checks heartbeats: call it at least every
    /// heartbeat_due().
    Status each_frame(const std::function<Status(const amqp_frame_t&)>& take);

    /// A call's outcome as a value.
    Status check(int library_status);
    Status check(const amqp_rpc_reply_t& reply);

 private:
    explicit AmqpConnection(std::string endpoint);
    /// Nothing where there is none yet.
    Result<std::optional<amqp_frame_t>> next_frame();
    Status dial(const AmqpOptions& options, const std::string& host, int port,
                std::chrono::milliseconds stall);
    Status log_in(const AmqpOptions& options);

    std::string endpoint_;
    amqp_connection_state_t state_;
    int fd_ = -1;
    bool usable_ = false;
    std::string blocked_;
    std::chrono::milliseconds heartbeat_due_{1000};
    std::optional<amqp_channel_t> lent_;  // the channel whose frame the caller holds
};

std::string_view text_of(amqp_bytes_t bytes);
amqp_bytes_t bytes_of(std::string_view text);
/// What the broker writes, without what does not print.
std::string printable_reply(std::string_view text);

/// What a channel or a connection was closed with by the broker, for whom it was not meant as an answer.
Error error_of_close(int reply_code, std::string_view reply_text);
/// The connection is not to be trusted any more.
Error broken_protocol(std::string_view what);

}  // namespace bgm
