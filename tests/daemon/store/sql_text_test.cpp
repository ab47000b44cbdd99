// Whatever bytes a value holds, the server gets the value and nothing else.
#include "daemon/store/sql_text.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "tests/daemon/store/private_mariadb.hpp"
#include "tests/daemon/store/sample_rows.hpp"

namespace bgm {
namespace {

std::string literal(std::string_view text) {
    std::string sql;
    append_sql_text(sql, text);
    return sql;
}

TEST(SqlText, TheServerReadsBackWhatWasWritten) {
    auto database =
        test::PrivateMariaDb::start({.server_options = {"--sql-mode=NO_BACKSLASH_ESCAPES,ANSI_QUOTES"}});
    ASSERT_TRUE(database) << database.error().to_string();
    MySqlConnection connection((*database)->options());
    ASSERT_TRUE(connection.connect());

    std::vector<std::string> values{"", "'", "\\", "\\'", "''", "' OR 1=1; --", test::kAwkward};
    for (int byte = 0; byte < 128; ++byte)
        values.push_back(std::string("a") + static_cast<char>(byte) + "b");
    // Dense mixtures of what could end the literal early.
    std::mt19937 random(7);
    const std::vector<std::string> pieces{"'",  "\\", "\"", std::string(1, '\0'), "\x1a", "%", "🌊",
                                          "한", "n",  "0"};
    for (int round = 0; round < 200; ++round) {
        std::string value;
        for (int piece = 0; piece < 12; ++piece)
            value += pieces[random() % pieces.size()];
        values.push_back(value);
    }
    for (const std::string& value : values) {
        std::string came_back = "nothing";
        const Status status = connection.query("SELECT " + literal(value),
                                               [&](MySqlRow row) { came_back = row[0].value_or("NULL"); });
        ASSERT_TRUE(status) << status.error().to_string();
        EXPECT_EQ(came_back, value);
    }
}

TEST(SqlText, NumbersAreTheShortestThatReadBackTheSame) {
    const auto number = [](float value) {
        std::string sql;
        append_sql_number(sql, value);
        return sql;
    };
    EXPECT_EQ(number(0.7F), "0.7");
    EXPECT_EQ(number(-1), "-1");
    EXPECT_EQ(std::stof(number(1.0F / 3)), 1.0F / 3);
    EXPECT_EQ(std::stof(number(std::numeric_limits<float>::max())), std::numeric_limits<float>::max());
    EXPECT_EQ(number(std::numeric_limits<float>::quiet_NaN()), "NULL");
    EXPECT_EQ(number(-std::numeric_limits<float>::infinity()), "NULL");
}

TEST(SqlText, TimesKeepMicrosecondsFromYear1To9999) {
    const auto time = [](std::int64_t seconds, std::int32_t nanoseconds) {
        std::string sql;
        append_sql_time(sql, seconds, nanoseconds);
        return sql;
    };
    EXPECT_EQ(time(0, 0), "'1970-01-01 00:00:00.000000'");
    EXPECT_EQ(time(1'790'000'000, 1'999), "'2026-09-21 14:13:20.000001'");
    EXPECT_EQ(time(-1, 999'999'999), "'1969-12-31 23:59:59.999999'");
    EXPECT_EQ(time(-62'135'596'800, 0), "'0001-01-01 00:00:00.000000'");
    EXPECT_EQ(time(253'402'300'799, 0), "'9999-12-31 23:59:59.000000'");
    EXPECT_EQ(time(-62'135'596'801, 0), "NULL");
    EXPECT_EQ(time(253'402'300'800, 0), "NULL");
    EXPECT_EQ(time(std::numeric_limits<std::int64_t>::max(), 0), "NULL");
    EXPECT_EQ(time(0, -1), "NULL");

    std::int64_t seconds = 0;
    std::int32_t nanoseconds = 0;
    ASSERT_TRUE(parse_sql_time("2026-09-21 14:13:20.000001", seconds, nanoseconds));
    EXPECT_EQ(seconds, 1'790'000'000);
    EXPECT_EQ(nanoseconds, 1'000);
    ASSERT_TRUE(parse_sql_time("1969-12-31 23:59:59", seconds, nanoseconds));
    EXPECT_EQ(seconds, -1);
    for (const char* wrong : {"", "2026-09-21", "2026-13-21 14:13:20", "2026-09-21T14:13:20",
                              "2026-09-21 14:13:20.x", "2026-09-21 14:13:20.0000000001"}) {
        EXPECT_FALSE(parse_sql_time(wrong, seconds, nanoseconds)) << wrong;
    }
}

TEST(SqlText, JsonStringsEscapeWhatJsonForbids) {
    std::string json;
    append_json_text(json, std::string("a\"\\\n\x1f", 5) + std::string(1, '\0') + "🌊");
    EXPECT_EQ(json, "\"a\\\"\\\\\\u000a\\u001f\\u0000🌊\"");
}

}  // namespace
}  // namespace bgm
