#include "daemon/store/feedback_table.hpp"

#include <string>
#include <string_view>

#include "daemon/store/insert_statement.hpp"
#include "daemon/store/row_checks.hpp"
#include "daemon/store/sql_text.hpp"
#include "daemon/store/transaction.hpp"
#include "schemas/validate.hpp"

namespace bgm {
namespace {

constexpr std::string_view kFeedbackInsert =
    "INSERT INTO feedback (feedback_id, tenant, user_id, post_id, track_id, action, happened_at) VALUES ";

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

Result<std::uint64_t> FeedbackTable::insert(std::span<const v1::Feedback> feedback) {
    for (std::size_t at = 0; at < feedback.size(); ++at) {
        const std::string path = "feedback[" + std::to_string(at) + "]";
        if (Status status = first_failure(
                {check_id(feedback[at].tenant(), path, "tenant"), validate_feedback(feedback[at], path)});
            !status)
            return status.error();
    }
    if (feedback.empty()) return std::uint64_t{0};
    std::uint64_t stored = 0;
    const Status done = in_transaction(connection_, [&](int) -> Status {
        InsertStatement statement(connection_, kFeedbackInsert,
                                  " ON DUPLICATE KEY UPDATE happened_at = VALUES(happened_at)");
        for (std::size_t at = 0; at < feedback.size(); ++at) {
            append_row(statement.begin_row(), feedback[at]);
            if (Status status = statement.end_row({"feedback", at, {}}); !status) return status;
        }
        if (Status status = statement.finish(); !status) return status;
        // A row that is there already and stays as it is counts nothing.
        stored = statement.affected();
        return ok_status();
    });
    if (!done) return done.error();
    return stored;
}

}  // namespace bgm
