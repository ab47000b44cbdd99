// Where the brokers are, who asks them, and what a queue looks like: for everything in this room that speaks
// AMQP.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bgm {

struct AmqpOptions {
    // Where: the nodes of one RabbitMQ cluster, "host:port" or "[address]:port", tried in turns.
    std::vector<std::string> endpoints = {};

    // Who.
    std::string vhost = "/";
    std::string user = {};
    std::string password = {};

    // Encryption: with it the broker's certificate must be signed by an authority of the file and hold for
    // the host's name, or there is no connection.
    bool tls = false;
    std::string ca_file = {};

    // A connection on which nothing came for twice as long is given up.
    int heartbeat_s = 5;

    // As `rabbitmqctl list_connections` shows it; empty: none.
    std::string connection_name = {};
};

/// A durable quorum queue.
struct QueueShape {
    std::string name = {};
    /// One consumer at a time is served, the others wait for its end.
    bool single_active = false;
    /// A queue that holds more refuses what is published. 0: no limit.
    std::int64_t bytes_max = 0;
    /// A message that came back more often than this is dead-lettered. 0: never.
    int delivery_limit = 0;
    /// Where rejected messages and those beyond the limit go, at least once: the broker keeps them until that
    /// queue has confirmed them. Empty: they are dropped.
    std::string dead_letter_queue = {};
};

}  // namespace bgm
