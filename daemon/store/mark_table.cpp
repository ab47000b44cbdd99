#include "daemon/store/mark_table.hpp"

#include <string>

#include "daemon/store/sql_text.hpp"

namespace bgm {
namespace {

constexpr std::uint64_t kForgetEvery = 1'000;
constexpr const char* kForget =
    "DELETE FROM replica_marks WHERE marked_at < NOW(6) - INTERVAL 1 DAY ORDER BY marked_at LIMIT 1000";

}  // namespace

Status MarkTable::write(std::string_view instance, std::uint64_t mark) {
    if (Status status = connection_.connect(); !status) return status;
    std::string sql = "INSERT INTO replica_marks (instance, mark) VALUES (";
    append_sql_bytes(sql, instance);
    sql.push_back(',');
    append_sql_number(sql, mark);
    sql += ") ON DUPLICATE KEY UPDATE mark = VALUES(mark)";
    if (const auto written = connection_.execute(sql); !written) return written.error();
    // Nobody waits for that: where it fails, the next time.
    if (mark % kForgetEvery == 1) (void)connection_.execute(kForget);
    return ok_status();
}

Result<MarkReading> MarkTable::read(std::string_view instance) {
    if (Status status = connection_.connect(); !status) return status.error();
    std::string sql =
        "SELECT @@global.read_only, m.mark FROM (SELECT 1) AS one LEFT JOIN replica_marks m ON m.instance = ";
    append_sql_bytes(sql, instance);
    MarkReading reading;
    const Status read = connection_.query(sql, [&](MySqlRow row) {
        reading.read_only = row[0] == "1";
        if (row[1]) reading.mark = sql_number<std::uint64_t>(row[1]);
    });
    if (!read) return read.error();
    return reading;
}

}  // namespace bgm
