#include "daemon/store/server_error.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "schemas/utf8.hpp"

namespace bgm {
namespace {

constexpr std::size_t kMessageBytesMax = 512;
constexpr std::size_t kSecretBytesMin = 4;  // a shorter one would mask letters of ordinary words

struct Meaning {
    int number;
    ErrorCode code;
    bool connection_lost;
    std::string_view advice;  // appended to the server's own words
};

// Numbers below 2000 and above 3000 come from the server, 2000 to 2999 from the client library; MariaDB's own
// start at 4000.
constexpr std::array kMeanings{
    // Away, or not for us now.
    Meaning{1040, ErrorCode::unavailable, true, "too many connections"},
    Meaning{1047, ErrorCode::unavailable, true, "this node of the cluster has no majority with it"},
    Meaning{1053, ErrorCode::unavailable, true, ""},
    Meaning{1077, ErrorCode::unavailable, true, ""},
    Meaning{1079, ErrorCode::unavailable, true, ""},
    Meaning{1129, ErrorCode::unavailable, true, "the server blocks this host: FLUSH HOSTS there"},
    Meaning{1152, ErrorCode::unavailable, true, ""},
    Meaning{1158, ErrorCode::unavailable, true, ""},
    Meaning{1159, ErrorCode::unavailable, true, ""},
    Meaning{1160, ErrorCode::unavailable, true, ""},
    Meaning{1161, ErrorCode::unavailable, true, ""},
    Meaning{1184, ErrorCode::unavailable, true, ""},
    Meaning{1203, ErrorCode::unavailable, true, "too many connections of this user"},
    Meaning{1226, ErrorCode::unavailable, true, ""},
    Meaning{1290, ErrorCode::unavailable, true, "the server is read-only"},
    Meaning{1317, ErrorCode::unavailable, false, ""},
    Meaning{1836, ErrorCode::unavailable, true, "the server is read-only"},
    Meaning{1927, ErrorCode::unavailable, true, ""},
    Meaning{2002, ErrorCode::unavailable, true, ""},
    Meaning{2003, ErrorCode::unavailable, true, ""},
    Meaning{2005, ErrorCode::unavailable, true, ""},
    Meaning{2006, ErrorCode::unavailable, true, ""},
    Meaning{2012, ErrorCode::unavailable, true, ""},
    Meaning{2013, ErrorCode::unavailable, true, ""},
    Meaning{2014, ErrorCode::internal, true, ""},
    Meaning{2026, ErrorCode::unavailable, true, ""},
    Meaning{2027, ErrorCode::unavailable, true, ""},
    Meaning{2055, ErrorCode::unavailable, true, ""},
    Meaning{4031, ErrorCode::unavailable, true, ""},
    // The database has not been prepared: nothing is wrong with the rows, so they wait.
    Meaning{1049, ErrorCode::unavailable, true, "create the database, then run `bgmctl db migrate`"},
    Meaning{1054, ErrorCode::unavailable, false,
            "is the schema older than this program? run `bgmctl db migrate`"},
    Meaning{1146, ErrorCode::unavailable, false, "run `bgmctl db migrate`"},
    // The account.
    Meaning{1044, ErrorCode::invalid_argument, true, ""},
    Meaning{1045, ErrorCode::invalid_argument, true, ""},
    Meaning{1130, ErrorCode::invalid_argument, true, ""},
    Meaning{1142, ErrorCode::invalid_argument, false, ""},
    Meaning{1143, ErrorCode::invalid_argument, false, ""},
    Meaning{1227, ErrorCode::invalid_argument, false, ""},
    Meaning{1251, ErrorCode::invalid_argument, true, ""},
    Meaning{1698, ErrorCode::invalid_argument, true, ""},
    Meaning{1862, ErrorCode::invalid_argument, true, ""},
    Meaning{2059, ErrorCode::invalid_argument, true, ""},
    // Somebody else holds the rows, or there is no room.
    Meaning{1205, ErrorCode::resource_exhausted, false, ""},
    Meaning{1213, ErrorCode::resource_exhausted, false, ""},
    Meaning{1020, ErrorCode::resource_exhausted, false, ""},
    Meaning{1062, ErrorCode::resource_exhausted, false, ""},
    Meaning{1021, ErrorCode::resource_exhausted, false, ""},
    Meaning{1026, ErrorCode::resource_exhausted, false, ""},
    Meaning{1030, ErrorCode::resource_exhausted, false, ""},
    Meaning{1037, ErrorCode::resource_exhausted, false, ""},
    Meaning{1041, ErrorCode::resource_exhausted, false, ""},
    Meaning{1114, ErrorCode::resource_exhausted, false, ""},
    // After an oversized packet the server closes the connection.
    Meaning{1153, ErrorCode::too_large, true, "raise max_allowed_packet"},
    Meaning{2020, ErrorCode::too_large, true, "raise max_allowed_packet"},
    // A value that the column refuses.
    Meaning{1048, ErrorCode::invalid_argument, false, ""},
    Meaning{1264, ErrorCode::invalid_argument, false, ""},
    Meaning{1265, ErrorCode::invalid_argument, false, ""},
    Meaning{1292, ErrorCode::invalid_argument, false, ""},
    Meaning{1366, ErrorCode::invalid_argument, false, ""},
    Meaning{1367, ErrorCode::invalid_argument, false, ""},
    Meaning{1406, ErrorCode::invalid_argument, false, ""},
    Meaning{3140, ErrorCode::invalid_argument, false, ""},
    Meaning{3819, ErrorCode::invalid_argument, false, ""},
    Meaning{4025, ErrorCode::invalid_argument, false, ""},
};

const Meaning* find_meaning(int error_number) {
    const auto* found = std::ranges::find(kMeanings, error_number, &Meaning::number);
    return found == kMeanings.end() ? nullptr : found;
}

bool is_account_error(int error_number) {
    constexpr std::array numbers{1044, 1045, 1130, 1142, 1143, 1227, 1251, 1698, 1862, 2059};
    return std::ranges::find(numbers, error_number) != numbers.end();
}

/// The column in "... for column 'title' at row 1", "... column `bgm`.`tracks`.`title` ..." or "CONSTRAINT
/// `picks.moods`".
std::string column_in(std::string_view message) {
    const std::size_t start = std::min(message.find("olumn "), message.find("CONSTRAINT "));
    if (start == std::string_view::npos) return "";
    const std::size_t open = message.find_first_of("'`", start);
    if (open == std::string_view::npos) return "";
    // `database`.`table`.`column`: the names run on as long as a dot joins them.
    std::size_t close = message.find(message[open], open + 1);
    while (close != std::string_view::npos && message.substr(close + 1, 2) == ".`") {
        close = message.find('`', close + 3);
    }
    if (close == std::string_view::npos) return "";
    const std::string_view path = message.substr(open + 1, close - open - 1);
    const std::size_t last = path.find_last_of(".`'");
    return std::string(last == std::string_view::npos ? path : path.substr(last + 1));
}

std::string masked(std::string_view message, std::string_view secret) {
    std::string text(message);
    if (secret.size() >= kSecretBytesMin) {
        for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
            text.replace(at, secret.size(), "***");
            at += 3;
        }
    }
    // The server quotes offending values, which may be cut in the middle of a character.
    if (!valid_utf8(text)) {
        std::ranges::replace_if(
            text, [](char byte) { return static_cast<unsigned char>(byte) > 0x7f; }, '?');
    }
    return std::string(truncate_utf8(text, kMessageBytesMax));
}

}  // namespace

bool connection_lost(int error_number) {
    const Meaning* meaning = find_meaning(error_number);
    return meaning != nullptr && meaning->connection_lost;
}

bool transaction_conflict(int error_number) {
    // 1020: MariaDB's "record has changed since last read"; 1062: another connection inserted the same post.
    return error_number == 1213 || error_number == 1205 || error_number == 1020 || error_number == 1062;
}

Error error_from_server(int error_number, std::string_view message, std::string_view secret) {
    const Meaning* meaning = find_meaning(error_number);
    Error error;
    error.code = meaning != nullptr ? meaning->code : ErrorCode::internal;
    error.message = "MySQL: " + masked(message, secret);
    if (error_number != 0) error.message += " [" + std::to_string(error_number) + "]";
    if (meaning != nullptr && !meaning->advice.empty()) error.message += "; " + std::string(meaning->advice);
    if (is_account_error(error_number)) {
        error.field = "mysql.user";
    } else if (error.code == ErrorCode::invalid_argument) {
        error.field = column_in(message);
    }
    return error;
}

}  // namespace bgm
