#include "daemon/store/dead_table.hpp"

#include <algorithm>
#include <utility>

#include "daemon/store/decision_rules.hpp"
#include "daemon/store/message_notes.hpp"
#include "daemon/store/pick_rows.hpp"
#include "daemon/store/post_keys.hpp"
#include "daemon/store/retry_id.hpp"
#include "daemon/store/sql_text.hpp"
#include "daemon/store/transaction.hpp"
#include "schemas/codec.hpp"

namespace bgm {
namespace {

constexpr std::size_t kOfOneIdMax = 10'000;
constexpr std::uint64_t kPostBytesMax = 4U << 20;  // as JSON

}  // namespace

std::string StoredDead::retry_id() const {
    return bgm::retry_id({letter.tenant(), letter.post_id()}, letter.event_id(), messages);
}

Result<std::vector<v1::DeadLetter>> DeadTable::letters(const std::string& condition, std::size_t limit) {
    if (Status status = connection_.connect(); !status) return status.error();
    std::string sql = "SELECT ";
    sql.append(kDeadPostColumns).append(" FROM dead_posts WHERE ").append(condition);
    sql += " ORDER BY event_id, tenant, post_id LIMIT ";
    append_sql_number(sql, std::uint64_t{limit});
    std::vector<v1::DeadLetter> found;
    const Status status =
        connection_.query(sql, [&](MySqlRow row) { found.push_back(dead_letter_from_row(row)); });
    if (!status) return status.error();
    return found;
}

Result<DeadPage> DeadTable::page(std::string_view tenant, std::optional<std::uint64_t> after,
                                 std::size_t limit) {
    if (limit == 0) return DeadPage{};
    std::string whose = "TRUE";
    if (!tenant.empty()) {
        whose = "tenant = ";
        append_sql_text(whose, tenant);
    }
    const auto at = [&whose](const char* relation, std::uint64_t event_id) {
        std::string condition = whose + " AND event_id " + relation + " ";
        append_sql_number(condition, event_id);
        return condition;
    };
    auto found = letters(after ? at(">", *after) : whose, limit + 1);
    if (!found) return found.error();
    DeadPage page{.letters = std::move(*found)};
    if (page.letters.size() <= limit) return page;
    const std::uint64_t border = page.letters.back().event_id();
    page.letters.pop_back();
    const auto torn = std::ranges::find(page.letters, border, &v1::DeadLetter::event_id);
    if (torn == page.letters.begin()) {
        auto of_one_id = letters(at("=", border), kOfOneIdMax);
        if (!of_one_id) return of_one_id.error();
        page.letters = std::move(*of_one_id);
        page.next = border;
    } else {
        page.letters.erase(torn, page.letters.end());
        page.next = page.letters.back().event_id();
    }
    return page;
}

Result<std::optional<StoredDead>> DeadTable::find(std::string_view tenant, std::string_view post_id) {
    if (Status status = connection_.connect(); !status) return status.error();
    std::string sql = "SELECT ";
    sql.append(kDeadPostColumns).append(", HEX(content_hash), HEX(messages), IF(LENGTH(post) <= ");
    append_sql_number(sql, kPostBytesMax);
    sql.append(", post, NULL) FROM dead_posts WHERE ").append(condition_of({tenant, post_id}));
    std::optional<StoredDead> found;
    const Status status = connection_.query(sql, [&](MySqlRow row) {
        found = StoredDead{.letter = dead_letter_from_row(row),
                           .content_hash = sql_bytes_from_hex(row[9]),
                           .messages = sql_bytes_from_hex(row[10])};
        v1::Post post;
        if (!row[11] || !from_json(*row[11], post)) return;
        // A pick that MySQL refused has none.
        if (!post.post_id().empty()) *found->letter.mutable_post() = std::move(post);
    });
    if (!status) return status.error();
    return found;
}

Result<std::uint64_t> DeadTable::drop(std::span<const v1::DeadLetter> letters) {
    std::vector<PostKey> keys;
    for (const v1::DeadLetter& letter : letters)
        keys.emplace_back(letter.tenant(), letter.post_id());
    std::ranges::sort(keys);
    std::uint64_t dropped = 0;
    const Status done = in_transaction(connection_, [&](int) -> Status {
        dropped = 0;
        std::vector<std::string> messages;
        const Status locked = for_each_condition(keys, [&](const std::string& condition) {
            return connection_.query(
                "SELECT tenant, post_id, event_id, HEX(messages) FROM dead_posts FORCE INDEX (PRIMARY)"
                " WHERE " +
                    condition + " FOR UPDATE",
                [&](MySqlRow row) {
                    ++dropped;
                    const std::string ids = sql_bytes_from_hex(row[3]);
                    for (const std::string_view id : message_ids_of(ids))
                        messages.emplace_back(id);
                    messages.push_back(bgm::retry_id({row[0].value_or(""), row[1].value_or("")},
                                                     sql_number<std::uint64_t>(row[2]), ids));
                });
        });
        if (!locked) return locked;
        if (Status noted = note_ineffective(connection_, messages); !noted) return noted;
        return delete_keys(connection_, "dead_posts", keys);
    });
    if (!done) return done.error();
    return dropped;
}

Status DeadTable::remove_retried(std::span<const StoredDead> retried) {
    return in_transaction(connection_, [&](int) -> Status {
        for (const StoredDead& dead : retried) {
            std::string sql = "DELETE FROM dead_posts WHERE ";
            sql += condition_of({dead.letter.tenant(), dead.letter.post_id()}) + " AND event_id = ";
            append_sql_number(sql, dead.letter.event_id());
            // A message that has been judged by it since may have been the retry.
            sql += " AND messages <=> ";
            if (dead.messages.empty()) {
                sql += "NULL";
            } else {
                append_sql_bytes(sql, dead.messages);
            }
            if (const auto removed = connection_.execute(sql); !removed) return removed.error();
        }
        return ok_status();
    });
}

}  // namespace bgm
