// One multi-row INSERT, sent in pieces that the server takes, that knows which row the server refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/connection.hpp"
#include "daemon/store/row_origin.hpp"

namespace bgm {

class InsertStatement {
 public:
    /// `head` ends in VALUES; `tail` may hold an ON DUPLICATE KEY UPDATE. The connection is borrowed.
    InsertStatement(MySqlConnection& connection, std::string_view head, std::string_view tail = "");

    /// Where the next row's "(...)" is to be appended. Call end_row() after it.
    std::string& begin_row();
    Status end_row(const RowOrigin& origin);

    /// Sends what is left.
    Status finish();
    /// As the server counts, over all that was sent: 1 for a row that is new, 2 for one that was changed.
    std::uint64_t affected() const { return affected_; }

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
    std::uint64_t affected_ = 0;
};

}  // namespace bgm
