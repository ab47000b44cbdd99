// One client's connection: its bytes become requests, one after the other, and answers become bytes.
//
//     idle ── a byte ──> head ── whole, and read ──> judged ── read_body() ──> body ── whole ──> answering
//       ^                                              └──────────── answer() ─────────┬────────────┘
//       └──────── kept alive ──────────────────────────────────────────────── writing <┘
//
// Whatever is wrong with a request is answered, and ends the connection: behind a request that was misread
// the next one could begin anywhere. While an answer is made nothing is read, so a client that pipelines
// waits in the kernel's buffers. An idle connection holds no buffer. Belongs to the loop's thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/gateway/exchange.hpp"
#include "daemon/gateway/gateway_metrics.hpp"
#include "daemon/gateway/http_date.hpp"
#include "daemon/gateway/http_limits.hpp"
#include "daemon/gateway/reactor.hpp"

namespace bgm::gateway {

/// What all connections share; outlives them.
struct ConnectionContext {
    Reactor& reactor;
    MemoryBudget& budget;
    GatewayMetrics& metrics;
    HttpLimits limits;
    HttpDate date = {};
    /// A head is there. Must end in read_body() or answer(), now or later.
    std::function<void(const std::shared_ptr<Exchange>&)> begin = {};
    /// A body is there. Must end in answer().
    std::function<void(const std::shared_ptr<Exchange>&)> finish = {};
    /// The connection has closed; it must not be destroyed before the call returns to the loop.
    std::function<void(Connection&)> closed = {};
    bool draining = false;  // answers are the last ones of their connections
    std::array<char, 65536> scratch = {};
};

class Connection {
 public:
    using Clock = std::chrono::steady_clock;

    Connection(ConnectionContext& context, int fd);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start();
    /// Closes what has run out of time.
    void look_at_clock(Clock::time_point now);
    /// Has nothing asked (yet), and since when: the first to go where there are too many.
    bool waits_for_request() const { return state_ == State::idle || state_ == State::head; }
    Clock::time_point since() const { return since_; }
    void close();

 private:
    friend class Exchange;
    enum class State { idle, head, judged, body, answering, writing, streaming, lingering, closed };

    void read_body(std::size_t bytes_max);
    void answer(Response response);
    void begin_stream(Response response);
    bool stream(std::string_view bytes);
    std::size_t unsent() const { return output_.size() - written_; }

    void on_readable();
    void advance();
    bool take_head();
    bool take_body();
    bool keep_body(std::string_view piece);
    std::optional<HeadFault> look_at_unfinished_head();
    void refuse(const HeadFault& fault);
    void refuse(Problem refusal);
    void flush();
    void written();
    void watch();
    void enter(State state);

    ConnectionContext& context_;
    std::unique_ptr<Descriptor> descriptor_;
    State state_ = State::idle;
    bool advancing_ = false;
    bool reading_ = false;
    bool write_waits_ = false;
    bool keep_alive_ = false;
    int status_ = 0;
    std::size_t looked_at_ = 0;  // of input_, for the end of the head
    std::string input_;
    std::string output_;
    std::string_view output_file_;
    std::size_t written_ = 0;  // of both together
    MemoryBudget::Share input_share_;
    MemoryBudget::Share output_share_;
    Clock::time_point since_;  // in this state
    Clock::time_point moved_;  // when a body or an answer last went on
    std::uint64_t moved_bytes_ = 0;
    std::unique_ptr<RequestParser> parser_;
    std::shared_ptr<Exchange> exchange_;
};

}  // namespace bgm::gateway
