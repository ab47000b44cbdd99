#include "daemon/store/insert_statement.hpp"

#include <algorithm>
#include <utility>

namespace bgm {
namespace {

// Longer statements gain nothing and cost memory on both sides.
constexpr std::size_t kBytesWanted = 1 << 20;

// The server counts the command byte and the protocol's overhead too.
constexpr std::size_t kPacketOverhead = 64;

bool about_a_value(const Error& error) {
    return (error.code == ErrorCode::invalid_argument && error.field != "mysql.user") ||
           error.code == ErrorCode::too_large;
}

}  // namespace

InsertStatement::InsertStatement(MySqlConnection& connection, std::string_view head, std::string_view tail)
    : connection_(connection),
      tail_(tail),
      head_bytes_(head.size()),
      bytes_wanted_(std::min(kBytesWanted, connection.statement_bytes_max() / 4)),
      sql_(head) {}

std::string& InsertStatement::begin_row() {
    rows_.push_back({sql_.size(), {}});
    if (rows_.size() > 1) sql_.push_back(',');
    return sql_;
}

Status InsertStatement::end_row(const RowOrigin& origin) {
    Row& row = rows_.back();
    row.origin = origin;
    const std::size_t bytes_max = connection_.statement_bytes_max() - kPacketOverhead - tail_.size();
    if (sql_.size() <= bytes_wanted_) return ok_status();
    if (sql_.size() <= bytes_max) return send();

    // The row goes alone: what came before it fits, since it was below the wanted size.
    const bool alone = rows_.size() == 1;
    const std::size_t row_bytes = sql_.size() - row.begin;
    if (head_bytes_ + row_bytes > bytes_max) {
        return Error{ErrorCode::too_large,
                     std::to_string(row_bytes) +
                         " bytes do not fit into the server's max_allowed_packet of " +
                         std::to_string(connection_.statement_bytes_max()),
                     origin.to_string()};
    }
    if (alone) return send();
    std::string last = sql_.substr(row.begin + 1);  // without the comma
    sql_.resize(row.begin);
    rows_.pop_back();
    if (Status sent = send(); !sent) return sent;
    rows_.push_back({sql_.size(), origin});
    sql_ += last;
    return send();
}

Status InsertStatement::finish() {
    return rows_.empty() ? ok_status() : send();
}

Status InsertStatement::send() {
    const std::size_t values_end = sql_.size();
    sql_ += tail_;
    Result<std::uint64_t> sent = connection_.execute(sql_);
    sql_.resize(values_end);
    if (!sent) return about_a_value(sent.error()) ? name_refused_row(sent.error()) : sent.error();
    affected_ += *sent;
    sql_.resize(head_bytes_);
    rows_.clear();
    return ok_status();
}

/// The server's "at row 7" is missing from some messages, so the rows are tried one by one; the caller rolls
/// back anyway.
Error InsertStatement::name_refused_row(const Error& error) {
    const std::string_view head = std::string_view(sql_).substr(0, head_bytes_);
    for (std::size_t at = 0; at < rows_.size(); ++at) {
        const std::size_t begin = rows_[at].begin + (at == 0 ? 0 : 1);
        const std::size_t end = at + 1 < rows_.size() ? rows_[at + 1].begin : sql_.size();
        std::string one(head);
        one.append(sql_, begin, end - begin).append(tail_);
        const Result<std::uint64_t> sent = connection_.execute(one);
        if (sent || !about_a_value(sent.error())) continue;
        Error named = sent.error();
        named.field = rows_[at].origin.to_string() + (named.field.empty() ? "" : "." + named.field);
        return named;
    }
    return error;
}

}  // namespace bgm
