// The bgmd that share a queue and these tables, one row each, and what they must have alike.
//
// A host beats: it says each second that it is there. All times are of the server's clock.
//
// A host also announces each transaction that is to commit events, since ids are given by each host and
// commits come in any order (docs/decisions/0055-pages-of-several-writers.md):
//
//     announced | committed for itself: "whatever this transaction commits has larger ids than this";
//               | whoever reads events reads no further meanwhile
//     settled   | the last statement of the transaction itself: the announcement goes with the commit
//     withdrawn | by its host where the transaction failed, by any other where its host was not seen for
//               | kLiveWithin: then the transaction cannot settle it, and so cannot commit
//
// Belongs to the thread of its connection, and connects by itself where that is not connected. Errors are
// those of connection.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/connection.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Seen within: it has its share of the work, and events wait for its transaction.
inline constexpr std::chrono::seconds kLiveWithin{5};

/// One run of a host's bgmd.
struct HostRun {
    std::string name;
    std::string instance;  // 16 bytes

    static HostRun begin(std::string name);
};

struct HostRow {
    std::string name;
    std::string instance = {};
    std::int64_t started_ms = 0;  // since 1970
    std::int64_t unseen_ms = 0;
    bool draining = false;
    bool gone = false;  // it has said so
    std::uint64_t announced = 0;
    std::string status = {};  // a JSON object

    bool seen() const { return unseen_ms < std::chrono::milliseconds(kLiveWithin).count(); }
    bool live() const { return !gone && seen(); }
};

struct HostBeat {
    HostRun run;
    bool draining = false;
    std::uint64_t announced_over = 0;  // announcements up to it are withdrawn
    std::string status = "{}";
};

struct Announced {
    std::uint64_t newest = 0;               // that any host has committed: the next ids are larger
    std::optional<std::uint64_t> number{};  // of this host, where there may be others
};

class HostTable {
 public:
    explicit HostTable(MySqlConnection& connection) : connection_(connection) {}

    /// The server's clock, in microseconds since 1970.
    Result<std::int64_t> clock_us();
    /// The value that all hosts have: the one that is given where there is none yet.
    Result<std::string> setting(std::string_view name, std::string_view value);

    /// Makes the host's row, too, where it has none. An earlier run's announcement is withdrawn.
    Status beat(const HostBeat& beat);
    /// Others need not wait until it is missed.
    Status leave(const HostRun& run);
    /// By name, those too that are gone or not seen any more, for a day or while an announcement is left.
    Result<std::vector<HostRow>> all();

    /// For the transaction that comes next on this connection: its ids are larger, and larger than what is
    /// returned, and of the host's number (event_ids.hpp). Each time `above` is larger. `unavailable` before
    /// the first beat.
    Result<Announced> announce(const HostRun& run, std::uint64_t above);
    /// Within the transaction, last: `newest` is its largest id. `unavailable` where the announcement was
    /// withdrawn: it must be rolled back.
    Status settle(const HostRun& run, std::uint64_t above, std::uint64_t newest);
    /// True where it is done: where that host is still not seen. Waits for no transaction: one that has
    /// settled commits, or is gone the next time.
    Result<bool> withdraw(const HostRow& lost);
    /// Nothing that is committed from now on has an id up to this; nullopt: nothing is announced.
    Result<std::optional<std::uint64_t>> announced();

 private:
    MySqlConnection& connection_;
};

}  // namespace bgm
