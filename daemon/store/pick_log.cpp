#include "daemon/store/pick_log.hpp"

#include <optional>
#include <vector>

#include "daemon/store/pick_table.hpp"
#include "daemon/store/reaction_rows.hpp"
#include "daemon/store/sql_text.hpp"

namespace bgm {
namespace {

constexpr std::size_t kPageRows = 1000;

std::string sql_text(std::string_view text) {
    std::string sql;
    append_sql_text(sql, text);
    return sql;
}

}  // namespace

Status PickLog::picks(const std::string& tenant, std::int64_t since_ms,
                      const std::function<void(v1::Pick&&)>& on_pick) {
    if (Status status = connection_.connect(); !status) return status;
    std::string after_time = sql_time_of(since_ms);
    std::string after_post;
    while (true) {
        std::vector<std::string> posts;
        const Status read = connection_.query(
            "SELECT p.post_id, p.picked_at FROM picks p WHERE p.tenant = " + sql_text(tenant) +
                " AND (p.picked_at > " + after_time + " OR (p.picked_at = " + after_time +
                " AND p.post_id > " + sql_text(after_post) +
                ")) AND EXISTS (SELECT 1 FROM feedback f WHERE f.tenant = p.tenant AND f.post_id = p.post_id "
                "AND "
                "f.learnt < 2) ORDER BY p.picked_at, p.post_id LIMIT " +
                std::to_string(kPageRows),
            [&](MySqlRow row) {
                posts.push_back(row[0].value_or(""));
                after_time = sql_text(row[1].value_or(""));
            });
        if (!read) return read;
        for (const std::string& post : posts) {
            auto pick = PickTable(connection_).find(tenant, post);
            if (!pick) return pick.error();
            if (*pick) on_pick(std::move(**pick));
        }
        if (posts.size() < kPageRows) return ok_status();
        after_post = posts.back();
    }
}

Status PickLog::reactions(const std::string& tenant,
                          const std::function<void(LoggedReaction&&)>& on_reaction) {
    if (Status status = connection_.connect(); !status) return status;
    std::string after_time = sql_time_of(0);
    std::string after_id;
    while (true) {
        std::size_t rows = 0;
        const Status read = connection_.query(
            "SELECT user_id, post_id, track_id, happened_at, action, feedback_id FROM feedback WHERE tenant "
            "= " +
                sql_text(tenant) + " AND learnt < 2 AND (happened_at > " + after_time +
                " OR (happened_at = " + after_time + " AND feedback_id > " + sql_text(after_id) +
                ")) ORDER BY happened_at, feedback_id LIMIT " + std::to_string(kPageRows),
            [&](MySqlRow row) {
                ++rows;
                after_time = sql_text(row[3].value_or(""));
                after_id = row[5].value_or("");
                const auto reaction = reaction_of(row[4].value_or(""));
                if (!reaction) return;
                on_reaction({.user_id = row[0].value_or(""),
                             .post_id = row[1].value_or(""),
                             .track_id = row[2].value_or(""),
                             .at_ms = milliseconds_of(row[3]),
                             .reaction = *reaction});
            });
        if (!read) return read;
        if (rows < kPageRows) return ok_status();
    }
}

}  // namespace bgm
