// What the daemon promises about its rows: written once in effect, whole, and replaced by what is newer.
#include "daemon/store/pick_store.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "daemon/store/migrations.hpp"
#include "schemas/column_limits.hpp"
#include "schemas/one_line.hpp"
#include "tests/daemon/store/private_mariadb.hpp"
#include "tests/daemon/store/sample_rows.hpp"

namespace bgm {
namespace {

using google::protobuf::util::MessageDifferencer;

class PickStoreTest : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        // Defaults that would lose characters and cut values, if the connection relied on them.
        auto started =
            test::PrivateMariaDb::start({.server_options = {"--character-set-server=latin1",
                                                            "--sql-mode=", "--default-time-zone=+09:00"}});
        ASSERT_TRUE(started) << started.error().to_string();
        database_ = std::move(*started);
        const auto migrated = migrate(database_->options());
        ASSERT_TRUE(migrated) << migrated.error().to_string();
    }
    static void TearDownTestSuite() { database_.reset(); }

    Status write(std::vector<v1::Pick> picks, std::vector<v1::DeadLetter> dead = {}) {
        std::vector<const v1::Pick*> pick_pointers;
        for (const auto& pick : picks)
            pick_pointers.push_back(&pick);
        std::vector<const v1::DeadLetter*> dead_pointers;
        for (const auto& letter : dead)
            dead_pointers.push_back(&letter);
        return store_.write(pick_pointers, dead_pointers);
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

    static inline std::unique_ptr<test::PrivateMariaDb> database_;
    MySqlConnection probe_{database_->options()};
    PickStore store_{database_->options()};
};

TEST_F(PickStoreTest, APickComesBackAsItWasWritten) {
    v1::Pick pick = test::sample_pick("default", "round-trip");
    ASSERT_TRUE(store_.upsert_tracks(test::sample_tracks()));
    const Status written = write({pick});
    ASSERT_TRUE(written) << written.error().to_string();
    const auto found = store_.find_pick("default", "round-trip");
    ASSERT_TRUE(found) << found.error().to_string();
    ASSERT_TRUE(found->has_value());
    std::string difference;
    MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&difference);
    EXPECT_TRUE(differencer.Compare(pick, **found)) << difference;
}

TEST_F(PickStoreTest, WritingTheSameBatchAgainLeavesTheSameRows) {
    const std::vector<v1::Pick> picks{test::sample_pick("again", "a"), test::sample_pick("again", "b")};
    const std::vector<v1::DeadLetter> dead{test::sample_dead("again", "c")};
    ASSERT_TRUE(write(picks, dead));
    const std::string before = rows_of("again");
    ASSERT_TRUE(write(picks, dead));
    EXPECT_EQ(rows_of("again"), before);
    EXPECT_EQ(count("pick_tracks", "again"), 4);
}

TEST_F(PickStoreTest, ANewRevisionReplacesThePickAndLeavesNoOldTracks) {
    ASSERT_TRUE(write({test::sample_pick("revised", "a", 1, 100)}));
    v1::Pick newer = test::sample_pick("revised", "a", 2, 200);
    newer.mutable_tracks()->RemoveLast();
    newer.set_mood("joyful");
    ASSERT_TRUE(write({newer}));
    EXPECT_EQ(count("picks", "revised"), 1);
    EXPECT_EQ(count("pick_tracks", "revised"), 1);
    EXPECT_EQ((*store_.find_pick("revised", "a"))->mood(), "joyful");
}

TEST_F(PickStoreTest, ALateAnswerOfAnOlderRevisionIsDropped) {
    ASSERT_TRUE(write({test::sample_pick("late", "a", 2, 200)}));
    const std::string before = rows_of("late");
    ASSERT_TRUE(write({test::sample_pick("late", "a", 1, 100)}));
    ASSERT_TRUE(write({}, {test::sample_dead("late", "a", 1, 150)}));
    EXPECT_EQ(rows_of("late"), before);
}

TEST_F(PickStoreTest, ANewJournalCountsFromOneAgainAndStillReplaces) {
    ASSERT_TRUE(write({test::sample_pick("restarted", "a", 7, 200)}));
    ASSERT_TRUE(write({test::sample_pick("restarted", "a", 1, 300)}));
    EXPECT_EQ((*store_.find_pick("restarted", "a"))->revision(), 1U);
}

TEST_F(PickStoreTest, AClockThatStepsBackDoesNotHideANewerRevision) {
    ASSERT_TRUE(write({test::sample_pick("clock", "a", 1, 200)}));
    ASSERT_TRUE(write({test::sample_pick("clock", "a", 2, 100)}));
    EXPECT_EQ((*store_.find_pick("clock", "a"))->revision(), 2U);
}

