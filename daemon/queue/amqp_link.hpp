// The blocking side of the brokers: what is declared and counted before and beside the flow of messages.
//
// Belongs to one thread at a time. It sends heartbeats only while it is called: a link that rests is lost,
// and says so with its next call; open another one then.
//
// Errors: `invalid_argument` where the configuration or the broker has to be changed before it can work; the
// message says how, `field` is the configuration's key ("queue.prefix", "queue.user", "queue.vhost",
// "queue.host_name", ...). `unavailable` for everything of the network and of brokers that are away.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "daemon/queue/amqp_options.hpp"
#include "schemas/result.hpp"

namespace bgm {

class AmqpConnection;

class AmqpLink {
 public:
    /// Tries each endpoint once, from the one of that number on. Of several errors the one that somebody can
    /// mend is told.
    static Result<std::unique_ptr<AmqpLink>> open(const AmqpOptions& options, std::size_t first = 0);
    ~AmqpLink();
    AmqpLink(const AmqpLink&) = delete;
    AmqpLink& operator=(const AmqpLink&) = delete;

    /// A durable quorum queue of this shape, which may be there already. `invalid_argument` at "queue.prefix"
    /// where a queue of this name is of another type (classic, and so mirrored or lazy) or has other limits.
    Status declare_queue(const QueueShape& shape);
    /// A durable fanout exchange.
    Status declare_fanout(const std::string& exchange);
    /// A transient queue that lives and dies with this link, bound to the exchange. `invalid_argument` at
    /// "queue.host_name" while another connection holds one of this name.
    Status declare_exclusive_queue(const std::string& queue, const std::string& exchange);

    struct Counts {
        std::int64_t ready = 0;  // without those that a consumer holds
        std::int64_t consumers = 0;
    };
    /// `unavailable` where there is no such queue.
    Result<Counts> counts(const std::string& queue);

    const std::string& endpoint() const;
    /// What the broker says of itself, "RabbitMQ 3.10.8".
    std::string broker() const;

 private:
    explicit AmqpLink(std::unique_ptr<AmqpConnection> connection);
    /// Runs `call` on an open channel; the broker closes the channel with each refusal.
    template <typename Call>
    Status on_channel(Call call);

    std::unique_ptr<AmqpConnection> connection_;
    bool channel_open_ = false;
    int refusal_ = 0;  // the reply code of the last refusal
};

}  // namespace bgm
