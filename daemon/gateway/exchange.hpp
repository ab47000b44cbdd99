// One request and its answer. Handlers hold it for as long as they need: where the client has gone meanwhile,
// what they say is dropped.
//
// Belongs to the loop's thread, as everything that is not said to be free of it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/gateway/key_cache.hpp"
#include "daemon/gateway/memory_budget.hpp"
#include "daemon/gateway/request_parser.hpp"
#include "daemon/gateway/request_target.hpp"
#include "daemon/gateway/response.hpp"

namespace bgm::gateway {

class Connection;
struct Route;

/// A body that has been paid for. Shared with the frames that are made of it.
struct Body {
    explicit Body(MemoryBudget& budget) : share(budget) {}
    std::string bytes;
    MemoryBudget::Share share;
};

class Exchange {
 public:
    Exchange(Connection& connection, RequestHead request, RequestTarget where)
        : head(std::move(request)), target(std::move(where)), connection_(&connection) {}
    ~Exchange() { end(0); }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    const RequestHead head;
    const RequestTarget target;
    // Filled as they are found out.
    const Route* route = nullptr;
    std::vector<std::string> arguments;  // of the path, in the order of the route's pattern
    std::shared_ptr<const KeyInfo> key;
    std::shared_ptr<Body> body;

    /// Has the body read, of at most so many bytes; the server's `finish` is called when it is there.
    void read_body(std::size_t bytes_max);
    /// Once.
    void answer(Response response);

    /// Instead of answer(): a head, and then whatever send() is given, until the client goes.
    void begin_stream(Response head);
    /// False where the client has gone, or the gateway's memory is full.
    bool send(std::string_view bytes);
    /// Bytes of send() that the client has not taken yet. Whoever has much to send waits for it to be little.
    std::size_t unsent() const;
    /// Called once, when the client has taken all of them.
    std::function<void()> on_drained;

    /// Ends a stream.
    void hang_up();

    bool gone() const { return connection_ == nullptr; }

    /// Called once, with the status: when the answer has been handed over, or with 0 when nobody wants it any
    /// more.
    std::function<void(int status)> on_end;

 private:
    friend class Connection;
    void end(int status);
    void drained();
    Connection* connection_;
};

}  // namespace bgm::gateway
