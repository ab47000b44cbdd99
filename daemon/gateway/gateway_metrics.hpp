// Everything that the gateway measures of itself. All names, help texts and labels stand in
// gateway_metrics.cpp and nowhere else.
//
// Labels come from closed sets: names of routes, status codes that the gateway gives, reasons. Nothing that a
// client sent is one. Belongs to the loop's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace bgm::gateway {

class GatewayMetrics {
 public:
    GatewayMetrics();
    ~GatewayMetrics();
    GatewayMetrics(const GatewayMetrics&) = delete;
    GatewayMetrics& operator=(const GatewayMetrics&) = delete;

    /// `route` is a name of the table, or "none". Status 0: the client had gone before its answer.
    void observe_request(std::string_view route, int status, double seconds);
    /// What ended a connection or a request before anybody was asked: head, chunk, body_size, memory,
    /// header_timeout, body_timeout, slow_reader, connections, in_flight.
    void count_refusal(std::string_view reason);
    void count_connection();
    void count_received(std::size_t bytes);
    void count_sent(std::size_t bytes);
    /// known, unknown or failed.
    void count_key(std::string_view outcome);
    void count_event(std::size_t events);

    struct Levels {
        std::size_t connections = 0;
        std::size_t streams = 0;
        std::size_t waits = 0;  // for picks
        std::size_t memory_bytes = 0;
        std::size_t questions = 0;  // posts and questions that bgmd has not answered
        bool daemon_is_there = false;
    };
    std::string text(const Levels& levels);

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bgm::gateway
