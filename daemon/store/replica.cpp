#include "daemon/store/replica.hpp"

#include <algorithm>
#include <array>

#include "daemon/store/mark_table.hpp"
#include "daemon/store/migrations.hpp"

namespace bgm {

std::string_view name(ReplicaState state) {
    static constexpr std::array<std::string_view, 5> kNames{"fresh", "lagging", "down", "old_schema",
                                                            "writable"};
    return kNames.at(static_cast<std::size_t>(state));
}

ReplicaState Replica::refused(ReplicaState state, std::string error) {
    error_ = std::move(error);
    // What is wrong may be right after the next connection; what lags goes on.
    if (state != ReplicaState::lagging) {
        connection_.disconnect();
        holds_.reset();
    }
    return state;
}

ReplicaState Replica::look() {
    if (connection_.connected() && holds_ && Clock::now() < *holds_ + lag_max_) return ReplicaState::fresh;
    return look_anew();
}

ReplicaState Replica::look_anew() {
    if (!connection_.connected()) {
        holds_.reset();
        if (const Status connected = connection_.connect(); !connected)
            return refused(ReplicaState::down, connected.error().message);
        const auto migrations = migration_status(connection_);
        if (!migrations) return refused(ReplicaState::down, migrations.error().message);
        const auto missing = std::ranges::find_if(*migrations, [](const MigrationStatus& each) {
            return !each.applied_at || each.checksum_differs;
        });
        if (missing != migrations->end())
            return refused(ReplicaState::old_schema,
                           "migration " + std::to_string(missing->version) + " is not there");
    }
    const auto reading = MarkTable(connection_).read(book_->instance());
    if (!reading) return refused(ReplicaState::down, reading.error().message);
    if (!reading->read_only) return refused(ReplicaState::writable, "it is not read-only");
    if (const auto begun = reading->mark ? book_->begun_at(*reading->mark) : std::nullopt) holds_ = begun;
    if (!holds_)
        return refused(ReplicaState::lagging, "nothing that was written since the start has arrived");
    if (Clock::now() >= *holds_ + lag_max_) return refused(ReplicaState::lagging, "it is too far behind");
    error_.clear();
    return ReplicaState::fresh;
}

}  // namespace bgm
