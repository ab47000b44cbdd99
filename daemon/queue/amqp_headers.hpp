// What a RabbitMQ broker writes into the headers of a message: how often it came back, and why it died.
// Headers may come from anybody who publishes: what is not of the expected type counts as absent.
#pragma once

#include <amqp.h>

#include <cstdint>
#include <string>

namespace bgm {

struct DeliveryHeaders {
    std::int64_t deliveries = 0;  // x-delivery-count
    std::string death_reason;     // x-first-death-reason
    std::string death_queue;      // x-first-death-queue
};

DeliveryHeaders read_delivery_headers(const amqp_table_t& headers);

}  // namespace bgm
