// Reads that may be a little old come from a replica that is certain to be no older than that; whatever is
// wrong with it, the answer is the primary's, and it is said why.
#include "daemon/store/stale_reads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/store/erasure.hpp"
#include "daemon/store/mark_table.hpp"
#include "daemon/store/mysql_options.hpp"
#include "daemon/store/pick_table.hpp"
#include "tests/daemon/store/replicated_pair.hpp"
#include "tests/daemon/store/sample_rows.hpp"

namespace bgm {
namespace {

using test::ReplicatedPair;

constexpr std::chrono::minutes kLong{10};
constexpr std::chrono::milliseconds kShort{300};

class StaleReadsTest : public testing::Test {
 protected:
    void SetUp() override { use(kLong); }

    /// It is waited for longer than people wait, except where a test says how long.
    std::vector<MySqlOptions> replicas(std::uint32_t read_timeout_ms = 60'000) {
        auto all = replica_options(pair_.primary().options(), pair_.place());
        for (MySqlOptions& options : all) {
            options.connect_timeout_ms = 60'000;
            options.read_timeout_ms = options.write_timeout_ms = read_timeout_ms;
        }
        return all;
    }
    void use(std::chrono::milliseconds lag_max) { use(lag_max, replicas()); }
    void use(std::chrono::milliseconds lag_max, const std::vector<MySqlOptions>& replicas) {
        reads_.reset();
        sites_ = std::make_unique<ReplicaSites>(replicas, lag_max);
        reads_ = std::make_unique<StaleReads>(connection_, sites_.get(),
                                              [this](std::string_view outcome) { outcome_ = outcome; });
        mark();
        pair_.wait_for(
            "SELECT mark FROM bgm.replica_marks WHERE instance = (SELECT instance FROM "
            "bgm.replica_marks ORDER BY marked_at DESC LIMIT 1)");
    }
    void mark() { ASSERT_TRUE(MarkTable(connection_).write(sites_->book.instance(), sites_->book.begin())); }
    void write(const std::string& post_id, std::uint32_t revision = 1) {
        v1::Pick pick = test::sample_pick("t", post_id);
        pick.set_revision(revision);
        const v1::Pick* const picks[] = {&pick};
        const auto written = PickTable(connection_).write(picks, {});
        ASSERT_TRUE(written) << written.error().to_string();
    }
    /// Its revision, 0 where it is not there.
    std::uint32_t read(const std::string& post_id, std::uint32_t revision_min = 0) {
        using Found = std::optional<v1::Pick>;
        const auto found =
            reads_->ask<Found>([&](MySqlConnection& at) { return PickTable(at).find("t", post_id); },
                               [&](const Found& pick) { return pick && pick->revision() >= revision_min; });
        EXPECT_TRUE(found) << found.error().to_string();
        return found && *found ? (*found)->revision() : 0;
    }

    /// By the replica, whatever was found out about it.
    bool answers(const std::string& post_id) {
        return test::eventually([&] {
            sites_->sites[0].answers = true;
            return read(post_id) == 1 && outcome_ == "answered";
        });
    }

