// Picks and dead letters of a tenant in the order in which they were committed: behind what was read, nothing
// is committed later. Where several hosts write, a page goes no further than what all of them have committed
// (host_table.hpp).
//
// Belongs to the thread of its connection, and connects by itself where that is not connected. Errors are
// those of connection.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/store/connection.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

/// What became of a post: one of the two, with its event_id.
struct StoredEvent {
    std::uint64_t event_id = 0;
    std::optional<v1::Pick> pick = {};
    std::optional<v1::DeadLetter> dead = {};  // without its post
};

struct EventPage {
    std::vector<StoredEvent> events;
    // Id of the tenant's last event, on this page or not; not yet of those that are held back, unless it was
    // asked for what is behind them.
    std::uint64_t newest = 0;
    bool held_back = false;  // there are events that wait for another host's transaction
};

class EventTable {
 public:
    enum class Writers { one, several };

    explicit EventTable(MySqlConnection& connection, Writers writers = Writers::one)
        : connection_(connection), writers_(writers) {}

    /// Of one post only what is current. Events from before there were ids are left out.
    Result<EventPage> page(std::string_view tenant, std::uint64_t after, std::size_t limit);

    /// The largest id that was ever given, as far as its row is still there.
    Result<std::uint64_t> last_id();

 private:
    Result<std::uint64_t> newest(std::string_view tenant);

    MySqlConnection& connection_;
    const Writers writers_;
};

}  // namespace bgm
