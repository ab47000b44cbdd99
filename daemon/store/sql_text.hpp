// Writing SQL literals and JSON as text, straight into a growing statement.
//
// Multi-row INSERTs as text cost this process less than half of what the connector's parameter binding does
// (docs/mysql.md), which is why values are escaped here. That is safe because the connection always speaks
// utf8mb4 (no multi-byte character contains a quote or a backslash) with NO_BACKSLASH_ESCAPES off. Nothing
// else may build SQL from values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bgm {

/// 'text' with quotes. Bytes that are not UTF-8 are for the server to refuse.
void append_sql_text(std::string& sql, std::string_view text);

/// The shortest decimal that reads back as the same float; NULL where it is not finite (the columns refuse
/// that).
void append_sql_number(std::string& sql, float number);
void append_sql_number(std::string& sql, std::uint64_t number);

/// 'YYYY-MM-DD hh:mm:ss.ffffff' in UTC; NULL where it does not fit.
void append_sql_time(std::string& sql, std::int64_t seconds, std::int32_t nanoseconds);

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
