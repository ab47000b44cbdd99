// Feedback becomes taste once, whoever wrote it; what cannot be weighs nothing; what was learnt can be learnt
// again, and is gone with the user.
#include "daemon/store/taste_table.hpp"

#include <gmock/gmock.h>

#include "daemon/store/erasure.hpp"
#include "fusion/stable_hash.hpp"
#include "fusion/taste/taste_bytes.hpp"
#include "tests/daemon/store/migrated_database.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kNowMs = 1'790'010'000'000;  // 2026-09-21 17:00:00

class TasteTableTest : public test::MigratedDatabase {
 protected:
    void SetUp() override {
        MigratedDatabase::SetUp();
        auto built = Catalogue::build(test::sample_tracks());
        ASSERT_TRUE(built);
        catalogue_ = std::make_unique<Catalogue>(*std::move(built));
        v1::Pick pick = test::sample_pick("t", "p");
        pick.set_user_id("poster");
        ASSERT_TRUE(write({pick, test::sample_pick("other", "q")}));
    }
    void TearDown() override {
        for (const char* table : {"picks", "pick_tracks", "feedback", "user_taste"})
            execute("DELETE FROM " + std::string(table));
    }

    /// As a client writes it by hand.
    void react(const std::string& user, const std::string& action, const std::string& track = "t-1",
               const std::string& post = "p", const std::string& at = "2026-09-21 14:00:00") {
        execute(
            "INSERT INTO feedback (feedback_id, tenant, user_id, post_id, track_id, action, happened_at) "
            "VALUES ('" +
            std::to_string(++feedback_) + "', 't', '" + user + "', '" + post + "', '" + track + "', '" +
            action + "', '" + at + "')");
    }
    TasteTable::CatalogueOf catalogue_of() {
        return [this](const std::string&) { return catalogue_.get(); };
    }
    TasteTable::Learnt learn() {
        auto learnt = tastes_.learn(catalogue_of(), kNowMs);
        EXPECT_TRUE(learnt) << learnt.error().to_string();
        return learnt ? *std::move(learnt) : TasteTable::Learnt();
    }
    StoredListener stored(const std::string& user) {
        auto found = tastes_.read("t", std::vector{user}, 0);
        EXPECT_TRUE(found) << found.error().to_string();
        return found ? found->at(0) : StoredListener();
    }

    std::unique_ptr<Catalogue> catalogue_;
    TasteTable tastes_{connection_};
    int feedback_ = 0;
};

TEST_F(TasteTableTest, FeedbackIsLearntOnce) {
    react("u", "LIKED");
    react("u", "PLAYED", "t-2 🎹");
    react("v", "SKIPPED");
    const auto learnt = learn();
    EXPECT_THAT(learnt.listeners, ElementsAre(ListenerKey{"t", "u"}, ListenerKey{"t", "v"}));
    EXPECT_EQ(learnt.counted, 3U);
    EXPECT_EQ(stored("u").taste->reactions, 2U);
    EXPECT_FLOAT_EQ(stored("u").taste->all.value, 1.5F);
    EXPECT_FLOAT_EQ(stored("v").taste->all.value, -0.5F);
    EXPECT_FALSE(stored("w").taste);

    const std::string before = taste_bytes(*stored("u").taste);
    EXPECT_THAT(learn().listeners, IsEmpty());
    EXPECT_EQ(taste_bytes(*stored("u").taste), before);
    react("u", "LIKED", "t-1", "p", "2026-09-21 15:00:00");
    EXPECT_EQ(learn().counted, 1U);
    EXPECT_EQ(stored("u").taste->reactions, 3U);
}

