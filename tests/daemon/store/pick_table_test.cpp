// What the daemon promises about its rows: written once in effect, whole, and replaced by what is newer.
#include "daemon/store/pick_table.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "daemon/store/row_origin.hpp"
#include "daemon/store/track_table.hpp"
#include "schemas/column_limits.hpp"
#include "schemas/one_line.hpp"
#include "tests/daemon/store/migrated_database.hpp"

namespace bgm {
namespace {

using google::protobuf::util::MessageDifferencer;

class PickTableTest : public test::MigratedDatabase {};

TEST_F(PickTableTest, APickComesBackAsItWasWritten) {
    v1::Pick pick = test::sample_pick("default", "round-trip");
    ASSERT_TRUE(TrackTable(connection_).upsert(test::sample_tracks()));
    const Status written = write({pick});
    ASSERT_TRUE(written) << written.error().to_string();
    const auto found = picks_.find("default", "round-trip");
    ASSERT_TRUE(found) << found.error().to_string();
    ASSERT_TRUE(found->has_value());
    std::string difference;
    MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&difference);
    EXPECT_TRUE(differencer.Compare(pick, **found)) << difference;
}

TEST_F(PickTableTest, WritingTheSameBatchAgainLeavesTheSameRows) {
    const std::vector<v1::Pick> picks{test::sample_pick("again", "a"), test::sample_pick("again", "b")};
    const std::vector<v1::DeadLetter> dead{test::sample_dead("again", "c")};
    ASSERT_TRUE(write(picks, dead));
    const std::string before = rows_of("again");
    ASSERT_TRUE(write(picks, dead));
    EXPECT_EQ(rows_of("again"), before);
    EXPECT_EQ(count("pick_tracks", "again"), 4);
}

TEST_F(PickTableTest, ANewRevisionReplacesThePickAndLeavesNoOldTracks) {
    ASSERT_TRUE(write({test::sample_pick("revised", "a", 1, 100)}));
    v1::Pick newer = test::sample_pick("revised", "a", 2, 200);
    newer.mutable_tracks()->RemoveLast();
    newer.set_mood("joyful");
    ASSERT_TRUE(write({newer}));
    EXPECT_EQ(count("picks", "revised"), 1);
    EXPECT_EQ(count("pick_tracks", "revised"), 1);
    EXPECT_EQ((*picks_.find("revised", "a"))->mood(), "joyful");
}

TEST_F(PickTableTest, ALateAnswerOfAnOlderRevisionIsDropped) {
    ASSERT_TRUE(write({test::sample_pick("late", "a", 2, 200)}));
    const std::string before = rows_of("late");
    ASSERT_TRUE(write({test::sample_pick("late", "a", 1, 100)}));
    ASSERT_TRUE(write({}, {test::sample_dead("late", "a", 1, 150)}));
    EXPECT_EQ(rows_of("late"), before);
}

TEST_F(PickTableTest, ANewJournalCountsFromOneAgainAndStillReplaces) {
    ASSERT_TRUE(write({test::sample_pick("restarted", "a", 7, 200)}));
    ASSERT_TRUE(write({test::sample_pick("restarted", "a", 1, 300)}));
    EXPECT_EQ((*picks_.find("restarted", "a"))->revision(), 1U);
}

TEST_F(PickTableTest, AClockThatStepsBackDoesNotHideANewerRevision) {
    ASSERT_TRUE(write({test::sample_pick("clock", "a", 1, 200)}));
    ASSERT_TRUE(write({test::sample_pick("clock", "a", 2, 100)}));
    EXPECT_EQ((*picks_.find("clock", "a"))->revision(), 2U);
}

TEST_F(PickTableTest, APostIsEitherPickedOrDead) {
    ASSERT_TRUE(write({}, {test::sample_dead("either", "a", 1, 100)}));
    EXPECT_EQ(count("dead_posts", "either"), 1);
    ASSERT_TRUE(write({test::sample_pick("either", "a", 1, 200)}));
    EXPECT_EQ(count("dead_posts", "either"), 0);
    EXPECT_EQ(count("picks", "either"), 1);
    ASSERT_TRUE(write({}, {test::sample_dead("either", "a", 2, 300)}));
    EXPECT_EQ(count("dead_posts", "either"), 1);
    EXPECT_EQ(count("picks", "either"), 0);
    EXPECT_EQ(count("pick_tracks", "either"), 0);
    ASSERT_TRUE(picks_.remove_dead("either", "a"));
    ASSERT_TRUE(picks_.remove_dead("either", "a"));
    EXPECT_EQ(count("dead_posts", "either"), 0);
}

TEST_F(PickTableTest, ADeadLetterKeepsEveryColumn) {
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

TEST_F(PickTableTest, AMessageTooLongForItsColumnIsCutNotRefused) {
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

TEST_F(PickTableTest, OneBatchMayNameAPostTwiceAndManyTenants) {
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
    EXPECT_EQ((*picks_.find("many-3", "5"))->revision(), 2U);
    EXPECT_FALSE(picks_.find("many-3", "6")->has_value());
    // Again, now that every row exists: deletes by key, across tenants.
    ASSERT_TRUE(write(picks));
    EXPECT_EQ(number("SELECT COUNT(*) FROM pick_tracks WHERE tenant LIKE 'many-%'"), 2 * (40 * 20 - 1));
}

TEST_F(PickTableTest, TracksThatSomebodyLeftBehindDoNotBlockAPost) {
    ASSERT_TRUE(write({test::sample_pick("orphans", "a")}));
    execute("DELETE FROM picks WHERE tenant = 'orphans'");
    ASSERT_TRUE(write({test::sample_pick("orphans", "a")}));
    EXPECT_EQ(count("pick_tracks", "orphans"), 2);
}

TEST_F(PickTableTest, IdentifiersAreComparedByteByByte) {
    // Case, accents and composition matter; a catalogue of a case-insensitive server must not merge posts.
    ASSERT_TRUE(write({test::sample_pick("bytes", "a"), test::sample_pick("bytes", "A"),
                       test::sample_pick("bytes", "ä"), test::sample_pick("bytes", "a\xcc\x88"),
                       test::sample_pick("bytes", "🌊"), test::sample_pick("bytes", "🌋")}));
    EXPECT_EQ(count("picks", "bytes"), 6);
    EXPECT_EQ((*picks_.find("bytes", "A"))->post_id(), "A");
    EXPECT_FALSE(picks_.find("bytes", "' OR '1' = '1")->has_value());
}

TEST_F(PickTableTest, AValueThatCannotBeStoredIsNamedAndNothingIsWritten) {
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

TEST_F(PickTableTest, ARowBeyondTheServersPacketIsRefusedBeforeItIsSent) {
    execute_as_root("SET GLOBAL max_allowed_packet = 65536");
    MySqlConnection connection(database_->options());
    PickTable small(connection);
    v1::DeadLetter huge = test::sample_dead("packet", "huge");
    huge.mutable_post()->set_text(std::string(80'000, 'x'));
    std::vector<v1::DeadLetter> letters{test::sample_dead("packet", "a"), huge};
    const std::vector<const v1::DeadLetter*> pointers{&letters[0], &letters[1]};
    const auto status = small.write({}, pointers);
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
    const auto written = small.write({}, all);
    execute_as_root("SET GLOBAL max_allowed_packet = 16777216");
    ASSERT_TRUE(written) << written.error().to_string();
    EXPECT_EQ(count("dead_posts", "packet"), 12);
}

}  // namespace
}  // namespace bgm
