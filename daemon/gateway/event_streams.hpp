// Server-sent events: GET /v1/events.
//
// What a stream sends is always read from the store, page by page behind the last id that it sent; an event
// that comes over the socket only says that it is time to look. So nothing can be missed or overtaken,
// whether an event was dropped on its way, bgmd was started anew, or the client comes back with its
// Last-Event-ID. Events of several hosts are told of in order, and may be held back for a moment: then it is
// looked again soon. Streams of one tenant that have caught up share one look; one whose client does not keep
// up goes on by itself, as fast as that takes them. A stream ends with its key. Belongs to the loop's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/gateway/daemon_link.hpp"
#include "daemon/gateway/exchange.hpp"
#include "daemon/gateway/gateway_metrics.hpp"

namespace bgm::gateway {

class EventStreams {
 public:
    using Clock = std::chrono::steady_clock;

    EventStreams(DaemonLink& daemon, KeyCache& keys, GatewayMetrics& metrics, std::size_t streams_max)
        : daemon_(daemon), keys_(keys), metrics_(metrics), streams_max_(streams_max) {}

    /// Answers the request with a stream, or refuses it.
    void open(const std::shared_ptr<Exchange>& exchange);
    void take_event(const DaemonEvent& event);
    void look_at_clock();
    std::size_t streams() const { return streams_; }

 private:
    struct Stream {
        std::shared_ptr<Exchange> exchange;
        std::uint64_t last = 0;  // sent
        bool caught_up = false;  // shares its tenant's looks
        Clock::time_point written;
        Clock::time_point key_checked;
    };
    struct Tenant {
        std::list<std::shared_ptr<Stream>> streams;
        std::uint64_t last = 0;  // of the shared looks
        bool looking = false;
        bool dirty = false;      // something has happened since the look began
        bool held_back = false;  // there are events that are told of soon
        Clock::time_point looked;
    };
    struct Event {
        std::uint64_t id = 0;
        std::string text;  // as it goes over the wire
    };

    void begin(const std::shared_ptr<Exchange>& exchange, std::uint64_t last);
    void catch_up(const std::shared_ptr<Stream>& stream);
    void join(const std::shared_ptr<Stream>& stream, std::uint64_t shared);
    void look(const std::string& tenant);
    /// False where the client has to take what it has first: the rest is read again.
    bool send(Stream& stream, const std::vector<Event>& events);
    void go_on_when_drained(const std::shared_ptr<Stream>& stream);
    struct Page {
        std::vector<Event> events;
        std::uint64_t newest = 0;  // of the tenant's events, but for those that are held back
        bool held_back = false;
    };
    static std::optional<Page> read_page(const DoorAnswer& answer);
    void take_page(const std::string& tenant, const DoorAnswer& answer);
    void check_key(const std::shared_ptr<Stream>& stream);
    void remove_gone();

    DaemonLink& daemon_;
    KeyCache& keys_;
    GatewayMetrics& metrics_;
    const std::size_t streams_max_;
    std::size_t streams_ = 0;
    std::unordered_map<std::string, Tenant> tenants_;
};

}  // namespace bgm::gateway