// Idea: a process that dies before the commit has learnt nothing, and marked nothing.
TEST_F(TasteTableTest, WhatIsNotCommittedIsLearntByTheNext) {
    react("u", "LIKED");
    std::string thread;
    ASSERT_TRUE(
        connection_.query("SELECT CONNECTION_ID()", [&](MySqlRow row) { thread = row[0].value_or(""); }));
    const auto dying = tastes_.learn(
        [&](const std::string&) {
            execute_as_root("KILL " + thread);
            return catalogue_.get();
        },
        kNowMs);
    EXPECT_FALSE(dying);
    EXPECT_EQ(count("user_taste", "t"), 0);
    EXPECT_EQ(number("SELECT COUNT(*) FROM feedback WHERE learnt = 0"), 1);
    EXPECT_EQ(learn().counted, 1U);
    EXPECT_EQ(stored("u").taste->reactions, 1U);
}

TEST_F(TasteTableTest, WhatCannotBeWeighsNothing) {
    react("u", "LIKED", "t-1", "q");                         // another tenant's post
    react("u", "LIKED", "t-3");                              // was not picked
    react("u", "LOVED");                                     // no action
    react("u", "LIKED", "t-1", "p", "2026-09-22 14:00:00");  // still to come
    react("", "LIKED");                                      // nobody's
    const auto learnt = learn();
    EXPECT_EQ(learnt.counted, 0U);
    EXPECT_EQ(learnt.nothing, 5U);
    EXPECT_FALSE(stored("u").taste);
    EXPECT_EQ(number("SELECT COUNT(*) FROM feedback WHERE learnt = 2"), 5);
}

// Idea: two tracks of an artist turn him away, and not one track twice.
TEST_F(TasteTableTest, APickIsTurnedAwayOnce) {
    react("u", "SKIPPED");
    react("u", "REPLACED");  // in one look
    react("u", "SKIPPED", "t-2 🎹");
    react("v", "SKIPPED");
    const auto first = learn();
    EXPECT_EQ(first.counted, 3U);
    EXPECT_EQ(first.nothing, 1U);
    react("u", "SKIPPED", "t-1", "p", "2026-09-21 15:00:00");  // in the next
    react("u", "LIKED", "t-1", "p", "2026-09-21 15:30:00");
    const auto next = learn();
    EXPECT_EQ(next.counted, 1U);
    EXPECT_EQ(next.nothing, 1U);
    EXPECT_EQ(stored("u").taste->reactions, 3U);
    const std::string online = taste_bytes(*stored("u").taste);
    ASSERT_TRUE(tastes_.rebuild({"t", "u"}, catalogue_of()));
    EXPECT_EQ(stored("u").taste->reactions, 3U) << "the same again from the rows";
    EXPECT_EQ(taste_bytes(*stored("u").taste).size(), online.size());
}

TEST_F(TasteTableTest, AFloodIsLearntPieceByPieceAndWeighsADay) {
    std::string sql =
        "INSERT INTO feedback (feedback_id, tenant, user_id, post_id, track_id, action, "
        "happened_at) VALUES ";
    for (int i = 0; i < 1200; ++i)
        sql += (i == 0 ? "('f" : ",('f") + std::to_string(i) +
               "', 't', 'flood', 'p', 't-1', 'LIKED', '2026-09-21 14:00:00')";
    execute(sql);
    std::uint64_t counted = 0;
    std::uint64_t nothing = 0;
    for (auto learnt = learn(); learnt.counted + learnt.nothing > 0; learnt = learn()) {
        counted += learnt.counted;
        nothing += learnt.nothing;
    }
    EXPECT_EQ(counted, kReactionsADay);
    EXPECT_EQ(nothing, 1200 - kReactionsADay);
}

