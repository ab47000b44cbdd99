#include "daemon/store/message_notes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "daemon/store/post_keys.hpp"
#include "daemon/store/sql_text.hpp"
#include "schemas/message_id.hpp"

namespace bgm {
namespace {

constexpr std::size_t kMessagesPerStatement = 500;
// Longer than a host can be thought dead and come back with an answer, or a broker with a message.
constexpr std::string_view kForgottenAfter = "INTERVAL 7 DAY";
constexpr std::string_view kForgottenTogether = "1000";

}  // namespace

Status for_each_message_list(std::span<const std::string> messages, std::string_view before,
                             std::string_view behind, const std::function<Status(const std::string&)>& run) {
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

Status note_ineffective(MySqlConnection& connection, std::span<const std::string> messages) {
    if (messages.empty()) return ok_status();
    const Status noted = for_each_message_list(messages, "(", ")", [&](const std::string& list) {
        return connection.run("INSERT IGNORE INTO erased_messages (message) VALUES " + list);
    });
    if (!noted) return noted;
    std::string sql = "DELETE FROM erased_messages WHERE erased_at < NOW(6) - ";
    sql.append(kForgottenAfter).append(" ORDER BY erased_at LIMIT ").append(kForgottenTogether);
    return connection.run(sql);
}

Result<std::set<std::string>> find_ineffective(MySqlConnection& connection,
                                               std::span<const PostMessage> messages) {
    std::set<std::string> found;
    std::vector<std::string> ids;
    std::vector<PostKey> posts;
    for (const PostMessage& message : messages) {
        ids.push_back(message.id);
        posts.emplace_back(message.tenant, message.post_id);
    }
    std::ranges::sort(posts);
    posts.erase(std::unique(posts.begin(), posts.end()), posts.end());
    const Status noted = for_each_message_list(ids, "", "", [&](const std::string& list) {
        return connection.query(
            "SELECT HEX(message) FROM erased_messages FORCE INDEX (PRIMARY) WHERE message IN (" + list +
                ") AND erased_at < '" + std::string(kClaimedAt) + "'",
            [&](MySqlRow row) { found.insert(sql_bytes_from_hex(row[0])); });
    });
    if (!noted) return noted.error();
    const std::set<std::string_view> asked(ids.begin(), ids.end());
    for (const char* table : {"picks", "dead_posts"}) {
        const Status seen = for_each_condition(posts, [&](const std::string& condition) {
            return connection.query("SELECT HEX(messages) FROM " + std::string(table) +
                                        " FORCE INDEX (PRIMARY) WHERE messages IS NOT NULL AND (" +
                                        condition + ")",
                                    [&](MySqlRow row) {
                                        const std::string bytes = sql_bytes_from_hex(row[0]);
                                        for (const std::string_view id : message_ids_of(bytes))
                                            if (asked.contains(id)) found.emplace(id);
                                    });
        });
        if (!seen) return seen.error();
    }
    return found;
}

}  // namespace bgm
