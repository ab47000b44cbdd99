// What is written, and what is blamed, when a store takes some rows and not others: one bad row never holds
// up the rest, and no row is blamed where nothing can be written at all.
#include "daemon/pipeline/batch_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace bgm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class BatchWriterTest : public ::testing::Test {
 protected:
    static std::vector<Decision> batch(int count) {
        std::vector<Decision> decisions;
        for (int i = 0; i < count; ++i) {
            auto pick = std::make_shared<v1::Pick>();
            pick->set_post_id(std::to_string(i));
            decisions.push_back(
                {.seq = i, .revision = 1, .pick = std::move(pick), .dead = {}, .accepted_at = {}});
        }
        return decisions;
    }
    static std::vector<std::int64_t> seqs(const std::vector<Decision>& decisions) {
        std::vector<std::int64_t> list;
        for (const Decision& decision : decisions)
            list.push_back(decision.seq);
        return list;
    }
    static std::set<std::int64_t> seqs(const std::vector<BatchWriter::Failed>& failed) {
        std::set<std::int64_t> list;
        for (const BatchWriter::Failed& each : failed)
            list.insert(each.decision.seq);
        return list;
    }

    /// Fails with `error_` for every batch that holds one of `bad_`.
    BatchWriter writer_{[this](auto picks, auto) -> Result<WriteEffects> {
                            ++attempts_;
                            if (!reachable_) return away();
                            for (const v1::Pick* pick : picks) {
                                if (bad_.contains(std::stoi(pick->post_id()))) return error_;
                            }
                            return WriteEffects{};
                        },
                        [this] { return reachable_; }, alone};
    static Result<Announced> alone(std::uint64_t) { return Announced{}; }
    static Error away() { return {.code = ErrorCode::unavailable, .message = "server has gone away"}; }

    std::set<std::int64_t> bad_;
    Error error_{.code = ErrorCode::internal, .message = "something unknown [1644]"};
    bool reachable_ = true;
    int attempts_ = 0;
};

// Whatever is refused, tried again or put off: what is committed later has the larger id.
TEST_F(BatchWriterTest, GivesIdsInTheOrderOfTheCommits) {
    std::vector<std::uint64_t> committed;
    BatchWriter writer(
        [&](auto picks, auto) -> Result<WriteEffects> {
            for (const v1::Pick* pick : picks) {
                if (bad_.contains(std::stoi(pick->post_id()))) return error_;
            }
            for (const v1::Pick* pick : picks)
                committed.push_back(pick->event_id());
            return WriteEffects{};
        },
        [] { return true; }, alone);
    writer.continue_above(1ULL << 60);
    bad_ = {2, 5};
    auto outcome = writer.write(batch(8));
    ASSERT_EQ(outcome.suspects.size(), 2U);
    bad_.clear();
    writer.write(batch(3));
    for (BatchWriter::Failed& suspect : outcome.suspects)
        writer.write({std::move(suspect.decision)});
    ASSERT_EQ(committed.size(), 11U);
    EXPECT_GT(committed.front(), 1ULL << 60);
    EXPECT_TRUE(std::ranges::is_sorted(committed, std::less_equal<>())) << "none twice";
    std::uint64_t before = 0;
    for (const Decision& written : outcome.written) {
        EXPECT_GT(written.pick->event_id(), before) << "published in that order, too";
        before = written.pick->event_id();
    }
}

// Where others write, too: what they have committed by then comes before.
TEST_F(BatchWriterTest, AnnouncesEachTryAndGoesOnBehindWhatOthersHaveCommitted) {
    std::vector<std::uint64_t> announced;
    std::uint64_t others = 1ULL << 60;
    BatchWriter* own = nullptr;
    BatchWriter writer(
        [&](auto picks, auto) -> Result<WriteEffects> {
            EXPECT_LT(own->announced_over(), announced.back()) << "until it is over";
            for (const v1::Pick* pick : picks) {
                EXPECT_GT(pick->event_id(), announced.back());
                EXPECT_GT(pick->event_id(), others);
                EXPECT_EQ(pick->event_id() % 1024, 5U) << "an id that no other host gives";
            }
            others += 1ULL << 50;
            return announced.size() == 1 ? Result<WriteEffects>(away()) : WriteEffects{};
        },
        [] { return true; },
        [&](std::uint64_t above) -> Result<Announced> {
            announced.push_back(above);
            return Announced{.newest = others, .number = 1029};
        });
    own = &writer;
    auto outcome = writer.write(batch(2));
    EXPECT_EQ(writer.announced_over(), announced.back());
    outcome = writer.write(std::move(outcome.left));
    EXPECT_THAT(outcome.written, SizeIs(2));
    EXPECT_THAT(announced, SizeIs(2));
    EXPECT_LT(announced.front(), announced.back());
}

