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

Status begin_transaction(MySqlConnection& connection) {
    const bool reused = connection.connected();
    if (Status status = connection.connect(); !status) return status;
    Result<std::uint64_t> started = connection.execute("START TRANSACTION");
    if (!started && reused && !connection.connected()) {
        // The server closes a connection that was idle for long (wait_timeout): that is no reason to report
        // an error.
        if (Status status = connection.connect(); !status) return status;
        started = connection.execute("START TRANSACTION");
    }
    return started ? ok_status() : Status(started.error());
}

}  // namespace

Status in_transaction(MySqlConnection& connection, const std::function<Status(int attempt)>& work) {
    for (int attempt = 0;; ++attempt) {
        if (Status status = begin_transaction(connection); !status) return status;
        Error error;
        if (const Status done = work(attempt); !done) {
            error = done.error();
        } else if (const auto committed = connection.execute("COMMIT"); !committed) {
            error = committed.error();
        } else {
            return ok_status();
        }
        const bool conflict = transaction_conflict(connection.last_error_number());
        if (connection.connected() && !connection.execute("ROLLBACK")) {
            // An open transaction would swallow whatever is written next.
            connection.disconnect();
        }
        if (!conflict || attempt + 1 == kAttemptsMax) return error;
        const auto pause_max = kConflictPause * (1 << attempt);
        std::minstd_rand jitter{std::random_device{}()};
        std::uniform_int_distribution<std::int64_t> pause_ms(1, pause_max.count());
        std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms(jitter)));
    }
}

}  // namespace bgm