TEST_F(PickStoreTest, APostIsEitherPickedOrDead) {
    ASSERT_TRUE(write({}, {test::sample_dead("either", "a", 1, 100)}));
    EXPECT_EQ(count("dead_posts", "either"), 1);
    ASSERT_TRUE(write({test::sample_pick("either", "a", 1, 200)}));
    EXPECT_EQ(count("dead_posts", "either"), 0);
    EXPECT_EQ(count("picks", "either"), 1);
    ASSERT_TRUE(write({}, {test::sample_dead("either", "a", 2, 300)}));
    EXPECT_EQ(count("dead_posts", "either"), 1);
    EXPECT_EQ(count("picks", "either"), 0);
    EXPECT_EQ(count("pick_tracks", "either"), 0);
    ASSERT_TRUE(store_.remove_dead("either", "a"));
    ASSERT_TRUE(store_.remove_dead("either", "a"));
    EXPECT_EQ(count("dead_posts", "either"), 0);
}

TEST_F(PickStoreTest, ADeadLetterKeepsEveryColumn) {
    ASSERT_TRUE(write({}, {test::sample_dead("letters", "a", 3)}));
    const auto row = first_row(
        "SELECT revision, stage, code, message, attempts, JSON_VALUE(post, '$.text'), died_at FROM "
        "dead_posts WHERE "
        "tenant = 'letters'");
    // The message is for people: one line of it. The post is kept to the byte.
    const std::string message = one_line("no usable modality: " + test::kAwkward, kMessageCharacters);
    EXPECT_THAT(row, testing::ElementsAre("3", "analyse", "corrupt", message, "3", test::kAwkward,
                                          "2026-09-21 14:13:20.000001"));
}

TEST_F(PickStoreTest, AMessageTooLongForItsColumnIsCutNotRefused) {
    // The reason of a dead letter is for people: losing its end is better than not being able to say it.
    v1::DeadLetter dead = test::sample_dead("cut", "a");
    std::string message;
    for (int at = 0; at < 1000; ++at)
        message += "바다🌊";
    dead.set_message(message);
    ASSERT_TRUE(write({}, {dead}));
    dead.set_post_id("b");
    dead.mutable_post()->set_post_id("b");
    dead.set_message("bytes \xff\xfe");
    ASSERT_TRUE(write({}, {dead}));
    EXPECT_EQ(count("dead_posts", "cut"), 2);
}

