// For amqp_queue.hpp's own use.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "daemon/queue/amqp_queue.hpp"

namespace bgm {

// A message on its way from the broker into the working journal.
struct AmqpQueue::Incoming {
    std::string queue;
    HeldPosts::PartPtr part;
    v1::QueueMessage message;
    v1::Post post;
    std::string key;    // of the post, as HeldPosts knows it
    std::string media;  // the folder
    std::string death_reason;
    std::int64_t deliveries = 0;
    std::optional<Error> failure;                                        // its media is lost: a dead letter
    std::optional<std::chrono::steady_clock::time_point> missing_since;  // its media
    bool ready = false;                                                  // its media is on the disk
    bool storing = false;                                                // it is on its way there
    bool looked_up = false;    // MySQL was asked whether it counts, after it came
    bool ineffective = false;  // it does not
    bool lost = false;         // its channel is gone: it comes again

    bool erases() const { return message.kind() == v1::QueueMessage::ERASE; }
    bool retries() const { return message.kind() == v1::QueueMessage::RETRY; }
};

}  // namespace bgm
