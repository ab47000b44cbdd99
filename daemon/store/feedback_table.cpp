#include "daemon/store/feedback_table.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "daemon/store/insert_statement.hpp"
#include "daemon/store/row_checks.hpp"
#include "daemon/store/sql_text.hpp"
#include "daemon/store/taste_table.hpp"
#include "daemon/store/transaction.hpp"
#include "schemas/validate.hpp"

namespace bgm {
namespace {

constexpr std::string_view kFeedbackInsert =
    "INSERT INTO feedback (feedback_id, tenant, user_id, post_id, track_id, action, happened_at) VALUES ";

std::string columns_of(const v1::Feedback& feedback) {
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
    return columns;
}

// The unit separator cannot be confused with a part of an id that was printed by a person.
std::string id_of(const std::string& columns) {
    return "LEFT(SHA2(CONCAT_WS(CHAR(31)," + columns + "),256),32)";
}

Error invalid(std::string field, std::string message) {
    return Error{
        .code = ErrorCode::invalid_argument, .message = std::move(message), .field = std::move(field)};
}

std::string place(std::size_t at) {
    return "feedback[" + std::to_string(at) + "]";
}

}  // namespace

Result<std::uint64_t> FeedbackTable::insert(std::span<const v1::Feedback> feedback, std::int64_t now_ms) {
    for (std::size_t at = 0; at < feedback.size(); ++at) {
        const std::string path = place(at);
        if (Status status = first_failure(
                {check_id(feedback[at].tenant(), path, "tenant"), validate_feedback(feedback[at], path)});
            !status)
            return status.error();
        if (feedback[at].happened_at().seconds() > (now_ms + kClockAheadMs) / 1000)
            return invalid(path + ".happened_at", "lies in the future");
    }
    if (feedback.empty()) return std::uint64_t{0};
    std::uint64_t stored = 0;
    const Status done = in_transaction(connection_, [&](int) -> Status {
        if (Status picked = check_picked(feedback); !picked) return picked;
        InsertStatement statement(connection_, kFeedbackInsert,
                                  " ON DUPLICATE KEY UPDATE happened_at = VALUES(happened_at)");
        for (std::size_t at = 0; at < feedback.size(); ++at) {
            const std::string columns = columns_of(feedback[at]);
            statement.begin_row() += "(" + id_of(columns) + "," + columns + ")";
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

// What is stored already was judged when it came: a post may have got other picks since, or be erased.
Status FeedbackTable::check_picked(std::span<const v1::Feedback> feedback) {
    constexpr std::size_t kAskedTogether = 100;
    for (std::size_t first = 0; first < feedback.size(); first += kAskedTogether) {
        std::string sql;
        for (std::size_t at = first; at < std::min(first + kAskedTogether, feedback.size()); ++at) {
            const v1::Feedback& one = feedback[at];
            std::string tenant;
            append_sql_text(tenant, one.tenant());
            std::string post;
            append_sql_text(post, one.post_id());
            std::string track;
            append_sql_text(track, one.track_id());
            const std::string of_post = " WHERE tenant = " + tenant + " AND post_id = " + post;
            sql += sql.empty() ? "SELECT " : " UNION ALL SELECT ";
            sql += std::to_string(at) +
                   ", EXISTS (SELECT 1 FROM feedback WHERE feedback_id = " + id_of(columns_of(one)) +
                   "), EXISTS (SELECT 1 FROM picks" + of_post + "), EXISTS (SELECT 1 FROM pick_tracks" +
                   of_post + " AND track_id = " + track + ")";
        }
        Status refused = ok_status();
        const Status asked = connection_.query(sql, [&](MySqlRow row) {
            const auto yes = [&](std::size_t column) { return row[column].value_or("0") != "0"; };
            if (!refused || yes(1) || yes(3)) return;
            const std::string path = place(sql_number<std::size_t>(row[0]));
            refused = yes(2) ? invalid(path + ".track_id", "was not picked for this post")
                             : invalid(path + ".post_id", "is no post of this tenant that has picks");
        });
        if (!asked) return asked;
        if (!refused) return refused;
    }
    return ok_status();
}

}  // namespace bgm
