// A database with the tables in it, for tests of what the store writes there.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "daemon/store/migrations.hpp"
#include "daemon/store/pick_table.hpp"
#include "tests/daemon/store/private_mariadb.hpp"
#include "tests/daemon/store/sample_rows.hpp"

namespace bgm::test {

class MigratedDatabase : public ::testing::Test {
 protected:
    static void SetUpTestSuite() {
        // Defaults that would lose characters and cut values, if the connection relied on them.
        auto started =
            PrivateMariaDb::start({.server_options = {"--character-set-server=latin1",
                                                      "--sql-mode=", "--default-time-zone=+09:00"}});
        ASSERT_TRUE(started) << started.error().to_string();
        database_ = std::move(*started);
        const auto migrated = migrate(database_->options());
        ASSERT_TRUE(migrated) << migrated.error().to_string();
    }
    static void TearDownTestSuite() { database_.reset(); }

    Status write(std::vector<v1::Pick> picks, std::vector<v1::DeadLetter> dead = {}) {
        const auto written = picks_.write(test::pointers_to(picks), test::pointers_to(dead));
        return written ? ok_status() : Status(written.error());
    }

    std::vector<std::string> first_row(const std::string& sql) {
        std::vector<std::string> values;
        const Status status = probe_.query(sql, [&](MySqlRow row) {
            for (const auto& value : row)
                values.push_back(value.value_or("NULL"));
        });
        EXPECT_TRUE(status) << status.error().to_string();
        return values;
    }
    int number(const std::string& sql) { return std::stoi(first_row(sql).at(0)); }
    int count(const std::string& table, const std::string& tenant) {
        return number("SELECT COUNT(*) FROM " + table + " WHERE tenant = '" + tenant + "'");
    }
    /// Every row of the tenant, as one text to compare.
    std::string rows_of(const std::string& tenant) {
        std::string rows;
        for (const char* table : {"picks", "pick_tracks", "dead_posts"}) {
            for (const std::string& value : first_row("SELECT * FROM " + std::string(table) +
                                                      " WHERE tenant = '" + tenant + "' ORDER BY 1, 2, 3")) {
                rows += value + "|";
            }
        }
        return rows;
    }
    void execute(const std::string& sql) {
        const auto done = probe_.execute(sql);
        ASSERT_TRUE(done) << done.error().to_string();
    }
    void execute_as_root(const std::string& sql) {
        MySqlConnection root(database_->root_options());
        ASSERT_TRUE(root.connect());
        const auto done = root.execute(sql);
        ASSERT_TRUE(done) << done.error().to_string();
    }
    void SetUp() override { ASSERT_TRUE(probe_.connect()); }

    static inline std::unique_ptr<PrivateMariaDb> database_;
    MySqlConnection probe_{database_->options()};
    MySqlConnection connection_{database_->options()};
    PickTable picks_{connection_};
};

}  // namespace bgm::test