TEST_F(BatchWriterTest, WritesNothingThatCouldNotBeAnnounced) {
    BatchWriter writer(
        [&](auto, auto) -> Result<WriteEffects> {
            ++attempts_;
            return WriteEffects{};
        },
        [] { return true; }, [](std::uint64_t) -> Result<Announced> { return away(); });
    const auto outcome = writer.write(batch(2));
    EXPECT_TRUE(outcome.outage);
    EXPECT_THAT(outcome.left, SizeIs(2));
    EXPECT_EQ(attempts_, 0);
}

// Of a replicated queue: the store says what was new to it, and which revision each has become.
TEST_F(BatchWriterTest, MarksWhatHadNoEffectAndSaysTheRowsRevision) {
    BatchWriter writer(
        [&](auto picks, auto dead) -> Result<WriteEffects> {
            WriteEffects effects;
            for (const v1::Pick* pick : picks) {
                const auto number = static_cast<std::uint32_t>(std::stoi(pick->post_id()));
                effects.picks.push_back({.written = number % 2 == 0, .revision = 10 + number});
            }
            for (std::size_t i = 0; i < dead.size(); ++i)
                effects.dead.push_back({.written = false});
            return effects;
        },
        [] { return true; }, alone);
    std::vector<Decision> decisions = batch(3);
    decisions[1] = {
        .seq = 1, .revision = 1, .pick = {}, .dead = std::make_shared<v1::DeadLetter>(), .accepted_at = {}};
    const auto outcome = writer.write(std::move(decisions));
    ASSERT_THAT(outcome.written, SizeIs(3));
    EXPECT_FALSE(outcome.written[0].without_effect);
    EXPECT_TRUE(outcome.written[1].without_effect);
    EXPECT_FALSE(outcome.written[2].without_effect);
    EXPECT_EQ(outcome.written[0].pick->revision(), 10U);
    EXPECT_EQ(outcome.written[2].pick->revision(), 12U);
    EXPECT_EQ(outcome.written[2].revision, 1U) << "the journal's own";
}

TEST_F(BatchWriterTest, WritesAllAtOnceWhereNothingIsWrong) {
    const auto outcome = writer_.write(batch(300));
    EXPECT_EQ(attempts_, 1);
    EXPECT_THAT(outcome.written, SizeIs(300));
    EXPECT_FALSE(outcome.error);
}

TEST_F(BatchWriterTest, OneBadRowDoesNotHoldUpTheOthersWhereverItStands) {
    for (const std::int64_t place : {0, 1, 149, 150, 298, 299}) {
        bad_ = {place};
        attempts_ = 0;
        const auto outcome = writer_.write(batch(300));
        EXPECT_THAT(outcome.written, SizeIs(299));
        EXPECT_THAT(seqs(outcome.suspects), ElementsAre(place));
        EXPECT_THAT(outcome.left, IsEmpty());
        EXPECT_LE(attempts_, 20) << "halves, not rows";
    }
}

// Whatever the error is called: a deadlock, a value that no row could be named for.
TEST_F(BatchWriterTest, EveryErrorThatIsNotTheServersMayBeARows) {
    for (const ErrorCode code : {ErrorCode::internal, ErrorCode::resource_exhausted, ErrorCode::too_large,
                                 ErrorCode::invalid_argument, ErrorCode::corrupt}) {
        error_.code = code;
        bad_ = {7, 8, 200};
        const auto outcome = writer_.write(batch(300));
        EXPECT_THAT(outcome.written, SizeIs(297)) << name(code);
        EXPECT_THAT(seqs(outcome.suspects), ElementsAre(7, 8, 200));
    }
}

TEST_F(BatchWriterTest, BlamesNobodyWhereNothingCanBeWritten) {
    for (int i = 0; i < 300; ++i)
        bad_.insert(i);
    const auto outcome = writer_.write(batch(300));
    EXPECT_THAT(outcome.written, IsEmpty());
    EXPECT_THAT(outcome.suspects, IsEmpty());
    EXPECT_THAT(outcome.left, SizeIs(300));
    EXPECT_FALSE(outcome.outage);
    EXPECT_EQ(outcome.error->code, ErrorCode::internal);
    EXPECT_LE(attempts_, 20);
}

