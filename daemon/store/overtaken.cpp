#include "daemon/store/overtaken.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "daemon/store/post_keys.hpp"
#include "daemon/store/sql_text.hpp"
#include "schemas/message_id.hpp"
#include "schemas/sha256.hpp"

namespace bgm {
namespace {

constexpr std::size_t kMessagesPerStatement = 500;
// Longer than a host can be thought dead and come back with an answer.
constexpr std::string_view kForgottenAfter = "INTERVAL 7 DAY";
constexpr std::string_view kForgottenTogether = "1000";
// Of rows that are no erasures, and are never committed. In UTC, as all of a session.
constexpr std::string_view kClaimedAt = "2038-01-01";

/// Calls `run` with lists of them for SQL, "X'..',X'..'", each item between the two texts.
Status for_each_list(std::span<const std::string> messages, std::string_view before, std::string_view behind,
                     const std::function<Status(const std::string&)>& run) {
    for (std::size_t begin = 0; begin < messages.size(); begin += kMessagesPerStatement) {
        std::string list;
        for (std::size_t at = begin; at < std::min(begin + kMessagesPerStatement, messages.size()); ++at) {
            if (at > begin) list.push_back(',');
            list.append(before);
            append_sql_bytes(list, messages[at]);
            list.append(behind);
        }
        if (Status done = run(list); !done) return done;
    }
    return ok_status();
}

Status executed(MySqlConnection& connection, const std::string& sql) {
    const auto done = connection.execute(sql);
    return done ? ok_status() : Status(done.error());
}

std::string claim_of(const PostKey& post) {
    std::string text(post.first);
    text.push_back('\0');
    text.append(post.second);
    return sha256(text).substr(0, kMessageIdBytes);
}

// A node of Galera does not wait for what other nodes lock, and what was only read is not compared when two
// of them commit. So whoever answers a post and its newest message claims both, before it looks at what
// others did: rows that come and go within the transaction. An erasure writes that of the message. Of two
// that do so at once, one is ended as a deadlock, and its next attempt sees what the other did.
class Claims {
 public:
    Claims(MySqlConnection& connection, std::span<const WritePlan::Row> rows) : connection_(connection) {
        if (!connection.galera()) return;
        for (const WritePlan::Row& row : rows) {
            if (!row.decision->origin) continue;
            ids_.push_back(claim_of(row.decision->key()));
            ids_.push_back(*row.decision->origin->messages().rbegin());
        }
        // In one order for all of them.
        std::ranges::sort(ids_);
        ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
    }
    Status make() {
        return for_each_list(ids_, "(", ",'" + std::string(kClaimedAt) + "')", [&](const std::string& list) {
            return executed(connection_,
                            "INSERT IGNORE INTO erased_messages (message, erased_at) VALUES " + list);
        });
    }
    Status release() {
        return for_each_list(ids_, "", "", [&](const std::string& list) {
            return executed(connection_, "DELETE FROM erased_messages WHERE message IN (" + list + ")");
        });
    }

 private:
    MySqlConnection& connection_;
    std::vector<std::string> ids_;
};

}  // namespace

Result<Overtaken> find_overtaken(MySqlConnection& connection, std::span<const WritePlan::Row> rows) {
    Overtaken overtaken;
    std::vector<PostKey> picks;
    std::vector<PostKey> dead;
    std::vector<std::string> messages;
    for (const WritePlan::Row& row : rows) {
        if (!row.decision->origin) continue;
        (row.decision->pick != nullptr ? picks : dead).push_back(row.decision->key());
        messages.emplace_back(*row.decision->origin->messages().rbegin());
    }
    Claims claims(connection, rows);
    if (Status made = claims.make(); !made) return made.error();
    for (const auto& [table, keys] : {std::pair("dead_posts", &picks), {"picks", &dead}}) {
        const Status looked = for_each_condition(*keys, [&](const std::string& condition) {
            return connection.query("SELECT 1 FROM " + std::string(table) + " FORCE INDEX (PRIMARY) WHERE " +
                                        condition + " FOR UPDATE",
                                    [&](MySqlRow) { overtaken.by_a_row = true; });
        });
        if (!looked) return looked.error();
    }
    const Status looked = for_each_list(messages, "", "", [&](const std::string& list) {
        return connection.query(
            "SELECT HEX(message) FROM erased_messages FORCE INDEX (PRIMARY) WHERE message IN (" + list +
                ") AND erased_at < '" + std::string(kClaimedAt) + "' FOR UPDATE",
            [&](MySqlRow row) { overtaken.erased.insert(sql_bytes_from_hex(row[0])); });
    });
    if (!looked) return looked.error();
    if (overtaken.any()) return overtaken;
    if (Status released = claims.release(); !released) return released.error();
    return overtaken;
}

Status note_erased(MySqlConnection& connection, std::span<const std::string> messages) {
    if (messages.empty()) return ok_status();
    const Status noted = for_each_list(messages, "(", ")", [&](const std::string& list) {
        return executed(connection, "INSERT IGNORE INTO erased_messages (message) VALUES " + list);
    });
    if (!noted) return noted;
    std::string sql = "DELETE FROM erased_messages WHERE erased_at < NOW(6) - ";
    sql.append(kForgottenAfter).append(" ORDER BY erased_at LIMIT ").append(kForgottenTogether);
    return executed(connection, sql);
}

}  // namespace bgm
