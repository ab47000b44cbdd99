#include "daemon/store/overtaken.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "daemon/store/message_notes.hpp"
#include "daemon/store/post_keys.hpp"
#include "daemon/store/sql_text.hpp"
#include "schemas/message_id.hpp"
#include "schemas/sha256.hpp"

namespace bgm {
namespace {

std::string claim_of(const PostKey& post) {
    std::string text(post.first);
    text.push_back('\0');
    text.append(post.second);
    return sha256(text).substr(0, kMessageIdBytes);
}

// A node of Galera does not wait for what other nodes lock, and what was only read is not compared when two
// of them commit. So whoever answers a post claims it and the messages that no row had seen, before it looks
// at what others did: rows that come and go within the transaction. A note of a message writes the same. Of
// two that do so at once, one is ended as a deadlock, and its next attempt sees what the other did.
class Claims {
 public:
    Claims(MySqlConnection& connection, std::span<const WritePlan::Row> rows) : connection_(connection) {
        if (!connection.galera()) return;
        for (const WritePlan::Row& row : rows) {
            if (!row.decision->origin) continue;
            ids_.push_back(claim_of(row.decision->key()));
            for (const std::string_view id : message_ids_of(row.fresh))
                ids_.emplace_back(id);
        }
        // In one order for all of them.
        std::ranges::sort(ids_);
        ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
    }
    Status make() {
        return for_each_message_list(
            ids_, "(", ",'" + std::string(kClaimedAt) + "')", [&](const std::string& list) {
                return connection_.run("INSERT IGNORE INTO erased_messages (message, erased_at) VALUES " +
                                       list);
            });
    }
    Status release() {
        return for_each_message_list(ids_, "", "", [&](const std::string& list) {
            return connection_.run("DELETE FROM erased_messages WHERE erased_at = '" +
                                   std::string(kClaimedAt) + "' AND message IN (" + list + ")");
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
        for (const std::string_view id : message_ids_of(row.fresh))
            messages.emplace_back(id);
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
    std::unordered_set<std::string> noted;
    const Status looked = for_each_message_list(messages, "", "", [&](const std::string& list) {
        return connection.query(
            "SELECT HEX(message) FROM erased_messages FORCE INDEX (PRIMARY) WHERE message IN (" + list +
                ") AND erased_at < '" + std::string(kClaimedAt) + "' FOR UPDATE",
            [&](MySqlRow row) { noted.insert(sql_bytes_from_hex(row[0])); });
    });
    if (!looked) return looked.error();
    for (const WritePlan::Row& row : rows) {
        if (!row.decision->origin || noted.empty()) continue;
        const auto fresh = message_ids_of(row.fresh);
        if (std::ranges::all_of(fresh, [&](std::string_view id) { return noted.contains(std::string(id)); }))
            overtaken.noted.insert(row.decision);
    }
    if (overtaken.any()) return overtaken;
    if (Status released = claims.release(); !released) return released.error();
    return overtaken;
}

}  // namespace bgm
