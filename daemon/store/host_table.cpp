#include "daemon/store/host_table.hpp"

#include <algorithm>

#include "daemon/store/sql_text.hpp"
#include "daemon/store/transaction.hpp"

namespace bgm {
namespace {

constexpr std::string_view kHostsMax = "1000";

std::string ago(std::chrono::seconds seconds) {
    return "NOW(6) - INTERVAL " + std::to_string(seconds.count()) + " SECOND";
}

std::string of_run(std::string_view name, std::string_view instance) {
    std::string sql = " WHERE name = ";
    append_sql_text(sql, name);
    sql += " AND instance = ";
    append_sql_bytes(sql, instance);
    return sql;
}

}  // namespace

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

Result<std::uint64_t> HostTable::join(const HostBeat& beat) {
    std::uint64_t newest = 0;
    const auto read_newest = [&] {
        return connection_.query("SELECT MAX(events_through) FROM hosts",
                                 [&](MySqlRow row) { newest = sql_number<std::uint64_t>(row[0]); });
    };
    Status joined = in_transaction(connection_, [&](int) -> Status {
        if (Status status = read_newest(); !status) return status;
        std::string sql =
            "INSERT INTO hosts (name, instance, started_at, seen_at, draining, events_through, status) "
            "VALUES (";
        append_sql_text(sql, beat.name);
        sql.push_back(',');
        append_sql_bytes(sql, beat.instance);
        // Late enough that events wait for it, and too late to write any.
        sql += ", NOW(6), " + ago((kBeatsWithin + kAwaitedWithin) / 2) + ", " + (beat.draining ? "1" : "0") +
               ", ";
        append_sql_number(sql, newest);
        sql.push_back(',');
        append_sql_text(sql, beat.status);
        sql +=
            ") ON DUPLICATE KEY UPDATE started_at = IF(instance = VALUES(instance), started_at, "
            "VALUES(started_at)), instance = VALUES(instance), seen_at = VALUES(seen_at), draining = "
            "VALUES(draining), gone = 0, events_through = VALUES(events_through), status = VALUES(status)";
        const auto inserted = connection_.execute(sql);
        return inserted ? ok_status() : Status(inserted.error());
    });
    if (!joined) return joined.error();
    // From now on events wait for this host; until now they may have been read as far as this.
    if (Status status = read_newest(); !status) return status.error();
    return newest;
}

Result<bool> HostTable::beat(const HostBeat& beat) {
    if (Status status = connection_.connect(); !status) return status.error();
    std::string sql = "UPDATE hosts SET seen_at = NOW(6), draining = ";
    sql += beat.draining ? "1, events_through = " : "0, events_through = ";
    append_sql_number(sql, beat.events_through);
    sql += ", status = ";
    append_sql_text(sql, beat.status);
    sql += of_run(beat.name, beat.instance) + " AND gone = 0 AND seen_at > " +
           ago((kBeatsWithin + kAwaitedWithin) / 2 + std::chrono::seconds(1));
    const auto changed = connection_.execute(sql);
    if (!changed) return changed.error();
    return *changed > 0;
}

Status HostTable::leave(std::string_view name, std::string_view instance) {
    if (Status status = connection_.connect(); !status) return status;
    const auto left = connection_.execute("UPDATE hosts SET gone = 1" + of_run(name, instance));
    return left ? ok_status() : Status(left.error());
}

Result<std::vector<HostRow>> HostTable::all() {
    if (Status status = connection_.connect(); !status) return status.error();
    std::vector<HostRow> hosts;
    std::string sql =
        "SELECT name, HEX(instance), CAST(UNIX_TIMESTAMP(started_at) * 1000 AS SIGNED), "
        "TIMESTAMPDIFF(MICROSECOND, seen_at, NOW(6)) DIV 1000, draining, gone, status FROM hosts "
        "WHERE seen_at > NOW(6) - INTERVAL 1 DAY ORDER BY name LIMIT ";
    sql.append(kHostsMax);
    Status status = connection_.query(sql, [&](MySqlRow row) {
        hosts.push_back({.name = row[0].value_or(""),
                         .instance = sql_bytes_from_hex(row[1]),
                         .started_ms = sql_number<std::int64_t>(row[2]),
                         .unseen_ms = std::max<std::int64_t>(sql_number<std::int64_t>(row[3]), 0),
                         .draining = row[4] == "1",
                         .gone = row[5] == "1",
                         .status = row[6].value_or("")});
    });
    if (!status) return status.error();
    return hosts;
}

}  // namespace bgm
