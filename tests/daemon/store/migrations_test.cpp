// The tables are made once, in order, by one program at a time, and never from a text that has changed since.
#include "daemon/store/migrations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "daemon/store/embedded_migrations.hpp"
#include "tests/daemon/store/private_mariadb.hpp"
#include "tests/eventually.hpp"

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

    std::vector<std::string> column(const std::string& sql) { return column(*connection_, sql); }
    static std::vector<std::string> column(MySqlConnection& connection, const std::string& sql) {
        std::vector<std::string> values;
        const Status status =
            connection.query(sql, [&](MySqlRow row) { values.push_back(row[0].value_or("NULL")); });
        EXPECT_TRUE(status) << status.error().to_string();
        return values;
    }
    /// What a program left that knew no later one.
    void migrate_through(unsigned version) {
        const auto run = [&](const std::string& statement) {
            const auto done = connection_->execute(statement);
            ASSERT_TRUE(done) << done.error().to_string();
        };
        run("CREATE TABLE schema_migrations (version INT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(128) "
            "NOT "
            "NULL, checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, applied_at DATETIME(6) "
            "NOT NULL) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
        for (const EmbeddedMigration& migration : embedded_migrations()) {
            if (migration.version > version) break;
            for (const std::string& statement : split_statements(migration.script))
                run(statement);
            run("INSERT INTO schema_migrations VALUES (" + std::to_string(migration.version) + ", '" +
                std::string(migration.name) + "', '" + std::string(migration.checksum) +
                "', UTC_TIMESTAMP(6))");
        }
    }
    /// Each program migrates; the versions that it applied.
    std::vector<unsigned> migrate_at_once(std::size_t programs) {
        std::vector<std::vector<unsigned>> applied(programs);
        {
            std::vector<std::jthread> threads;
            for (std::vector<unsigned>& mine : applied) {
                threads.emplace_back([&] {
                    const auto done = migrate(database_->options());
                    ASSERT_TRUE(done) << done.error().to_string();
                    for (const MigrationStatus& migration : *done)
                        mine.push_back(migration.version);
                    // Whoever waited finds all of it done.
                    const auto status = migration_status(database_->options());
                    ASSERT_TRUE(status);
                    for (const MigrationStatus& migration : *status)
                        EXPECT_TRUE(migration.applied_at);
                });
            }
        }
        std::vector<unsigned> all;
        for (const std::vector<unsigned>& mine : applied)
            all.insert(all.end(), mine.begin(), mine.end());
        std::ranges::sort(all);
        return all;
    }
    static std::vector<std::string> shape_of(MySqlConnection& connection) {
        std::vector<std::string> shape = column(
            connection,
            "SELECT CONCAT_WS(' ', table_name, column_name, column_type, is_nullable, column_default, extra, "
            "collation_name) FROM information_schema.columns WHERE table_schema = 'bgm' ORDER BY 1");
        for (std::string& index : column(
                 connection,
                 "SELECT CONCAT_WS(' ', table_name, index_name, seq_in_index, column_name, non_unique) FROM "
                 "information_schema.statistics WHERE table_schema = 'bgm' ORDER BY 1"))
            shape.push_back(std::move(index));
        return shape;
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
                            "hosts", "mood_seeds", "pick_tracks", "picks", "replica_marks",
                            "schema_migrations", "track_analysis", "tracks", "user_taste"));
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

// A cluster that replicates rows, as Galera and Group Replication do, needs both.
TEST_F(MigrationsTest, EveryTableIsOfInnoDbAndHasAPrimaryKey) {
    ASSERT_TRUE(migrate(database_->options()));
    EXPECT_THAT(
        column("SELECT t.table_name FROM information_schema.tables t WHERE t.table_schema = 'bgm' AND "
               "(t.engine <> 'InnoDB' OR NOT EXISTS (SELECT 1 FROM information_schema.statistics s WHERE "
               "s.table_schema = t.table_schema AND s.table_name = t.table_name AND s.index_name = "
               "'PRIMARY'))"),
        IsEmpty());
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

TEST_F(MigrationsTest, OfProgramsThatStartAtOnceOneMigratesAndTheOthersWait) {
    std::vector<unsigned> all;
    for (const EmbeddedMigration& migration : embedded_migrations())
        all.push_back(migration.version);
    EXPECT_EQ(migrate_at_once(4), all);
}

TEST_F(MigrationsTest, TheSameOnTablesOfAnyEarlierVersionWhichEndUpLikeNewOnes) {
    auto fresh = test::PrivateMariaDb::start({.server_options = {"--character-set-server=latin1"}});
    ASSERT_TRUE(fresh);
    ASSERT_TRUE(migrate((*fresh)->options()));
    MySqlConnection other((*fresh)->options());
    ASSERT_TRUE(other.connect());
    const std::vector<std::string> expected = shape_of(other);
    for (const EmbeddedMigration& old : embedded_migrations()) {
        migrate_through(old.version);
        ASSERT_TRUE(
            connection_->execute("INSERT INTO tracks (track_id, title, moods) VALUES ('t', 'kept', '{}')"));
        std::vector<unsigned> later;
        for (const EmbeddedMigration& migration : embedded_migrations()) {
            if (migration.version > old.version) later.push_back(migration.version);
        }
        EXPECT_EQ(migrate_at_once(3), later);
        EXPECT_EQ(shape_of(*connection_), expected) << "from " << old.version;
        EXPECT_THAT(column("SELECT title FROM tracks"), ElementsAre("kept"));
        for (const std::string& table : column("SHOW TABLES"))
            ASSERT_TRUE(connection_->execute("DROP TABLE " + table));
    }
}

// A program that dies while it migrates leaves the turn to the next.
TEST_F(MigrationsTest, ThoseThatWaitGoOnWhenTheOneThatMigratesDies) {
    std::optional<MySqlConnection> first(database_->options());
    ASSERT_TRUE(first->connect());
    EXPECT_THAT(column(*first, "SELECT GET_LOCK(CONCAT('bgm_migrate_', MD5(DATABASE())), 0)"),
                ElementsAre("1"));
    std::vector<unsigned> applied;
    {
        const std::jthread others([&] { applied = migrate_at_once(3); });
        EXPECT_TRUE(test::eventually([&] {
            return column(
                       "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT "
                       "GET_LOCK%'") == std::vector<std::string>{"3"};
        }));
        EXPECT_THAT(column("SHOW TABLES"), IsEmpty());
        first.reset();
    }
    EXPECT_EQ(applied.size(), embedded_migrations().size());
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
