#include "daemon/store/host_table.hpp"

#include <algorithm>

#include "daemon/store/sql_text.hpp"
#include "daemon/store/transaction.hpp"
#include "schemas/random_bytes.hpp"

namespace bgm {
namespace {

constexpr std::string_view kHostsMax = "1000";

std::string of_run(std::string_view name, std::string_view instance) {
    std::string sql = " WHERE name = ";
    append_sql_text(sql, name);
    sql += " AND instance = ";
    append_sql_bytes(sql, instance);
    return sql;
}

std::string with_announcement(std::uint64_t above) {
    std::string sql = " AND events_through = ";
    append_sql_number(sql, above);
    return sql;
}

}  // namespace

HostRun HostRun::begin(std::string name) {
    return {.name = std::move(name), .instance = random_bytes(16)};
}

Result<std::int64_t> HostTable::clock_us() {
    if (Status status = connection_.connect(); !status) return status.error();
    std::int64_t now = 0;
    Status status = connection_.query("SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)",
                                      [&](MySqlRow row) { now = sql_number<std::int64_t>(row[0]); });
    if (!status) return status.error();
    return now;
}

Result<std::string> HostTable::setting(std::string_view name, std::string_view value) {
    if (Status status = connection_.connect(); !status) return status.error();
    std::string sql = "INSERT IGNORE INTO cluster_settings (name, value) VALUES ";
    append_sql_row(sql, name, value);
    if (const auto inserted = connection_.execute(sql); !inserted) return inserted.error();
    sql = "SELECT value FROM cluster_settings WHERE name = ";
    append_sql_text(sql, name);
    std::string stored;
    Status status = connection_.query(sql, [&](MySqlRow row) { stored = row[0].value_or(""); });
    if (!status) return status.error();
    return stored;
}

Status HostTable::beat(const HostBeat& beat) {
    if (Status status = connection_.connect(); !status) return status;
    // From the left to the right: the instance is the row's until it is overwritten.
    std::string instance;
    append_sql_bytes(instance, beat.run.instance);
    std::string sql = "UPDATE hosts SET started_at = IF(instance = " + instance +
                      ", started_at, NOW(6)), events_through = IF(instance = " + instance +
                      " AND events_through > ";
    append_sql_number(sql, beat.announced_over);
    sql += ", events_through, 0), instance = " + instance + ", seen_at = NOW(6), gone = 0, draining = ";
    sql += beat.draining ? "1, status = " : "0, status = ";
    append_sql_text(sql, beat.status);
    sql += " WHERE name = ";
    append_sql_text(sql, beat.run.name);
    const auto beaten = connection_.execute(sql);
    if (!beaten) return beaten.error();
    if (*beaten > 0) return ok_status();
    // Only once: each try takes a number.
    sql = "INSERT IGNORE INTO hosts (name, instance, started_at, seen_at, draining, status) VALUES (";
    append_sql_text(sql, beat.run.name);
    sql += ", " + instance + (beat.draining ? ", NOW(6), NOW(6), 1, " : ", NOW(6), NOW(6), 0, ");
    append_sql_text(sql, beat.status);
    return connection_.run(sql + ")");
}

Status HostTable::leave(const HostRun& run) {
    if (Status status = connection_.connect(); !status) return status;
    return connection_.run("UPDATE hosts SET gone = 1" + of_run(run.name, run.instance));
}

Result<std::vector<HostRow>> HostTable::all() {
    if (Status status = connection_.connect(); !status) return status.error();
    std::vector<HostRow> hosts;
    std::string sql =
        "SELECT name, HEX(instance), CAST(UNIX_TIMESTAMP(started_at) * 1000 AS SIGNED), "
        "TIMESTAMPDIFF(MICROSECOND, seen_at, NOW(6)) DIV 1000, draining, gone, events_through, status FROM "
        "hosts "
        "WHERE seen_at > NOW(6) - INTERVAL 1 DAY OR events_through > 0 ORDER BY name LIMIT ";
    sql.append(kHostsMax);
    Status status = connection_.query(sql, [&](MySqlRow row) {
        hosts.push_back({.name = row[0].value_or(""),
                         .instance = sql_bytes_from_hex(row[1]),
                         .started_ms = sql_number<std::int64_t>(row[2]),
                         .unseen_ms = std::max<std::int64_t>(sql_number<std::int64_t>(row[3]), 0),
                         .draining = row[4] == "1",
                         .gone = row[5] == "1",
                         .announced = sql_number<std::uint64_t>(row[6]),
                         .status = row[7].value_or("")});
    });
    if (!status) return status.error();
    return hosts;
}

Result<Announced> HostTable::announce(const HostRun& run, std::uint64_t above) {
    std::string sql = "UPDATE hosts SET events_through = ";
    append_sql_number(sql, above);
    const auto announced = execute_first(connection_, sql + of_run(run.name, run.instance));
    if (!announced) return announced.error();
    if (*announced == 0) return Error{ErrorCode::unavailable, "this host is not yet among the others", ""};
    // Not before: what others commit from now on is not read past this announcement.
    Announced others;
    sql = "SELECT MAX(newest_event), MAX(IF(name = ";
    append_sql_text(sql, run.name);
    Status status = connection_.query(sql + ", number, 0)) FROM hosts", [&](MySqlRow row) {
        others = {.newest = sql_number<std::uint64_t>(row[0]), .number = sql_number<std::uint64_t>(row[1])};
    });
    if (!status) return status.error();
    return others;
}

Status HostTable::settle(const HostRun& run, std::uint64_t above, std::uint64_t newest) {
    std::string sql = "UPDATE hosts SET events_through = 0, newest_event = GREATEST(newest_event, ";
    append_sql_number(sql, newest);
    const auto settled =
        connection_.execute(sql + ")" + of_run(run.name, run.instance) + with_announcement(above));
    if (!settled) return settled.error();
    if (*settled == 0)
        return Error{ErrorCode::unavailable, "the other hosts have taken this one for lost", ""};
    return ok_status();
}

Result<bool> HostTable::withdraw(const HostRow& lost) {
    const std::string row = of_run(lost.name, lost.instance) + with_announcement(lost.announced);
    bool found = false;
    Status done = in_transaction(connection_, [&](int) -> Status {
        found = false;
        Status locked =
            connection_.query("SELECT 1 FROM hosts" + row + " AND seen_at < NOW(6) - INTERVAL " +
                                  std::to_string(kLiveWithin.count()) + " SECOND FOR UPDATE SKIP LOCKED",
                              [&](MySqlRow) { found = true; });
        if (!locked || !found) return locked;
        return connection_.run("UPDATE hosts SET events_through = 0" + row);
    });
    if (!done) return done.error();
    return found;
}

Result<std::optional<std::uint64_t>> HostTable::announced() {
    if (Status status = connection_.connect(); !status) return status.error();
    std::optional<std::uint64_t> least;
    Status status = connection_.query("SELECT MIN(events_through) FROM hosts WHERE events_through > 0",
                                      [&](MySqlRow row) {
                                          if (row[0]) least = sql_number<std::uint64_t>(row[0]);
                                      });
    if (!status) return status.error();
    return least;
}

}  // namespace bgm
