// What the journal is asked for: rows by their state, their post or their tenant, in an order.
#include <algorithm>

#include "daemon/journal/journal_store.hpp"

namespace bgm {
namespace {

using Value = JournalDatabase::Value;
using Row = JournalDatabase::Row;

// The columns that read_row() takes, by position. A macro, since statements are named by their literal.
#define BGM_SELECT_ROW                                                                              \
    "SELECT seq, revision, state, post, pick, dead, media, accepted_ms, priority, tenant, post_id," \
    " event_id"                                                                                     \
    " FROM posts"

JournalRow read_row(const Row& row) {
    return {.seq = row.integer(0),
            .revision = static_cast<std::uint32_t>(row.integer(1)),
            .state = static_cast<PostState>(row.integer(2)),
            .post = row.bytes(3),
            .pick = row.bytes(4),
            .dead = row.bytes(5),
            .media = row.bytes(6),
            .accepted_ms = row.integer(7),
            .priority = static_cast<int>(row.integer(8)),
            .tenant = row.bytes(9),
            .post_id = row.bytes(10),
            .event_id = static_cast<std::uint64_t>(row.integer(11))};
}

Result<std::vector<JournalRow>> read_rows(JournalDatabase& database, const char* sql,
                                          JournalDatabase::Values values) {
    std::vector<JournalRow> found;
    auto read = database.rows(sql, values, [&](const Row& row) { found.push_back(read_row(row)); });
    if (!read) return read.error();
    return found;
}

Result<std::optional<JournalRow>> read_one(JournalDatabase& database, const char* sql,
                                           JournalDatabase::Values values) {
    std::optional<JournalRow> found;
    auto read = database.rows(sql, values, [&](const Row& row) { found = read_row(row); });
    if (!read) return read.error();
    return found;
}

Status append_integers(JournalDatabase& database, const char* sql, JournalDatabase::Values values,
                       std::vector<std::int64_t>& to) {
    return database.rows(sql, values, [&](const Row& row) { to.push_back(row.integer(0)); });
}

}  // namespace

Result<std::vector<std::int64_t>> JournalStore::waiting(std::size_t limit) {
    std::vector<std::int64_t> found;
    auto read =
        append_integers(*database_, "SELECT seq FROM posts WHERE state = 0 ORDER BY priority, seq LIMIT ?",
                        {static_cast<std::int64_t>(limit)}, found);
    if (!read) return read.error();
    return found;
}

Result<std::vector<std::int64_t>> JournalStore::undelivered(std::size_t limit) {
    const auto count = static_cast<std::int64_t>(limit);
    std::vector<std::int64_t> found;
    auto read = append_integers(*database_,
                                "SELECT seq FROM posts WHERE state = 4 AND synced = 0 ORDER BY seq LIMIT ?",
                                {count}, found);
    if (read) {
        read = append_integers(*database_,
                               "SELECT seq FROM posts WHERE state = 2 ORDER BY priority, seq LIMIT ?",
                               {count}, found);
    }
    if (!read) return read.error();
    return found;
}

Result<std::optional<JournalRow>> JournalStore::row(std::int64_t seq) {
    return read_one(*database_, BGM_SELECT_ROW " WHERE seq = ?", {seq});
}

Result<std::optional<JournalRow>> JournalStore::find(std::string_view tenant, std::string_view post_id) {
    return read_one(*database_, BGM_SELECT_ROW " WHERE tenant = ? AND post_id = ?",
                    {Value::text(tenant), Value::text(post_id)});
}

Result<std::vector<JournalRow>> JournalStore::dead(std::string_view tenant, std::int64_t after_seq,
                                                   std::size_t limit) {
    return read_rows(*database_,
                     BGM_SELECT_ROW
                     " WHERE state = 4 AND seq > ? AND (? = '' OR tenant = ?)"
                     " ORDER BY seq LIMIT ?",
                     {after_seq, Value::text(tenant), Value::text(tenant), static_cast<std::int64_t>(limit)});
}

Result<std::vector<JournalRow>> JournalStore::rows_of(std::string_view tenant, std::int64_t after_seq,
                                                      std::size_t limit) {
    return read_rows(*database_, BGM_SELECT_ROW " WHERE seq > ? AND tenant = ? ORDER BY seq LIMIT ?",
                     {after_seq, Value::text(tenant), static_cast<std::int64_t>(limit)});
}

Result<std::vector<JournalRow>> JournalStore::events(std::string_view tenant, std::uint64_t after,
                                                     std::size_t limit) {
    return read_rows(
        *database_,
        BGM_SELECT_ROW " WHERE tenant = ? AND event_id > 0 AND event_id > ? ORDER BY event_id LIMIT ?",
        {Value::text(tenant), static_cast<std::int64_t>(std::min<std::uint64_t>(after, INT64_MAX)),
         static_cast<std::int64_t>(limit)});
}

Result<std::uint64_t> JournalStore::newest_event(std::string_view tenant) {
    const auto newest =
        database_->number("SELECT coalesce(max(event_id), 0) FROM posts WHERE tenant = ? AND event_id > 0",
                          {Value::text(tenant)});
    if (!newest) return newest.error();
    return static_cast<std::uint64_t>(*newest);
}

Result<std::vector<std::string>> JournalStore::media_in_use() {
    std::vector<std::string> names;
    auto read = database_->rows("SELECT media FROM posts WHERE media <> ''", {},
                                [&](const Row& row) { names.push_back(row.bytes(0)); });
    if (!read) return read.error();
    return names;
}

#undef BGM_SELECT_ROW

}  // namespace bgm
