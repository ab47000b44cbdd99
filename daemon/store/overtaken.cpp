#include "daemon/store/overtaken.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/store/post_keys.hpp"
#include "daemon/store/sql_text.hpp"

namespace bgm {
namespace {

constexpr std::size_t kMessagesPerStatement = 500;
// Longer than a host can be thought dead and come back with an answer.
constexpr std::string_view kForgottenAfter = "INTERVAL 7 DAY";
constexpr std::string_view kForgottenTogether = "1000";

}  // namespace

Result<Overtaken> find_overtaken(MySqlConnection& connection, std::span<const WritePlan::Row> rows) {
    Overtaken overtaken;
    std::vector<PostKey> picks;
    std::vector<PostKey> dead;
    std::vector<std::string_view> messages;
    for (const WritePlan::Row& row : rows) {
        if (!row.decision->origin) continue;
        (row.decision->pick != nullptr ? picks : dead).push_back(row.decision->key());
        messages.emplace_back(*row.decision->origin->messages().rbegin());
    }
    for (const auto& [table, keys] : {std::pair("dead_posts", &picks), {"picks", &dead}}) {
        const Status looked = for_each_condition(*keys, [&](const std::string& condition) {
            return connection.query("SELECT 1 FROM " + std::string(table) + " FORCE INDEX (PRIMARY) WHERE " +
                                        condition + " FOR UPDATE",
                                    [&](MySqlRow) { overtaken.by_a_row = true; });
        });
        if (!looked) return looked.error();
    }
    for (std::size_t begin = 0; begin < messages.size(); begin += kMessagesPerStatement) {
        std::string sql = "SELECT HEX(message) FROM erased_messages FORCE INDEX (PRIMARY) WHERE message IN (";
        for (std::size_t at = begin; at < std::min(begin + kMessagesPerStatement, messages.size()); ++at) {
            if (at > begin) sql.push_back(',');
            append_sql_bytes(sql, messages[at]);
        }
        const Status looked = connection.query(
            sql + ") FOR UPDATE", [&](MySqlRow row) { overtaken.erased.insert(sql_bytes_from_hex(row[0])); });
        if (!looked) return looked.error();
    }
    return overtaken;
}

Status note_erased(MySqlConnection& connection, std::span<const std::string> messages) {
    if (messages.empty()) return ok_status();
    for (std::size_t begin = 0; begin < messages.size(); begin += kMessagesPerStatement) {
        std::string sql = "INSERT IGNORE INTO erased_messages (message) VALUES ";
        for (std::size_t at = begin; at < std::min(begin + kMessagesPerStatement, messages.size()); ++at) {
            sql += at > begin ? ",(" : "(";
            append_sql_bytes(sql, messages[at]);
            sql.push_back(')');
        }
        if (const auto noted = connection.execute(sql); !noted) return noted.error();
    }
    std::string sql = "DELETE FROM erased_messages WHERE erased_at < NOW(6) - ";
    sql.append(kForgottenAfter).append(" ORDER BY erased_at LIMIT ").append(kForgottenTogether);
    const auto forgotten = connection.execute(sql);
    return forgotten ? ok_status() : Status(forgotten.error());
}

}  // namespace bgm
