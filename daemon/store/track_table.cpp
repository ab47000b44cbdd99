#include "daemon/store/track_table.hpp"

#include <algorithm>

#include "daemon/store/insert_statement.hpp"
#include "daemon/store/sql_text.hpp"
#include "daemon/store/track_rows.hpp"
#include "daemon/store/transaction.hpp"

namespace bgm {
namespace {

constexpr std::size_t kPageRows = 500;
constexpr std::size_t kTracksPerTransaction = 500;

/// '%text%' for LIKE ... ESCAPE '|': the text's own wildcards are ordinary characters.
std::string like_pattern(std::string_view text) {
    std::string pattern = "%";
    for (const char byte : text) {
        if (byte == '%' || byte == '_' || byte == '|') pattern.push_back('|');
        pattern.push_back(byte);
    }
    pattern.push_back('%');
    return pattern;
}

std::string conditions(const TrackQuery& query) {
    std::string sql;
    if (query.active_only) sql += " AND active = 1";
    if (!query.genre.empty()) {
        sql += " AND genre = ";
        append_sql_text(sql, query.genre);
    }
    if (!query.text.empty()) {
        std::string pattern;
        append_sql_text(pattern, like_pattern(query.text));
        sql += " AND (";
        // track_id is compared byte by byte elsewhere; a search does not mind the case.
        for (const std::string_view column :
             {"title", "artist", "album", "track_id COLLATE utf8mb4_unicode_ci"}) {
            if (sql.back() != '(') sql += " OR ";
            sql.append(column).append(" LIKE ").append(pattern).append(" ESCAPE '|'");
        }
        sql.push_back(')');
    }
    return sql;
}

}  // namespace

Result<std::string> TrackTable::version() {
    if (Status status = connection_.connect(); !status) return status.error();
    // The sum sees what the maximum would miss: a transaction that began earlier and committed later. The
    // base keeps it inside 64 bits' worth of digits for any catalogue; the type is DECIMAL on both servers
    // anyway.
    std::string version;
    Status status = connection_.query(
        "SELECT COUNT(*), MAX(updated_at), SUM(TIMESTAMPDIFF(MICROSECOND, '2020-01-01', updated_at)) FROM "
        "tracks "
        "FORCE INDEX (tracks_by_update)",
        [&](MySqlRow row) {
            version = row[0].value_or("0") + "/" + row[1].value_or("-") + "/" + row[2].value_or("0");
        });
    if (!status) return status.error();
    return version;
}

Status TrackTable::for_each(const TrackQuery& query, const std::function<void(Track&&)>& on_track) {
    if (Status status = connection_.connect(); !status) return status.error();
    const std::string where = conditions(query);
    std::uint64_t left = query.limit == 0 ? UINT64_MAX : query.limit;
    std::string after;
    bool first_page = true;
    while (left > 0) {
        const std::uint64_t page = std::min<std::uint64_t>(left, kPageRows);
        std::string sql = "SELECT ";
        sql.append(kTrackColumns).append(" FROM tracks WHERE ");
        if (first_page) {
            sql += "1 = 1";
        } else {
            sql += "track_id > ";
            append_sql_text(sql, after);
        }
        sql.append(where).append(" ORDER BY track_id LIMIT ");
        append_sql_number(sql, page);
        std::uint64_t rows = 0;
        Status status = connection_.query(sql, [&](MySqlRow row) {
            ++rows;
            after = row[0].value_or("");
            on_track(track_from_row(row));
        });
        if (!status) return status;
        if (rows < page) break;
        left -= rows;
        first_page = false;
    }
    return ok_status();
}

Status TrackTable::upsert(std::span<const Track> tracks) {
    for (std::size_t at = 0; at < tracks.size(); ++at) {
        if (Status status = check(tracks[at], "tracks[" + std::to_string(at) + "]"); !status) return status;
    }
    const std::string head = "INSERT INTO tracks (" + std::string(kTrackColumns) + ") VALUES ";
    const std::string tail = sql_update_clause(kTrackColumns);
    for (std::size_t begin = 0; begin < tracks.size(); begin += kTracksPerTransaction) {
        const std::size_t end = std::min(tracks.size(), begin + kTracksPerTransaction);
        Status status = in_transaction(connection_, [&](int) -> Status {
            std::string scratch;
            InsertStatement statement(connection_, head, tail);
            for (std::size_t at = begin; at < end; ++at) {
                append_row(statement.begin_row(), tracks[at], scratch);
                if (Status ended = statement.end_row({"tracks", at, {}}); !ended) return ended;
            }
            return statement.finish();
        });
        if (!status) return status;
    }
    return ok_status();
}

}  // namespace bgm
