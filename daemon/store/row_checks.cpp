#include "daemon/store/row_checks.hpp"

#include "daemon/store/sql_text.hpp"
#include "schemas/column_limits.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
Error refused(const std::string& path, std::string_view column, std::string message) {
    return Error{ErrorCode::invalid_argument, std::move(message), path + "." + std::string(column)};
}

Status check_text(std::string_view value, std::size_t characters_max, const std::string& path,
                  std::string_view column) {
    if (!valid_utf8(value)) return refused(path, column, "not UTF-8");
    if (value.size() <= characters_max) return ok_status();
    const std::size_t characters = character_count(value);
    if (characters <= characters_max) return ok_status();
    return refused(path, column,
                   std::to_string(characters) + " characters, of which the column holds " +
                       std::to_string(characters_max));
}

Status check_id(std::string_view value, const std::string& path, std::string_view column) {
    if (value.empty()) return refused(path, column, "empty");
    // "a" and "a " are the same key in SQL: one post would overwrite the other.
    if (value.back() == ' ') return refused(path, column, "ends in a space");
    return check_text(value, kIdCharacters, path, column);
}

Status check_time(const google::protobuf::Timestamp& time, const std::string& path, std::string_view column) {
    if (fits_sql_time(time.seconds(), time.nanos())) return ok_status();
    return refused(path, column, "outside the years 1 to 9999");
}

Status first_failure(std::initializer_list<Status> checks) {
    for (const Status& status : checks) {
        if (!status) return status;
    }
    return ok_status();
}

}  // namespace bgm
