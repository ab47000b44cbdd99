// One connection to one read-only copy of the database, and whether it may be read from.
//
//     fresh      | all that was committed at the primary until a while ago is there
//     lagging    | that is not known, or too long ago; so is a server that follows another primary
//     down       | it does not answer, or does not let the account in
//     old_schema | a migration that this program needs has not been made there
//     writable   | it is not read-only: whatever it is, it is no copy that can be trusted to be one
//
// Each connection looks for itself, since behind one address there may be several servers. Belongs to one
// thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "daemon/store/connection.hpp"
#include "daemon/store/mark_book.hpp"

namespace bgm {

enum class ReplicaState { fresh, lagging, down, old_schema, writable };
std::string_view name(ReplicaState state);

class Replica {
 public:
    using Clock = MarkBook::Clock;

    Replica(MySqlOptions options, const MarkBook& book, std::chrono::milliseconds lag_max)
        : connection_(std::move(options)), book_(&book), lag_max_(lag_max) {}

    /// Asks the server only where that is needed to know.
    ReplicaState look();
    /// Asks it in any case.
    ReplicaState look_anew();
    MySqlConnection& connection() { return connection_; }
    /// Everything that was committed before this is there.
    std::optional<Clock::time_point> holds() const { return holds_; }
    /// Why it is not fresh.
    const std::string& error() const { return error_; }

 private:
    ReplicaState refused(ReplicaState state, std::string error);

    MySqlConnection connection_;
    const MarkBook* book_;
    std::chrono::milliseconds lag_max_;
    std::optional<Clock::time_point> holds_;
    std::string error_;
};

}  // namespace bgm