    ReplicatedPair pair_;
    MySqlConnection connection_{pair_.primary().options()};
    std::unique_ptr<ReplicaSites> sites_;
    std::unique_ptr<StaleReads> reads_;
    std::string outcome_;
};

TEST_F(StaleReadsTest, AFreshReplicaAnswers) {
    write("a");
    pair_.wait_for("SELECT COUNT(*) FROM bgm.picks");
    // So that it shows whose answer it is.
    ReplicatedPair::run(pair_.replica(), "UPDATE bgm.picks SET revision = 7");
    EXPECT_EQ(read("a"), 7U);
    EXPECT_EQ(outcome_, "answered");
}

TEST_F(StaleReadsTest, WhatHasNotArrivedIsAskedAtThePrimary) {
    write("old", 1);
    pair_.wait_for("SELECT COUNT(*) FROM bgm.picks");
    pair_.stop_applying();
    write("new");
    EXPECT_EQ(read("new"), 1U);
    EXPECT_EQ(outcome_, "absent");
    write("old", 2);
    EXPECT_EQ(read("old", 2), 2U);
    EXPECT_EQ(outcome_, "absent");
    EXPECT_EQ(read("old", 1), 1U);
    EXPECT_EQ(outcome_, "answered");
    EXPECT_EQ(read("nowhere"), 0U);
}

TEST_F(StaleReadsTest, AReplicaThatLagsIsLeftUntilItHasCaughtUp) {
    write("a", 1);
    use(kShort);
    pair_.stop_applying();
    write("a", 2);
    EXPECT_TRUE(test::eventually([&] {
        mark();
        return read("a") == 2 && outcome_ == "lagging";
    }));
    mark();
    EXPECT_EQ(read("a"), 2U);
    pair_.go_on_applying();
    EXPECT_TRUE(test::eventually([&] {
        mark();
        return read("a") == 2 && outcome_ == "answered";
    }));
}

// What was erased is not shown for longer than the lag that is allowed.
TEST_F(StaleReadsTest, WhatWasErasedIsGoneOnceTheTimeHasPassed) {
    write("a");
    use(kShort);
    pair_.wait_for("SELECT COUNT(*) FROM bgm.picks");
    EXPECT_EQ(read("a"), 1U);
    pair_.stop_applying();
    ASSERT_TRUE(erase_rows(connection_, {.tenant = "t", .post_id = "a"}));
    const auto erased = MarkBook::Clock::now();
    EXPECT_TRUE(test::eventually([&] {
        mark();
        const bool due = MarkBook::Clock::now() > erased + kShort;
        return due && (read("a") == 0 || (ADD_FAILURE(), true));
    }));
}

TEST_F(StaleReadsTest, AReplicaThatDiesOrHangsCostsNoAnswer) {
    write("a");
    pair_.wait_for("SELECT COUNT(*) FROM bgm.picks");
    use(kLong, replicas(2'000));
    ASSERT_TRUE(answers("a"));
    pair_.replica().freeze();
    EXPECT_EQ(read("a"), 1U);
    EXPECT_EQ(outcome_, "failed");
    // It is not waited for again.
    EXPECT_EQ(read("a"), 1U);
    EXPECT_EQ(outcome_, "down");
    pair_.replica().thaw();
    EXPECT_TRUE(answers("a"));
    pair_.replica().kill();
    EXPECT_EQ(read("a"), 1U);
    EXPECT_EQ(outcome_, "failed");
    sites_->sites[0].answers = true;
    EXPECT_EQ(read("a"), 1U);
    EXPECT_EQ(outcome_, "down");
    ASSERT_TRUE(pair_.replica().restart());
    EXPECT_TRUE(answers("a"));
}

TEST_F(StaleReadsTest, AReplicaOfAnOlderSchemaIsNotReadFrom) {
    write("a");
    pair_.wait_for("SELECT COUNT(*) FROM bgm.picks");
    ReplicatedPair::run(pair_.replica(), "DELETE FROM bgm.schema_migrations ORDER BY version DESC LIMIT 1");
    EXPECT_EQ(read("a"), 1U);
    EXPECT_EQ(outcome_, "old_schema");
}

TEST_F(StaleReadsTest, AServerThatMayBeWrittenToIsNotReadFrom) {
    write("a");
    pair_.wait_for("SELECT COUNT(*) FROM bgm.picks");
    ReplicatedPair::run(pair_.replica(), "SET GLOBAL read_only = 0");
    EXPECT_EQ(read("a"), 1U);
    EXPECT_EQ(outcome_, "writable");
}

TEST_F(StaleReadsTest, AServerThatFollowsNobodyIsNotReadFrom) {
    write("a");
    pair_.wait_for("SELECT COUNT(*) FROM bgm.picks");
    ReplicatedPair::run(pair_.replica(), "STOP SLAVE");
    // As after a start: none of its marks is there.
    ReplicaSites others(replicas(), kLong);
    StaleReads reads(connection_, &others, [this](std::string_view outcome) { outcome_ = outcome; });
    ASSERT_TRUE(MarkTable(connection_).write(others.book.instance(), others.book.begin()));
    const auto found = reads.ask<std::optional<v1::Pick>>(
        [&](MySqlConnection& at) { return PickTable(at).find("t", "a"); }, [](const auto&) { return true; });
    EXPECT_TRUE(found && *found);
    EXPECT_EQ(outcome_, "lagging");
}

}  // namespace
}  // namespace bgm
