#include "daemon/store/feedback_table.hpp"

#include <string>
#include <string_view>

#include "daemon/store/insert_statement.hpp"
#include "daemon/store/row_checks.hpp"
#include "daemon/store/sql_text.hpp"
#include "daemon/store/transaction.hpp"
#include "schemas/column_limits.hpp"

namespace bgm {
namespace {

constexpr std::string_view kFeedbackInsert =
    "INSERT INTO feedback (feedback_id, tenant, user_id, post_id, track_id, action, happened_at) VALUES ";

Status check(const v1::Feedback& feedback, const std::string& path) {
    if (Status status = first_failure({
            check_id(feedback.tenant(), path, "tenant"),
            check_text(feedback.user_id(), kIdCharacters, path, "user_id"),
            check_id(feedback.post_id(), path, "post_id"),
            check_id(feedback.track_id(), path, "track_id"),
            check_time(feedback.happened_at(), path, "happened_at"),
        });
        !status) {
        return status;
    }
    if (feedback.action() == v1::Feedback::ACTION_UNSPECIFIED ||
        !v1::Feedback::Action_IsValid(feedback.action())) {
        return refused(path, "action", "not one of PLAYED, SKIPPED, LIKED, REPLACED");
    }
    return ok_status();
}

void append_row(std::string& sql, const v1::Feedback& feedback) {
    std::string columns;
    append_sql_text(columns, feedback.tenant());
    columns.push_back(',');
    append_sql_text(columns, feedback.user_id());
    columns.push_back(',');
    append_sql_text(columns, feedback.post_id());
    columns.push_back(',');
    append_sql_text(columns, feedback.track_id());
    columns.push_back(',');
    append_sql_text(columns, v1::Feedback::Action_Name(feedback.action()));
    columns.push_back(',');
    append_sql_time(columns, feedback.happened_at().seconds(), feedback.happened_at().nanos());
    // The unit separator cannot be confused with a part of an id that was printed by a person.
    sql += "(LEFT(SHA2(CONCAT_WS(CHAR(31),";
    sql += columns;
    sql += "),256),32),";
    sql += columns;
    sql.push_back(')');
}

}  // namespace

Status FeedbackTable::insert(std::span<const v1::Feedback> feedback) {
    for (std::size_t at = 0; at < feedback.size(); ++at) {
        if (Status status = check(feedback[at], "feedback[" + std::to_string(at) + "]"); !status)
            return status;
    }
    if (feedback.empty()) return ok_status();
    return in_transaction(connection_, [&](int) -> Status {
        InsertStatement statement(connection_, kFeedbackInsert,
                                  " ON DUPLICATE KEY UPDATE happened_at = VALUES(happened_at)");
        for (std::size_t at = 0; at < feedback.size(); ++at) {
            append_row(statement.begin_row(), feedback[at]);
            if (Status status = statement.end_row({"feedback", at, {}}); !status) return status;
        }
        return statement.finish();
    });
}

}  // namespace bgm
