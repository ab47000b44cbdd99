// The tables are made once, in order, by one program at a time, and never from a text that has changed since.
#include "daemon/store/migrations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <thread>

#include "daemon/store/embedded_migrations.hpp"
#include "tests/daemon/store/private_mariadb.hpp"

namespace bgm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class MigrationsTest : public testing::Test {
 protected:
    void SetUp() override {
        auto started = test::PrivateMariaDb::start({.server_options = {"--character-set-server=latin1"}});
        ASSERT_TRUE(started) << started.error().to_string();
        database_ = std::move(*started);
        connection_.emplace(database_->options());
        ASSERT_TRUE(connection_->connect());
    }

    std::vector<std::string> column(const std::string& sql) {
        std::vector<std::string> values;
        const Status status =
            connection_->query(sql, [&](MySqlRow row) { values.push_back(row[0].value_or("NULL")); });
        EXPECT_TRUE(status) << status.error().to_string();
        return values;
    }

    std::unique_ptr<test::PrivateMariaDb> database_;
    std::optional<MySqlConnection> connection_;
};

TEST_F(MigrationsTest, EverythingIsPendingThenAppliedThenLeftAlone) {
    auto before = migration_status(database_->options());
    ASSERT_TRUE(before) << before.error().to_string();
    ASSERT_EQ(before->size(), embedded_migrations().size());
    for (const MigrationStatus& status : *before)
        EXPECT_FALSE(status.applied_at);

    const auto first = migrate(database_->options());
    ASSERT_TRUE(first) << first.error().to_string();
    EXPECT_EQ(first->size(), before->size());
    for (const MigrationStatus& status : *first)
        EXPECT_TRUE(status.applied_at);

    const auto second = migrate(database_->options());
    ASSERT_TRUE(second) << second.error().to_string();
    EXPECT_THAT(*second, IsEmpty());
    EXPECT_THAT(column("SHOW TABLES"),
                ElementsAre("api_keys", "cluster_settings", "dead_posts", "erased_messages", "feedback",
                            "hosts", "mood_seeds", "pick_tracks", "picks", "schema_migrations",
                            "track_analysis", "tracks", "user_taste"));
}

TEST_F(MigrationsTest, EveryTextColumnHoldsEveryCharacterWhateverTheServersDefault) {
    ASSERT_TRUE(migrate(database_->options()));
    // Digests are the exception: they are hexadecimal digits. So are words of our own.
    EXPECT_THAT(
        column("SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns WHERE "
               "table_schema = "
               "'bgm' AND character_set_name IS NOT NULL AND character_set_name <> 'utf8mb4' ORDER BY 1"),
        ElementsAre("api_keys.digest", "api_keys.key_id", "api_keys.scopes", "feedback.feedback_id",
                    "schema_migrations.checksum", "track_analysis.file_sha256"));
    EXPECT_THAT(column("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'bgm' AND "
                       "(column_name LIKE "
                       "'%\\_id' OR column_name = 'tenant') AND collation_name NOT LIKE '%\\_bin'"),
                ElementsAre("0"));
}

TEST_F(MigrationsTest, AChangedTextIsRefusedAndNothingIsTouched) {
    ASSERT_TRUE(migrate(database_->options()));
    ASSERT_TRUE(
        connection_->execute("UPDATE schema_migrations SET checksum = REPEAT('0', 64) WHERE version = 1"));
    ASSERT_TRUE(connection_->execute("DROP TABLE feedback"));

    const auto status = migration_status(database_->options());
    ASSERT_TRUE(status);
    EXPECT_TRUE(status->front().checksum_differs);
    const auto refused = migrate(database_->options());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
    EXPECT_THAT(refused.error().message, HasSubstr("001_tables"));
    EXPECT_THAT(column("SHOW TABLES LIKE 'feedback'"), IsEmpty());
}

TEST_F(MigrationsTest, AnInterruptedMigrationIsRunAgain) {
    // DDL commits by itself: after a crash some tables are there and nothing is recorded.
    ASSERT_TRUE(migrate(database_->options()));
    ASSERT_TRUE(connection_->execute("DELETE FROM schema_migrations"));
    ASSERT_TRUE(connection_->execute("DROP TABLE dead_posts"));
    ASSERT_TRUE(migrate(database_->options()));
    EXPECT_THAT(column("SHOW TABLES LIKE 'dead_posts'"), ElementsAre("dead_posts"));
}

TEST_F(MigrationsTest, AVersionOfANewerProgramIsShownAndLeftAlone) {
    ASSERT_TRUE(migrate(database_->options()));
    ASSERT_TRUE(connection_->execute(
        "INSERT INTO schema_migrations VALUES (999, 'from_the_future', REPEAT('a', 64), UTC_TIMESTAMP(6))"));
    ASSERT_TRUE(migrate(database_->options()));
    const auto status = migration_status(database_->options());
    ASSERT_TRUE(status);
    EXPECT_EQ(status->back().version, 999U);
    EXPECT_TRUE(status->back().unknown);
}

TEST_F(MigrationsTest, ProgramsThatMigrateAtOnceTakeTurns) {
    std::vector<std::size_t> applied(4);
    {
        std::vector<std::jthread> programs;
        for (std::size_t at = 0; at < applied.size(); ++at) {
            programs.emplace_back([&, at] {
                const auto done = migrate(database_->options());
                EXPECT_TRUE(done) << done.error().to_string();
                if (done) applied[at] = done->size();
            });
        }
    }
    EXPECT_EQ(std::accumulate(applied.begin(), applied.end(), std::size_t{0}), embedded_migrations().size());
}

TEST(SplitStatements, SemicolonsInsideQuotesAndCommentsDoNotEndAStatement) {
    EXPECT_THAT(
        split_statements(
            "-- first; comment\nSELECT ';', \"a;b\", `c;d` /* e;f */ ;\n\n SELECT 'it''s \\';' -- x\n;;"),
        ElementsAre("SELECT ';', \"a;b\", `c;d`", "SELECT 'it''s \\';'"));
    EXPECT_THAT(split_statements("SELECT 1 - -1; SELECT 2--1"), ElementsAre("SELECT 1 - -1", "SELECT 2--1"));
    EXPECT_THAT(split_statements("  \n-- nothing"), IsEmpty());
    EXPECT_THAT(split_statements("SELECT 'never closed;"), ElementsAre("SELECT 'never closed;"));
}

}  // namespace
}  // namespace bgm
