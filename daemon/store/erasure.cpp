#include "daemon/store/erasure.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "daemon/store/decision_rules.hpp"
#include "daemon/store/message_notes.hpp"
#include "daemon/store/retry_id.hpp"
#include "daemon/store/sql_text.hpp"
#include "daemon/store/transaction.hpp"

namespace bgm {
namespace {

constexpr std::size_t kErasedTogether = 500;  // posts named in one statement

/// Rows into which nothing went that was sent later: the last id in `messages` begins with its stamp.
std::string sent_before(std::string_view stamp) {
    if (stamp.empty()) return {};
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hex;
    for (const char byte : stamp) {
        hex.push_back(kDigits[static_cast<unsigned char>(byte) >> 4]);
        hex.push_back(kDigits[static_cast<unsigned char>(byte) & 15]);
    }
    return " AND (messages IS NULL OR SUBSTRING(messages, -16, 8) < X'" + hex + "')";
}

Status erase_once(MySqlConnection& connection, const ErasureScope& scope, ErasedRows& erased) {
    std::string tenant;
    append_sql_text(tenant, scope.tenant);
    std::string whose;
    append_sql_text(whose, scope.user_id.empty() ? scope.post_id : scope.user_id);
    // What a dead letter knows of its user stands in its post. Compared byte by byte, like the columns.
    const std::string dead =
        scope.user_id.empty()
            ? "post_id = " + whose
            : "CAST(JSON_UNQUOTE(JSON_EXTRACT(post, '$.user_id')) AS BINARY) = CAST(" + whose + " AS BINARY)";
    // Before anything is looked for: a row that another host writes meanwhile is either found below, or sees
    // this.
    if (Status noted = note_ineffective(connection, scope.messages); !noted) return noted;
    std::vector<std::string> answered;
    const std::string pick = (scope.user_id.empty() ? "post_id = " : "user_id = ") + whose;
    for (const auto& [table, condition] : {std::pair("picks", &pick), {"dead_posts", &dead}}) {
        const bool dead_posts = condition == &dead;
        const Status found =
            connection.query("SELECT post_id, HEX(messages), event_id FROM " + std::string(table) +
                                 " WHERE tenant = " + tenant + " AND " + *condition +
                                 sent_before(scope.sent_before) + " FOR UPDATE",
                             [&](MySqlRow row) {
                                 erased.post_ids.emplace_back(row[0].value_or(""));
                                 const std::string ids = sql_bytes_from_hex(row[1]);
                                 for (const std::string_view id : message_ids_of(ids))
                                     answered.emplace_back(id);
                                 // A retry of it may be on its way.
                                 if (dead_posts)
                                     answered.push_back(retry_id({scope.tenant, erased.post_ids.back()},
                                                                 sql_number<std::uint64_t>(row[2]), ids));
                             });
        if (!found) return found;
    }
    if (Status noted = note_ineffective(connection, answered); !noted) return noted;
    const auto remove = [&](std::string_view table, const std::string& condition,
                            std::uint64_t& count) -> Status {
        const auto deleted = connection.execute("DELETE FROM " + std::string(table) + " WHERE " + condition);
        if (!deleted) return deleted.error();
        count += *deleted;
        return ok_status();
    };
    if (scope.sent_before.empty()) {
        Status done = remove("feedback", "tenant = " + tenant + " AND " + pick, erased.feedback);
        // After his feedback: whoever learns from it locks in the same order, and finds it gone or is waited
        // for.
        if (done && !scope.user_id.empty())
            done = remove("user_taste", "tenant = " + tenant + " AND user_id = " + whose, erased.tastes);
        if (done) done = remove("mood_seeds", "tenant = " + tenant + " AND " + pick, erased.seeds);
        if (!done) return done;
    }
    for (std::size_t first = 0; first < erased.post_ids.size(); first += kErasedTogether) {
        std::string posts;
        for (std::size_t i = first; i < std::min(first + kErasedTogether, erased.post_ids.size()); ++i) {
            posts += posts.empty() ? "" : ", ";
            append_sql_text(posts, erased.post_ids[i]);
        }
        const std::string of_posts = "tenant = " + tenant + " AND post_id IN (" + posts + ")";
        for (const auto& [table, count] : {std::pair("feedback", &erased.feedback),
                                           {"pick_tracks", &erased.pick_tracks},
                                           {"mood_seeds", &erased.seeds},
                                           {"dead_posts", &erased.dead_posts},
                                           {"picks", &erased.picks}}) {
            if (const Status done = remove(table, of_posts, *count); !done) return done;
        }
    }
    return ok_status();
}

}  // namespace

Result<ErasedRows> erase_rows(MySqlConnection& connection, const ErasureScope& scope) {
    ErasedRows erased;
    const Status done = in_transaction(connection, [&](int) {
        erased = {};
        return erase_once(connection, scope, erased);
    });
    if (!done) return done.error();
    return erased;
}

}  // namespace bgm