// Idea: from the rows that counted comes the same taste; one that cannot be read is made anew by the next
// reaction; without a catalogue nothing is lost.
TEST_F(TasteTableTest, IsRebuiltFromTheFeedback) {
    react("u", "LIKED");
    react("u", "SKIPPED", "t-2 🎹", "p", "2026-09-20 10:00:00");
    react("u", "LIKED", "t-3");
    learn();
    const Taste online = *stored("u").taste;
    execute("UPDATE user_taste SET taste = 'nonsense'");
    EXPECT_FALSE(stored("u").taste);
    EXPECT_TRUE(*tastes_.rebuild({"t", "u"}, catalogue_of()));
    const Taste rebuilt = *stored("u").taste;
    EXPECT_EQ(rebuilt.reactions, online.reactions);
    EXPECT_FLOAT_EQ(rebuilt.all.weight, online.all.weight);
    EXPECT_FLOAT_EQ(rebuilt.all.value, online.all.value);
    EXPECT_FALSE(*tastes_.rebuild({"t", "nobody"}, catalogue_of()));

    execute("UPDATE user_taste SET taste = 'nonsense'");
    react("u", "PLAYED", "t-1", "p", "2026-09-21 15:00:00");
    EXPECT_EQ(learn().counted, 1U);
    EXPECT_EQ(stored("u").taste->reactions, 3U);

    react("u", "PLAYED", "t-1", "p", "2026-09-21 16:00:00");
    EXPECT_FALSE(tastes_.learn([](const std::string&) { return nullptr; }, kNowMs));
    EXPECT_EQ(number("SELECT COUNT(*) FROM feedback WHERE learnt = 0"), 1);

    react("a", "PLAYED");
    EXPECT_THAT(*tastes_.listeners("t", "", 10), ElementsAre("a", "u"));
    EXPECT_THAT(*tastes_.listeners("t", "a", 10), ElementsAre("u"));
}

TEST_F(TasteTableTest, WhatAUserHadIsWhatWasPickedAndPlayed) {
    react("poster", "PLAYED", "t-9", "elsewhere", "2026-09-21 16:00:00");
    react("poster", "SKIPPED", "t-8", "elsewhere", "2026-09-21 16:00:00");
    std::vector<std::string> tracks;
    for (const RecentTrack& one : stored("poster").recent)
        tracks.push_back(one.track_id + "/" + std::to_string(one.post_key));
    const std::string p = "/" + std::to_string(stable_hash("p"));
    EXPECT_THAT(tracks, testing::UnorderedElementsAre("t-1" + p, "t-2 🎹" + p,
                                                      "t-9/" + std::to_string(stable_hash("elsewhere"))));
    const auto later = tastes_.read("t", std::vector<std::string>{"poster", "x"}, kNowMs + 86'400'000);
    ASSERT_TRUE(later);
    EXPECT_THAT(later->at(0).recent, IsEmpty());
    // More than one look gives: each still gets his own.
    std::string sql = "INSERT INTO pick_tracks (tenant, post_id, position, track_id, score, reason) VALUES ";
    for (int i = 0; i < 600; ++i)
        sql += (i == 0 ? "('t', 'p', " : ",('t', 'p', ") + std::to_string(100 + i) + ", 'many', 1, '{}')";
    execute(sql);
    v1::Pick pick = test::sample_pick("t", "p-2", 1, 1'789'000'000);
    pick.set_user_id("x");
    ASSERT_TRUE(write({pick}));
    const auto both = tastes_.read("t", std::vector<std::string>{"poster", "x"}, 0);
    ASSERT_TRUE(both);
    EXPECT_GE(both->at(0).recent.size(), kRecentTracksMax);
    EXPECT_EQ(both->at(1).recent.size(), 2U);
}

TEST_F(TasteTableTest, AnErasedUserStaysErased) {
    react("u", "LIKED");
    learn();
    ASSERT_TRUE(stored("u").taste);
    react("u", "LIKED", "t-1", "p", "2026-09-21 15:00:00");
    const auto erased = erase_rows(connection_, {.tenant = "t", .user_id = "u"});
    ASSERT_TRUE(erased);
    EXPECT_EQ(erased->tastes, 1U);
    EXPECT_EQ(learn().counted, 0U);
    EXPECT_FALSE(*tastes_.rebuild({"t", "u"}, catalogue_of()));
    EXPECT_FALSE(stored("u").taste);
}

}  // namespace
}  // namespace bgm
