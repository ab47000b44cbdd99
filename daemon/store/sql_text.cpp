#include "daemon/store/sql_text.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "schemas/hex.hpp"

namespace bgm {
namespace {

template <typename Number>
void append_decimal(std::string& text, Number number) {
    char digits[32];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
    text.append(digits, end);
}

void append_padded(std::string& text, unsigned number, int width) {
    char digits[16];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
    text.append(static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, width - (end - digits))), '0');
    text.append(digits, end);
}

constexpr std::int64_t kYear1 = -62'135'596'800;        // 0001-01-01 00:00:00
constexpr std::int64_t kYear9999End = 253'402'300'799;  // 9999-12-31 23:59:59

}  // namespace

void append_sql_text(std::string& sql, std::string_view text) {
    sql.push_back('\'');
    // Nearly every text is plain, and three searches of the whole are quicker than one byte by byte.
    const auto has = [text](char byte) { return text.find(byte) != std::string_view::npos; };
    if (!has('\'') && !has('\\') && !has('\0')) {
        sql += text;
        text = {};
    }
    std::size_t done = 0;
    while (done < text.size()) {
        std::size_t special = done;
        while (special < text.size() && text[special] != '\'' && text[special] != '\\' &&
               text[special] != '\0') {
            ++special;
        }
        sql.append(text, done, special - done);
        if (special == text.size()) break;
        sql.push_back('\\');
        sql.push_back(text[special] == '\0' ? '0' : text[special]);
        done = special + 1;
    }
    sql.push_back('\'');
}

void append_sql_bytes(std::string& sql, std::string_view bytes) {
    sql.append("x'").append(hex(bytes)).push_back('\'');
}

std::string sql_bytes_from_hex(const std::optional<std::string>& column) {
    const std::string_view digits = column ? std::string_view(*column) : std::string_view();
    std::string bytes(digits.size() / 2, '\0');
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        unsigned value = 0;
        std::from_chars(digits.data() + 2 * at, digits.data() + 2 * at + 2, value, 16);
        bytes[at] = static_cast<char>(value);
    }
    return bytes;
}

std::string sql_update_clause(std::string_view columns) {
    std::string clause = " ON DUPLICATE KEY UPDATE ";
    std::string_view rest = columns.substr(columns.find(' ') + 1);
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        const std::string column(rest.substr(0, comma));
        clause.append(column).append(" = VALUES(").append(column).append(")");
        if (comma == std::string_view::npos) break;
        clause += ", ";
        rest.remove_prefix(comma + 2);
    }
    return clause;
}

void append_sql_number(std::string& sql, float number) {
    if (std::isfinite(number)) {
        append_decimal(sql, number);
    } else {
        sql += "NULL";
    }
}

void append_sql_number(std::string& sql, std::uint64_t number) {
    append_decimal(sql, number);
}

bool fits_sql_time(std::int64_t seconds, std::int32_t nanoseconds) {
    return seconds >= kYear1 && seconds <= kYear9999End && nanoseconds >= 0 && nanoseconds <= 999'999'999;
}

void append_sql_time(std::string& sql, std::int64_t seconds, std::int32_t nanoseconds) {
    if (!fits_sql_time(seconds, nanoseconds)) {
        sql += "NULL";
        return;
    }
    const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    sql.push_back('\'');
    append_padded(sql, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    sql.push_back('-');
    append_padded(sql, static_cast<unsigned>(date.month()), 2);
    sql.push_back('-');
    append_padded(sql, static_cast<unsigned>(date.day()), 2);
    sql.push_back(' ');
    append_padded(sql, static_cast<unsigned>(clock.hours().count()), 2);
    sql.push_back(':');
    append_padded(sql, static_cast<unsigned>(clock.minutes().count()), 2);
    sql.push_back(':');
    append_padded(sql, static_cast<unsigned>(clock.seconds().count()), 2);
    sql.push_back('.');
    append_padded(sql, static_cast<unsigned>(nanoseconds / 1000), 6);
    sql.push_back('\'');
}

void append_json_text(std::string& json, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    const auto special = [](char byte) {
        return byte == '"' || byte == '\\' || static_cast<unsigned char>(byte) < 0x20;
    };
    json.push_back('"');
    while (!text.empty()) {
        const auto plain =
            static_cast<std::size_t>(std::find_if(text.begin(), text.end(), special) - text.begin());
        json.append(text, 0, plain);
        if (plain == text.size()) break;
        const auto value = static_cast<unsigned char>(text[plain]);
        if (value < 0x20) {
            json += "\\u00";
            json.push_back(hex[value >> 4]);
            json.push_back(hex[value & 15]);
        } else {
            json.push_back('\\');
            json.push_back(text[plain]);
        }
        text.remove_prefix(plain + 1);
    }
    json.push_back('"');
}

void append_json_number(std::string& json, float number) {
    if (std::isfinite(number)) {
        append_decimal(json, number);
    } else {
        json += "null";
    }
}

bool parse_sql_time(std::string_view text, std::int64_t& seconds, std::int32_t& nanoseconds) {
    constexpr std::string_view shape = "dddd-dd-dd dd:dd:dd";
    if (text.size() < shape.size()) return false;
    for (std::size_t at = 0; at < shape.size(); ++at) {
        const bool digit = text[at] >= '0' && text[at] <= '9';
        if (shape[at] == 'd' ? !digit : text[at] != shape[at]) return false;
    }
    const auto number = [&](std::size_t at, std::size_t width) {
        int value = 0;
        std::from_chars(text.data() + at, text.data() + at + width, value);
        return value;
    };
    const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                           std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                           std::chrono::day(static_cast<unsigned>(number(8, 2))));
    if (!date.ok()) return false;
    std::int32_t fraction = 0;
    std::int32_t scale = 100'000'000;
    if (text.size() > shape.size()) {
        if (text[shape.size()] != '.' || text.size() > shape.size() + 10) return false;
        for (const char digit : text.substr(shape.size() + 1)) {
            if (digit < '0' || digit > '9') return false;
            fraction += (digit - '0') * scale;
            scale /= 10;
        }
    }
    seconds = std::chrono::sys_seconds(std::chrono::sys_days(date)).time_since_epoch().count() +
              number(11, 2) * 3600 + number(14, 2) * 60 + number(17, 2);
    nanoseconds = fraction;
    return true;
}

}  // namespace bgm
