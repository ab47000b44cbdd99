// One queue of an AmqpConsumer: its channel, and the message whose frames are coming.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "daemon/queue/amqp_connection.hpp"
#include "daemon/queue/amqp_consumer.hpp"
#include "daemon/queue/unsettled_deliveries.hpp"

namespace bgm {

struct AmqpConsumer::Queue {
    enum class State { asked, opening, consuming, closing };

    std::uint32_t index = 0;
    std::string name;
    std::string exchange;  // of an exclusive queue
    std::uint16_t prefetch = 1;
    bool wanted = false;
    State state = State::asked;
    std::uint64_t epoch = 0;
    amqp_channel_t channel = 0;
    Clock::time_point since;  // of opening and closing
    Clock::time_point retry_at;
    std::chrono::milliseconds retry_delay{0};

    UnsettledDeliveries deliveries;  // of this epoch

    // Something must come, and nothing has come since.
    std::optional<Clock::time_point> expected;
    bool stuck = false;  // nothing has come at the last endpoint either

    // The message whose frames are coming.
    enum class Part { none, header, body } part = Part::none;
    Message message;
    std::uint64_t bytes_left = 0;
    bool unread = false;  // too large: its bytes are passed over

    bool live() const { return state == State::opening || state == State::consuming; }
};

}  // namespace bgm