// The same again and again would never get to the good ones behind.
TEST_F(BatchWriterTest, PutsLastWhatFailedAloneBeforeAnythingPassed) {
    bad_ = {0, 1, 2};
    std::vector<std::int64_t> order;
    auto outcome = writer_.write(batch(4));
    ASSERT_THAT(outcome.written, IsEmpty());
    EXPECT_THAT(seqs(outcome.left), ElementsAre(3, 0, 1, 2));
    outcome = writer_.write(std::move(outcome.left));
    EXPECT_THAT(seqs(outcome.written), ElementsAre(3));
    EXPECT_THAT(seqs(outcome.suspects), ElementsAre(0, 1, 2));
}

TEST_F(BatchWriterTest, LeavesEverythingInOrderWhileTheServerIsAway) {
    reachable_ = false;
    for (int i = 0; i < 20; ++i) {
        attempts_ = 0;
        const auto outcome = writer_.write(batch(4));
        EXPECT_THAT(seqs(outcome.left), ElementsAre(0, 1, 2, 3));
        EXPECT_TRUE(outcome.outage);
        EXPECT_EQ(attempts_, 1);
    }
}

TEST_F(BatchWriterTest, AnAccountWithoutRightsIsNoRowsFault) {
    error_ = {.code = ErrorCode::invalid_argument, .message = "denied", .field = "mysql.user"};
    bad_ = {0};
    const auto outcome = writer_.write(batch(4));
    EXPECT_TRUE(outcome.outage);
    EXPECT_THAT(outcome.left, SizeIs(4));
}

// A server that falls over one row looks like one that is away.
TEST_F(BatchWriterTest, FindsTheRowThatBreaksTheConnectionEachTime) {
    error_ = away();
    bad_ = {5};
    std::vector<Decision> left = batch(300);
    std::size_t written = 0;
    std::set<std::int64_t> suspects;
    for (int i = 0; i < 10 && !left.empty(); ++i) {
        auto outcome = writer_.write(std::move(left));
        written += outcome.written.size();
        suspects.merge(seqs(outcome.suspects));
        left = std::move(outcome.left);
    }
    EXPECT_EQ(written, 299U);
    EXPECT_THAT(suspects, ElementsAre(5));
}

// Before the connection is even tried: it must not come back with the others, to be refused again.
TEST_F(BatchWriterTest, TakesOutARefusedRowOnceAlsoWhileTheServerIsAway) {
    BatchWriter writer(
        [](auto picks, auto) -> Result<WriteEffects> {
            for (std::size_t i = 0; i < picks.size(); ++i) {
                if (picks[i]->post_id() != "2") continue;
                return Error{.code = ErrorCode::invalid_argument,
                             .message = "is too long",
                             .field = "picks[" + std::to_string(i) + "].user_id"};
            }
            return away();
        },
        [] { return false; }, alone);
    const auto outcome = writer.write(batch(4));
    EXPECT_THAT(seqs(outcome.refused), ElementsAre(2));
    EXPECT_THAT(seqs(outcome.left), ElementsAre(0, 1, 3));
}

// One table is out of order, and the other is not: that dead letters are written proves nothing against
// picks.
TEST_F(BatchWriterTest, BlamesNoPickBecauseADeadLetterPassed) {
    for (int i = 0; i < 300; ++i)
        bad_.insert(i);
    for (const Error& error : {error_, away()}) {
        error_ = error;
        for (int round = 0; round < 10; ++round) {
            std::vector<Decision> decisions = batch(100);
            for (int i = 0; i < 100; i += 10) {
                decisions[i].pick.reset();
                decisions[i].dead = std::make_shared<v1::DeadLetter>();
            }
            const auto outcome = writer_.write(std::move(decisions));
            EXPECT_THAT(outcome.suspects, IsEmpty());
            if (outcome.outage) continue;  // the first times
            EXPECT_THAT(outcome.written, SizeIs(10));
            EXPECT_THAT(outcome.left, SizeIs(90));
            EXPECT_TRUE(outcome.error);
        }
    }
}

}  // namespace
}  // namespace bgm
