#include "daemon/store/transaction.hpp"

#include <chrono>
#include <random>
#include <thread>

#include "daemon/store/server_error.hpp"

namespace bgm {
namespace {

constexpr int kAttemptsMax = 6;
constexpr std::chrono::milliseconds kConflictPause{
    5};  // doubled each time, with jitter: 5, 10, 20, 40, 80 at most

void roll_back(MySqlConnection& connection) {
    if (connection.connected() && !connection.execute("ROLLBACK")) {
        // An open transaction would swallow whatever is written next.
        connection.disconnect();
    }
}

}  // namespace

Result<std::uint64_t> execute_first(MySqlConnection& connection, const std::string& sql) {
    const bool reused = connection.connected();
    if (Status status = connection.connect(); !status) return status.error();
    auto done = connection.execute(sql);
    if (!done && reused && !connection.connected()) {
        // The server closes a connection that was idle for long (wait_timeout): that is no reason to report
        // an error.
        if (Status status = connection.connect(); !status) return status.error();
        done = connection.execute(sql);
    }
    return done;
}

Status in_transaction(MySqlConnection& connection, const std::function<Status(int attempt)>& work) {
    for (int attempt = 0;; ++attempt) {
        if (const auto begun = execute_first(connection, "START TRANSACTION"); !begun) return begun.error();
        Error error;
        if (const Status done = work(attempt); !done) {
            error = done.error();
        } else if (const auto committed = connection.execute("COMMIT"); !committed) {
            error = committed.error();
        } else {
            return ok_status();
        }
        const bool conflict = transaction_conflict(connection.last_error_number());
        roll_back(connection);
        if (!conflict || attempt + 1 == kAttemptsMax) return error;
        const auto pause_max = kConflictPause * (1 << attempt);
        std::minstd_rand jitter{std::random_device{}()};
        std::uniform_int_distribution<std::int64_t> pause_ms(1, pause_max.count());
        std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms(jitter)));
    }
}

Status in_snapshot(MySqlConnection& connection, const std::function<Status()>& work) {
    // Of the next transaction alone.
    if (const auto set = execute_first(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"); !set)
        return set.error();
    Status done = ok_status();
    if (const auto started = connection.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT"); !started) {
        done = started.error();
    } else {
        done = work();
    }
    roll_back(connection);  // nothing was written
    return done;
}

}  // namespace bgm
