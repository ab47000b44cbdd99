// Several hosts that write about the same posts: each message has one effect, whoever writes it and in
// whatever order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "daemon/store/erasure.hpp"
#include "daemon/store/message_notes.hpp"
#include "tests/daemon/store/messages.hpp"
#include "tests/daemon/store/migrated_database.hpp"

namespace bgm {
namespace {

using test::dead_of;
using test::joined;
using test::Line;
using test::message_id;
using test::origin;
using test::pick_of;

/// A host: its own connection.
struct Host {
    explicit Host(const MySqlOptions& options) : connection(options) {}

    Result<WriteEffects> write(const std::vector<v1::Pick>& picked,
                               const std::vector<v1::DeadLetter>& died = {}) {
        return picks.write(test::pointers_to(picked), test::pointers_to(died));
    }

    MySqlConnection connection;
    PickTable picks{connection};
};

class ClusterWritesTest : public test::MigratedDatabase {
 protected:
    void SetUp() override {
        MigratedDatabase::SetUp();
        ASSERT_TRUE(host_.connection.connect() && other_.connection.connect());
    }
    std::string messages_of(const std::string& table, const std::string& tenant, const std::string& post_id) {
        return sql_bytes(first_row("SELECT HEX(messages) FROM " + table + " WHERE tenant = '" + tenant +
                                   "' AND post_id = '" + post_id + "'")
                             .at(0));
    }
    static std::string sql_bytes(const std::string& digits) {
        std::string bytes;
        for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
            bytes.push_back(static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16)));
        return bytes;
    }

    Host host_{database_->options()};
    Host other_{database_->options()};
};

TEST_F(ClusterWritesTest, ADecisionIsWrittenOnceAndSaysSo) {
    const auto first = host_.write({pick_of("once", "a", origin({message_id(1), message_id(2)}, "A")),
                                    pick_of("once", "b", origin({message_id(3)}, "B"))});
    ASSERT_TRUE(first) << first.error().to_string();
    ASSERT_EQ(first->picks.size(), 2U);
    EXPECT_TRUE(first->picks[0].written);
    EXPECT_EQ(first->picks[0].revision, 2U);
    EXPECT_EQ(first->picks[1].revision, 1U);
    EXPECT_EQ((*picks_.find("once", "a"))->revision(), 2U);
    const std::string before = rows_of("once");

    const auto again = other_.write({pick_of("once", "a", origin({message_id(1), message_id(2)}, "A")),
                                     pick_of("once", "c", origin({message_id(4)}, "C"))});
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_FALSE(again->picks[0].written);
    EXPECT_TRUE(again->picks[1].written);
    execute("DELETE FROM picks WHERE tenant = 'once' AND post_id = 'c'");
    execute("DELETE FROM pick_tracks WHERE tenant = 'once' AND post_id = 'c'");
    EXPECT_EQ(rows_of("once"), before);
    EXPECT_EQ(messages_of("picks", "once", "a"), joined({message_id(1), message_id(2)}));
}

