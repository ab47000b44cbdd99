// Something at a port of the loopback that greets as a RabbitMQ node does, and then says what a test makes it
// say.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace bgm::test {

/// Bytes in AMQP's order.
std::string octets(std::uint64_t value, int bytes);
std::string frame(std::uint8_t type, std::uint16_t channel, const std::string& payload);
/// `id` as in librabbitmq's names: class and method, 0x0014000B.
std::string method(std::uint16_t channel, std::uint32_t id, const std::string& arguments = "");
std::string delivery(std::uint16_t channel, std::uint64_t tag);
std::string header(std::uint16_t channel, std::uint64_t body_bytes);

class LyingBroker {
 public:
    /// Called for each method that the client sends once it has logged in; what it returns is sent.
    using Script = std::function<std::string(std::uint16_t channel, std::uint32_t id)>;

    explicit LyingBroker(Script script);
    ~LyingBroker();
    LyingBroker(const LyingBroker&) = delete;
    LyingBroker& operator=(const LyingBroker&) = delete;

    std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }
    /// How many have logged in so far.
    int connections() const { return connections_; }

 private:
    void serve(int client) const;

    Script script_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<int> connections_ = 0;
    std::jthread thread_;
};

}  // namespace bgm::test
