// The bgmd that share a queue and these tables, one row each, and what they must have alike.
//
// A host beats: it says each second that it is there. All times are of the server's clock. Beating is also
// where a promise about events has its place, for pages of events; nobody keeps or reads it yet
// (docs/queue.md):
//
//     events_through | what a host has committed up to it is there; whatever it commits later has a larger id
//
// A host that did not beat for kBeatsWithin may have been forgotten, and the others' events may have been
// read past its own. It writes nothing more (PickTable asks), until it has joined again and learnt how far
// they are.
//
// Belongs to the thread of its connection, and connects by itself where that is not connected. Errors are
// those of connection.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/connection.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Seen within: it has its share of the work.
inline constexpr std::chrono::seconds kLiveWithin{5};
/// Seen within: it may write.
inline constexpr std::chrono::seconds kBeatsWithin{8};
/// Seen within, counted from the host that was seen last: events wait for it. Longer, so that what passed the
/// look at kBeatsWithin is committed.
inline constexpr std::chrono::seconds kAwaitedWithin{12};

struct HostRow {
    std::string name;
    std::string instance = {};    // 16 bytes, of one run
    std::int64_t started_ms = 0;  // since 1970
    std::int64_t unseen_ms = 0;
    bool draining = false;
    bool gone = false;        // it has said so
    std::string status = {};  // a JSON object

    bool live() const { return !gone && unseen_ms < std::chrono::milliseconds(kLiveWithin).count(); }
};

struct HostBeat {
    std::string name;
    std::string instance;
    bool draining = false;
    std::uint64_t events_through = 0;
    std::string status = "{}";
};

class HostTable {
 public:
    explicit HostTable(MySqlConnection& connection) : connection_(connection) {}

    /// The server's clock, in microseconds since 1970.
    Result<std::int64_t> clock_us();
    /// The value that all hosts have: the one that is given where there is none yet.
    Result<std::string> setting(std::string_view name, std::string_view value);

    /// Makes the host's row, not yet one of a host that is there; then all its events must have larger ids
    /// than what this returns, and beat() says that it is there.
    Result<std::uint64_t> join(const HostBeat& beat);
    /// False where it must join first: it has not, it was not seen for too long, or another one has its name.
    Result<bool> beat(const HostBeat& beat);
    /// Others need not wait until it is missed.
    Status leave(std::string_view name, std::string_view instance);
    /// By name, those too that are gone or not seen any more, for a day.
    Result<std::vector<HostRow>> all();

 private:
    MySqlConnection& connection_;
};

}  // namespace bgm