TEST_F(ClusterWritesTest, ADeadLetterIsReplacedByTheAnswerToItsRetryWhateverTimesSay) {
    v1::DeadLetter dead = dead_of("retried", "a", origin({message_id(1)}, "A"));
    *dead.mutable_died_at() = test::time_of(1'900'000'000);
    ASSERT_TRUE(host_.write({}, {dead}));
    const auto duplicate = other_.write({}, {dead_of("retried", "a", origin({message_id(2)}, "A"))});
    ASSERT_TRUE(duplicate);
    EXPECT_FALSE(duplicate->dead.at(0).written);
    EXPECT_EQ(messages_of("dead_posts", "retried", "a"), joined({message_id(1), message_id(2)}));
    const auto retried = other_.write({pick_of("retried", "a", origin({message_id(3)}, "A", true))});
    ASSERT_TRUE(retried);
    EXPECT_TRUE(retried->picks.at(0).written);
    EXPECT_EQ(retried->picks.at(0).revision, 2U);
    EXPECT_EQ(count("dead_posts", "retried"), 0);
    EXPECT_EQ(count("picks", "retried"), 1);
}

TEST_F(ClusterWritesTest, OfTwoAnswersInOneBatchTheOneThatKnowsMoreCounts) {
    const auto done = host_.write({pick_of("batch", "a", origin({message_id(1), message_id(2)}, "B")),
                                   pick_of("batch", "a", origin({message_id(1)}, "A"))});
    ASSERT_TRUE(done);
    EXPECT_TRUE(done->picks.at(0).written);
    EXPECT_EQ(done->picks.at(0).revision, 2U);
    EXPECT_FALSE(done->picks.at(1).written);
    EXPECT_EQ(count("picks", "batch"), 1);
}

TEST_F(ClusterWritesTest, AnOriginThatIsNoneIsNamed) {
    const auto refused =
        host_.write({test::sample_pick("bad", "a"), pick_of("bad", "b", origin({"short"}, "B"))});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(refused.error().field, "picks[1].origin.messages");
    EXPECT_EQ(count("picks", "bad"), 0);
}

// Rows that are there, in opposite order: whatever each locks first, one of them starts over.
TEST_F(ClusterWritesTest, TwoHostsThatAnswerTheSameMessagesInOppositeOrderWriteThemOnce) {
    constexpr int kPosts = 40;
    constexpr int kRounds = 30;
    for (int round = 1; round <= kRounds; ++round) {
        std::latch both(2);
        std::atomic<int> effects = 0;
        const auto answer = [&](Host& host, bool backwards) {
            std::vector<v1::Pick> picks;
            std::vector<v1::DeadLetter> dead;
            for (int i = 0; i < kPosts; ++i) {
                const int post = backwards ? kPosts - 1 - i : i;
                const auto from =
                    origin({message_id(static_cast<std::uint64_t>(round), Line::live, std::to_string(post))},
                           std::to_string(round));
                // The two do not even agree about what became of it.
                if (backwards && (post + round) % 3 == 0) {
                    dead.push_back(dead_of("race", std::to_string(post), from));
                } else {
                    picks.push_back(pick_of("race", std::to_string(post), from));
                }
            }
            // One by one, so that their locks cross; each starts over by itself.
            both.arrive_and_wait();
            const auto write = [&](const std::vector<v1::Pick>& some,
                                   const std::vector<v1::DeadLetter>& letters) {
                const auto written = host.write(some, letters);
                ASSERT_TRUE(written) << written.error().to_string();
                for (const auto* list : {&written->picks, &written->dead}) {
                    for (const WriteEffect& effect : *list)
                        effects += effect.written ? 1 : 0;
                }
            };
            if (round % 2 == 0) return write(picks, dead);
            for (const v1::Pick& pick : picks)
                write({pick}, {});
            for (const v1::DeadLetter& letter : dead)
                write({}, {letter});
        };
        {
            const std::jthread one([&] { answer(host_, false); });
            const std::jthread two([&] { answer(other_, true); });
        }
        ASSERT_EQ(effects, kPosts) << "in round " << round;
    }
    EXPECT_EQ(count("picks", "race") + count("dead_posts", "race"), kPosts);
    for (const char* table : {"picks", "dead_posts"}) {
        EXPECT_EQ(number("SELECT COUNT(*) FROM " + std::string(table) +
                         " WHERE tenant = 'race' AND revision <> " + std::to_string(kRounds)),
                  0);
    }
    EXPECT_EQ(count("pick_tracks", "race"), 2 * count("picks", "race"));
}

// A host that has locked what the other needs, and needs what the other has locked.
TEST_F(ClusterWritesTest, ADeadlockIsTriedAgain) {
    ASSERT_TRUE(host_.write({pick_of("locks", "a", origin({message_id(1)}, "A")),
                             pick_of("locks", "b", origin({message_id(1)}, "A"))}));
    ASSERT_TRUE(other_.connection.connect());
    ASSERT_TRUE(other_.connection.execute("START TRANSACTION"));
    ASSERT_TRUE(
        other_.connection.execute("UPDATE picks SET revision = 5 WHERE tenant = 'locks' AND post_id = 'b'"));
    std::atomic<bool> fine = false;
    {
        const std::jthread writer([&] {
            fine = host_
                       .write({pick_of("locks", "a", origin({message_id(2)}, "B")),
                               pick_of("locks", "b", origin({message_id(2)}, "B"))})
                       .ok();
        });
        while (first_row("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'").at(1) == "0") {
        }
        // The writer has locked a and waits for b. One of the two is told to start over.
        const auto crossed = other_.connection.execute(
            "UPDATE picks SET revision = 5 WHERE tenant = 'locks' AND post_id = 'a'");
        (void)other_.connection.execute(crossed ? "COMMIT" : "ROLLBACK");
    }
    EXPECT_TRUE(fine);
    EXPECT_EQ(messages_of("picks", "locks", "a"), joined({message_id(1), message_id(2)}));
    EXPECT_EQ(messages_of("picks", "locks", "b"), joined({message_id(1), message_id(2)}));
}

TEST_F(ClusterWritesTest, WhatWasErasedIsNotWrittenByAHostThatHadItStill) {
    ASSERT_TRUE(host_.write({pick_of("erased", "stored", origin({message_id(1)}, "A"))}));
    for (const char* post : {"stored", "held"}) {
        ErasureScope scope{.tenant = "erased", .post_id = post};
        if (scope.post_id == "held") scope.messages = {message_id(2), message_id(3)};
        const auto erased = erase_rows(host_.connection, scope);
        ASSERT_TRUE(erased) << erased.error().to_string();
    }
    const auto late = other_.write({pick_of("erased", "stored", origin({message_id(1)}, "A")),
                                    pick_of("erased", "held", origin({message_id(2), message_id(3)}, "B")),
                                    pick_of("erased", "another", origin({message_id(4)}, "C"))});
    ASSERT_TRUE(late) << late.error().to_string();
    EXPECT_FALSE(late->picks.at(0).written);
    EXPECT_FALSE(late->picks.at(1).written);
    EXPECT_TRUE(late->picks.at(2).written);
    EXPECT_EQ(count("picks", "erased"), 1);
    EXPECT_EQ(count("pick_tracks", "erased"), 2);
    // What is posted after the erasure is a post like others.
    const auto after = other_.write({pick_of("erased", "held", origin({message_id(5)}, "B"))});
    ASSERT_TRUE(after);
    EXPECT_EQ(after->picks.at(0).revision, 1U);
}

TEST_F(ClusterWritesTest, AnErasureAndALateAnswerAtOnceLeaveNothing) {
    for (std::uint64_t round = 1; round <= 60; ++round) {
        std::latch both(2);
        {
            const std::jthread eraser([&] {
                both.arrive_and_wait();
                ErasureScope scope{.tenant = "at-once", .messages = {message_id(round)}};
                (round % 2 == 0 ? scope.post_id = "a" : scope.user_id = test::sample_pick("", "").user_id());
                const auto erased = erase_rows(host_.connection, scope);
                EXPECT_TRUE(erased) << erased.error().to_string();
            });
            const std::jthread late([&] {
                both.arrive_and_wait();
                const auto written = other_.write(
                    {pick_of("at-once", "a", origin({message_id(round)}, std::to_string(round)))});
                EXPECT_TRUE(written) << written.error().to_string();
            });
        }
        ASSERT_EQ(count("picks", "at-once"), 0) << "in round " << round;
    }
}

TEST_F(ClusterWritesTest, WhatAnswersNothingButRevokedMessagesIsNotWritten) {
    const std::vector<std::string> revoked{message_id(9001), message_id(9003)};
    ASSERT_TRUE(note_ineffective(host_.connection, revoked));
    const auto late =
        other_.write({pick_of("revoked", "alone", origin({message_id(9001)}, "A")),
                      // It had joined before it was revoked, and the first one is to be answered.
                      pick_of("revoked", "joined", origin({message_id(9002), message_id(9003)}, "B"))},
                     {dead_of("revoked", "dead", origin({message_id(9001)}, "A"))});
    ASSERT_TRUE(late) << late.error().to_string();
    EXPECT_FALSE(late->picks.at(0).written);
    EXPECT_TRUE(late->picks.at(0).overruled);
    EXPECT_TRUE(late->picks.at(1).written);
    EXPECT_FALSE(late->picks.at(1).overruled);
    EXPECT_FALSE(late->dead.at(0).written);
    EXPECT_TRUE(late->dead.at(0).overruled);
    EXPECT_EQ(count("picks", "revoked"), 1);
    EXPECT_EQ(count("dead_posts", "revoked"), 0);
    EXPECT_EQ(messages_of("picks", "revoked", "joined"), joined({message_id(9002), message_id(9003)}));
}

// The host to which the first one was handed anew did without the second, and what was sent since is stored.
TEST_F(ClusterWritesTest, ARevokedMessageTakesNoRowThatHasSeenWhatItHadJoined) {
    const std::vector<std::string> revoked{message_id(9102)};
    ASSERT_TRUE(note_ineffective(host_.connection, revoked));
    ASSERT_TRUE(
        host_.write({pick_of("revoked", "stale", origin({message_id(9101)}, "A")),
                     pick_of("revoked", "stale", origin({message_id(9101), message_id(9103)}, "C"))}));
    const auto late =
        other_.write({pick_of("revoked", "stale", origin({message_id(9101), message_id(9102)}, "B"))});
    ASSERT_TRUE(late) << late.error().to_string();
    EXPECT_FALSE(late->picks.at(0).written);
    EXPECT_TRUE(late->picks.at(0).overruled);
    EXPECT_EQ(messages_of("picks", "revoked", "stale"), joined({message_id(9101), message_id(9103)}));
}

// Its client was told BUSY, and has sent it again: the answer to one is the answer to the other.
TEST_F(ClusterWritesTest, ARevokedMessageIsWrittenForOneThatSaidTheSame) {
    const std::vector<std::string> revoked{message_id(9401)};
    ASSERT_TRUE(note_ineffective(host_.connection, revoked));
    v1::Origin again = origin({message_id(9401)}, "A");
    again.add_alike(message_id(9402));
    const auto written = other_.write({pick_of("revoked", "again", again)});
    ASSERT_TRUE(written) << written.error().to_string();
    EXPECT_TRUE(written->picks.at(0).written);
    EXPECT_EQ(written->picks.at(0).revision, 1U);
    v1::Origin older = origin({message_id(9401)}, "A");
    older.add_passed_over(message_id(9403));
    const auto not_written = other_.write({pick_of("revoked", "older", older)});
    ASSERT_TRUE(not_written) << not_written.error().to_string();
    EXPECT_TRUE(not_written->picks.at(0).overruled);
}

TEST_F(ClusterWritesTest, SaysWhereTheRowSaysSomethingElse) {
    ASSERT_TRUE(host_.write({pick_of("overruled", "a", origin({message_id(9301), message_id(9302)}, "B"))}));
    const auto late = other_.write({pick_of("overruled", "a", origin({message_id(9301)}, "A"))});
    ASSERT_TRUE(late) << late.error().to_string();
    EXPECT_FALSE(late->picks.at(0).written);
    EXPECT_TRUE(late->picks.at(0).overruled);
    const auto same = other_.write({pick_of("overruled", "a", origin({message_id(9303)}, "B"))});
    ASSERT_TRUE(same) << same.error().to_string();
    EXPECT_FALSE(same->picks.at(0).written);
    EXPECT_FALSE(same->picks.at(0).overruled);
}

// A late answer may be committed a moment after its message is revoked. Its sender sends again only after
// that, and whoever writes what was sent then waits for the late answer, or is seen by it.
TEST_F(ClusterWritesTest, WhatIsSentAfterARevocationTakesTheLateAnswersPlace) {
    for (std::uint64_t round = 1; round <= 60; ++round) {
        const std::string revoked = message_id(20'000 + round);
        const std::string next = message_id(30'000 + round);
        const std::string post = std::to_string(round);
        std::latch both(2);
        Result<WriteEffects> newer = Error{};
        Result<WriteEffects> late = Error{};
        {
            const std::jthread sender([&] {
                both.arrive_and_wait();
                EXPECT_TRUE(note_ineffective(host_.connection, {&revoked, 1}));
                newer = host_.write({pick_of("revoked-at-once", post, origin({next}, "newer"))});
            });
            const std::jthread answerer([&] {
                both.arrive_and_wait();
                late = other_.write({pick_of("revoked-at-once", post, origin({revoked}, "older"))});
            });
        }
        ASSERT_TRUE(newer) << newer.error().to_string();
        ASSERT_TRUE(late) << late.error().to_string();
        ASSERT_TRUE(newer->picks.at(0).written) << "in round " << round;
        const std::string seen = messages_of("picks", "revoked-at-once", post);
        ASSERT_TRUE(seen.ends_with(next)) << "in round " << round;
        ASSERT_EQ(late->picks.at(0).written, seen.find(revoked) != std::string::npos) << "in round " << round;
    }
}

TEST_F(ClusterWritesTest, FindsTheMessagesThatHaveHadTheirEffectOrMustHaveNone) {
    ASSERT_TRUE(host_.write({pick_of("found", "a", origin({message_id(9201), message_id(9202)}, "A"))},
                            {dead_of("found", "b", origin({message_id(9203)}, "B"))}));
    const std::vector<std::string> revoked{message_id(9204)};
    const std::vector<std::string> erased{message_id(9205)};
    ASSERT_TRUE(note_ineffective(host_.connection, revoked));
    ASSERT_TRUE(note_ineffective(host_.connection, erased));
    const std::vector<PostMessage> asked{{"found", "a", message_id(9201)}, {"found", "b", message_id(9203)},
                                         {"found", "b", message_id(9201)}, {"found", "c", message_id(9204)},
                                         {"found", "c", message_id(9205)}, {"found", "a", message_id(9206)},
                                         {"found", "'", message_id(9207)}};
    const auto found = find_ineffective(other_.connection, asked);
    ASSERT_TRUE(found) << found.error().to_string();
    EXPECT_THAT(*found, testing::UnorderedElementsAre(message_id(9201), message_id(9203), message_id(9204),
                                                      message_id(9205)));
    const auto none = find_ineffective(other_.connection, {});
    ASSERT_TRUE(none);
    EXPECT_THAT(*none, testing::IsEmpty());
}

}  // namespace
}  // namespace bgm
