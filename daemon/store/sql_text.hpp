// Writing SQL literals and JSON as text, straight into a growing statement.
//
// Multi-row INSERTs as text cost this process less than half of what the connector's parameter binding does
// (docs/mysql.md), which is why values are escaped here. That is safe because the connection always speaks
// utf8mb4 (no multi-byte character contains a quote or a backslash) with NO_BACKSLASH_ESCAPES off. Nothing
// else may build SQL from values.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace bgm {

/// 'text' with quotes. Bytes that are not UTF-8 are for the server to refuse.
void append_sql_text(std::string& sql, std::string_view text);

/// x'6269...': bytes of any kind, for a binary column.
void append_sql_bytes(std::string& sql, std::string_view bytes);

/// " ON DUPLICATE KEY UPDATE b = VALUES(b), ..." for "a, b, ...": all of them but the first, the key.
std::string sql_update_clause(std::string_view columns);

/// The shortest decimal that reads back as the same float; NULL where it is not finite (the columns refuse
/// that).
void append_sql_number(std::string& sql, float number);
void append_sql_number(std::string& sql, std::uint64_t number);

/// 'YYYY-MM-DD hh:mm:ss.ffffff' in UTC; NULL where it does not fit.
void append_sql_time(std::string& sql, std::int64_t seconds, std::int32_t nanoseconds);

/// A text, a float or an unsigned number; or what a function appends that is given the statement.
template <typename Value>
void append_sql_value(std::string& sql, const Value& value) {
    if constexpr (std::is_invocable_v<Value, std::string&>) {
        value(sql);
    } else if constexpr (std::is_unsigned_v<Value>) {
        append_sql_number(sql, std::uint64_t{value});
    } else if constexpr (std::is_same_v<Value, float>) {
        append_sql_number(sql, value);
    } else {
        append_sql_text(sql, value);
    }
}

/// "(first,second,...)"
template <typename First, typename... Values>
void append_sql_row(std::string& sql, const First& first, const Values&... values) {
    sql.push_back('(');
    append_sql_value(sql, first);
    ((sql.push_back(','), append_sql_value(sql, values)), ...);
    sql.push_back(')');
}

/// What a column's text says; 0 where it is NULL.
template <typename Number>
Number sql_number(const std::optional<std::string>& column) {
    Number number{};
    if (column) std::from_chars(column->data(), column->data() + column->size(), number);
    return number;
}

/// What HEX(column) says: a binary value is no text. Empty where it is NULL.
std::string sql_bytes_from_hex(const std::optional<std::string>& column);

/// The years 1 to 9999, which are all that DATETIME can hold.
bool fits_sql_time(std::int64_t seconds, std::int32_t nanoseconds);

/// "text" with quotes and JSON's escapes.
void append_json_text(std::string& json, std::string_view text);

/// null where it is not finite.
void append_json_number(std::string& json, float number);

/// Seconds and nanoseconds since 1970 of 'YYYY-MM-DD hh:mm:ss[.ffffff]' in UTC; false where it is nothing of
/// the kind.
bool parse_sql_time(std::string_view text, std::int64_t& seconds, std::int32_t& nanoseconds);

}  // namespace bgm