TEST_F(PickStoreTest, OneBatchMayNameAPostTwiceAndManyTenants) {
    std::vector<v1::Pick> picks;
    for (int tenant = 0; tenant < 40; ++tenant) {
        for (int post = 0; post < 20; ++post) {
            picks.push_back(test::sample_pick("many-" + std::to_string(tenant), std::to_string(post)));
        }
    }
    picks.push_back(test::sample_pick("many-3", "5", 2, 1'790'000'100));
    picks.push_back(test::sample_pick("many-3", "5", 1, 1'790'000'050));
    const Status written = write(picks, {test::sample_dead("many-3", "6", 2, 1'790'000'100)});
    ASSERT_TRUE(written) << written.error().to_string();
    EXPECT_EQ(number("SELECT COUNT(*) FROM picks WHERE tenant LIKE 'many-%'"), 40 * 20 - 1);
    EXPECT_EQ(number("SELECT COUNT(*) FROM pick_tracks WHERE tenant LIKE 'many-%'"), 2 * (40 * 20 - 1));
    EXPECT_EQ((*store_.find_pick("many-3", "5"))->revision(), 2U);
    EXPECT_FALSE(store_.find_pick("many-3", "6")->has_value());
    // Again, now that every row exists: deletes by key, across tenants.
    ASSERT_TRUE(write(picks));
    EXPECT_EQ(number("SELECT COUNT(*) FROM pick_tracks WHERE tenant LIKE 'many-%'"), 2 * (40 * 20 - 1));
}

TEST_F(PickStoreTest, TracksThatSomebodyLeftBehindDoNotBlockAPost) {
    ASSERT_TRUE(write({test::sample_pick("orphans", "a")}));
    execute("DELETE FROM picks WHERE tenant = 'orphans'");
    ASSERT_TRUE(write({test::sample_pick("orphans", "a")}));
    EXPECT_EQ(count("pick_tracks", "orphans"), 2);
}

TEST_F(PickStoreTest, IdentifiersAreComparedByteByByte) {
    // Case, accents and composition matter; a catalogue of a case-insensitive server must not merge posts.
    ASSERT_TRUE(write({test::sample_pick("bytes", "a"), test::sample_pick("bytes", "A"),
                       test::sample_pick("bytes", "ä"), test::sample_pick("bytes", "a\xcc\x88"),
                       test::sample_pick("bytes", "🌊"), test::sample_pick("bytes", "🌋")}));
    EXPECT_EQ(count("picks", "bytes"), 6);
    EXPECT_EQ((*store_.find_pick("bytes", "A"))->post_id(), "A");
    EXPECT_FALSE(store_.find_pick("bytes", "' OR '1' = '1")->has_value());
}

TEST_F(PickStoreTest, AValueThatCannotBeStoredIsNamedAndNothingIsWritten) {
    const auto refusal = [&](const std::function<void(v1::Pick&)>& spoil) -> std::string {
        v1::Pick spoiled = test::sample_pick("refused", "b");
        spoil(spoiled);
        const Status status =
            write({test::sample_pick("refused", "a"), spoiled, test::sample_pick("refused", "c")});
        if (status) return "written";
        EXPECT_EQ(status.error().code, ErrorCode::invalid_argument) << status.error().to_string();
        const auto row = refused_row(status.error());
        EXPECT_TRUE(row && row->kind == RefusedRow::Kind::pick && row->index == 1)
            << status.error().to_string();
        return status.error().field;
    };
    const std::string long_id(129, 'x');
    EXPECT_EQ(refusal([&](v1::Pick& pick) { pick.set_user_id(long_id); }), "picks[1].user_id");
    EXPECT_EQ(refusal([&](v1::Pick& pick) { pick.set_post_id("ends in a space "); }), "picks[1].post_id");
    EXPECT_EQ(refusal([&](v1::Pick& pick) { pick.set_tenant(""); }), "picks[1].tenant");
    EXPECT_EQ(refusal([&](v1::Pick& pick) { pick.set_model("\xff"); }), "picks[1].model");
    EXPECT_EQ(refusal([&](v1::Pick& pick) { pick.set_confidence(NAN); }), "picks[1].confidence");
    EXPECT_EQ(refusal([&](v1::Pick& pick) { (*pick.mutable_moods())["sad"] = INFINITY; }), "picks[1].moods");
    EXPECT_EQ(refusal([&](v1::Pick& pick) { pick.mutable_picked_at()->set_seconds(INT64_MAX); }),
              "picks[1].picked_at");
    EXPECT_EQ(refusal([&](v1::Pick& pick) { pick.mutable_tracks(1)->set_track_id(long_id); }),
              "picks[1].tracks[1].track_id");
    // What only the server finds: it does not say which row it was.
    EXPECT_EQ(refusal([&](v1::Pick& pick) { pick.mutable_degraded(0)->set_message("\xff"); }),
              "picks[1].degraded");
    EXPECT_EQ(refusal([&](v1::Pick& pick) { pick.mutable_tracks(1)->mutable_reason()->set_text("\xff"); }),
              "picks[1].tracks[1].reason");
    EXPECT_EQ(count("picks", "refused"), 0);
    // As many characters as the column holds, whatever their bytes.
    v1::Pick widest = test::sample_pick("refused", "wide");
    std::string user;
    for (int at = 0; at < 128; ++at)
        user += "🌊";
    widest.set_user_id(user);
    const Status written = write({widest});
    EXPECT_TRUE(written) << written.error().to_string();
}

TEST_F(PickStoreTest, ARowBeyondTheServersPacketIsRefusedBeforeItIsSent) {
    execute_as_root("SET GLOBAL max_allowed_packet = 65536");
    PickStore small(database_->options());
    v1::DeadLetter huge = test::sample_dead("packet", "huge");
    huge.mutable_post()->set_text(std::string(80'000, 'x'));
    std::vector<v1::DeadLetter> letters{test::sample_dead("packet", "a"), huge};
    const std::vector<const v1::DeadLetter*> pointers{&letters[0], &letters[1]};
    const Status status = small.write({}, pointers);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::too_large);
    const auto row = refused_row(status.error());
    ASSERT_TRUE(row) << status.error().to_string();
    EXPECT_EQ(row->kind, RefusedRow::Kind::dead_letter);
    EXPECT_EQ(row->index, 1U);

    // Rows that fit one by one go in as many statements as it takes, and stay one transaction.
    letters.clear();
    for (int at = 0; at < 12; ++at) {
        letters.push_back(test::sample_dead("packet", std::to_string(at)));
        letters.back().mutable_post()->set_text(std::string(at % 2 == 0 ? 50'000 : 9'000, 'x'));
    }
    std::vector<const v1::DeadLetter*> all;
    for (const v1::DeadLetter& letter : letters)
        all.push_back(&letter);
    const Status written = small.write({}, all);
    execute_as_root("SET GLOBAL max_allowed_packet = 16777216");
    ASSERT_TRUE(written) << written.error().to_string();
    EXPECT_EQ(count("dead_posts", "packet"), 12);
}

TEST_F(PickStoreTest, FeedbackThatIsSentTwiceIsOneRow) {
    std::vector<v1::Feedback> feedback(2);
    for (v1::Feedback& one : feedback) {
        one.set_tenant("feedback");
        one.set_user_id("u");
        one.set_post_id("p");
        one.set_track_id("t-2 🎹");
        one.set_action(v1::Feedback::SKIPPED);
        *one.mutable_happened_at() = test::time_of(1'790'000'000, 5);
    }
    feedback[1].set_action(v1::Feedback::LIKED);
    ASSERT_TRUE(store_.insert_feedback(feedback));
    ASSERT_TRUE(store_.insert_feedback(feedback));
    EXPECT_EQ(count("feedback", "feedback"), 2);
    EXPECT_THAT(
        first_row("SELECT user_id, post_id, track_id, action, happened_at FROM feedback WHERE tenant = "
                  "'feedback' AND action = 'LIKED'"),
        testing::ElementsAre("u", "p", "t-2 🎹", "LIKED", "2026-09-21 14:13:20.000005"));
    feedback[1].clear_action();
    const Status refused = store_.insert_feedback(feedback);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field, "feedback[1].action");
}

}  // namespace
}  // namespace bgm
