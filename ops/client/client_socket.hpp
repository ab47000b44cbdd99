// A ZeroMQ socket that asks (DEALER) or listens (SUB), and knows whether anybody is at the other end.
//
// ZeroMQ itself never says that nobody answers: it queues and retries in silence. open() therefore waits for
// the handshake, with a deadline, so that a mistyped endpoint is an error and not a program that hangs. Later
// losses of the connection are counted; ZeroMQ reconnects by itself, but what was on its way is gone.
//
// Not thread-safe: one thread uses a socket at a time. Moves are allowed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

class ClientSocket {
 public:
    enum class Kind { dealer, subscriber };

    struct Options {
        Kind kind = Kind::dealer;
        std::string endpoint;
        std::string what;                 // "the posts endpoint", for messages
        std::string hint;                 // what to check when nobody answers ("--posts or BGMD_POSTS")
        std::vector<std::string> topics;  // subscriber: prefixes to listen to
        std::chrono::milliseconds deadline{10'000};  // zero: do not wait for the connection
    };

    /// `invalid_argument` for an endpoint that ZeroMQ cannot read, `unavailable` where the deadline passes
    /// first.
    static Result<ClientSocket> open(const Options& options);

    ClientSocket(ClientSocket&&) noexcept;
    ClientSocket& operator=(ClientSocket&&) noexcept;
    ~ClientSocket();

    /// Copies the frames. `resource_exhausted` where the socket's queue is full, and nothing was sent then.
    Status send(std::span<const std::string_view> frames);

    /// The frames of the next message, none where nothing has arrived. Never waits.
    Result<std::vector<std::string>> receive();

    /// How often an established connection was lost so far.
    std::uint64_t connections_lost();

    /// Waits until one of the sockets has a message; false after `wait`, and early when a signal arrives.
    static bool wait_any(std::span<ClientSocket* const> sockets, std::chrono::milliseconds wait);
    bool wait(std::chrono::milliseconds wait);

 private:
    struct State;
    explicit ClientSocket(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace bgm
