// Listens to the daemon's events: picks as they are delivered, and dead letters.
//
// Events are published once and never repeated; whoever must not miss one asks the admin socket as well. Not
// thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "ops/client/client_socket.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

/// Exactly one of the two is set.
struct Event {
    std::optional<v1::Pick> pick;
    std::optional<v1::DeadLetter> dead;

    const std::string& tenant() const { return pick ? pick->tenant() : dead->tenant(); }
    const std::string& post_id() const { return pick ? pick->post_id() : dead->post_id(); }
    std::uint32_t revision() const { return pick ? pick->revision() : dead->revision(); }
};

class EventsClient {
 public:
    /// Listens to one tenant's picks and dead letters. When it returns, the connection stands and the
    /// subscription is on its way before anything that is sent to the daemon afterwards.
    static Result<EventsClient> connect(const std::string& endpoint, const std::string& tenant,
                                        std::chrono::milliseconds deadline);

    /// The next event of the tenant, nothing where none has come after `wait`. Unreadable events are passed
    /// over.
    Result<std::optional<Event>> receive(std::chrono::milliseconds wait);

    std::uint64_t connections_lost() { return socket_.connections_lost(); }
    ClientSocket& socket() { return socket_; }

 private:
    EventsClient(ClientSocket socket, std::string tenant)
        : socket_(std::move(socket)), tenant_(std::move(tenant)) {}
    ClientSocket socket_;
    std::string tenant_;
};

}  // namespace bgm
