// One multi-row INSERT, sent in pieces that the server takes, that knows which row the server refused.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/connection.hpp"

namespace bgm {

/// What a row of the statement is in terms of the caller's batch: "picks[3]" or "picks[3].tracks[1]".
struct RowOrigin {
    std::string_view batch;  // "picks"
    std::size_t index = 0;
    std::optional<std::size_t> track;

    std::string to_string() const;
};

class InsertStatement {
 public:
    /// `head` ends in VALUES; `tail` may hold an ON DUPLICATE KEY UPDATE. The connection is borrowed.
    InsertStatement(MySqlConnection& connection, std::string_view head, std::string_view tail = "");

    /// Where the next row's "(...)" is to be appended. Call end_row() after it.
    std::string& begin_row();
    Status end_row(const RowOrigin& origin);

    /// Sends what is left.
    Status finish();

 private:
    struct Row {
        std::size_t begin;
        RowOrigin origin;
    };

    Status send();
    Error name_refused_row(const Error& error);

    MySqlConnection& connection_;
    std::string_view tail_;
    std::size_t head_bytes_;
    std::size_t bytes_wanted_;
    std::string sql_;
    std::vector<Row> rows_;
};

}  // namespace bgm
