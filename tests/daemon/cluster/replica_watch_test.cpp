// How far replicas are, as people see it; and that whoever is told that a post is erased is not shown it by
// one.
#include "daemon/cluster/replica_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "daemon/store/erasure.hpp"
#include "daemon/store/mysql_options.hpp"
#include "daemon/store/pick_table.hpp"
#include "tests/daemon/store/replicated_pair.hpp"
#include "tests/daemon/store/sample_rows.hpp"

namespace bgm {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::ReplicatedPair;
using testing::HasSubstr;

constexpr std::chrono::minutes kForever{10};

class ReplicaWatchTest : public testing::Test {
 protected:
    ~ReplicaWatchTest() override {
        loop_.stop();
        if (thread_.joinable()) thread_.join();
        watch_.reset();
    }
    void open(std::chrono::milliseconds lag_max) {
        const MySqlOptions primary = pair_.primary().options();
        watch_ =
            ReplicaWatch::open(primary, replica_options(primary, pair_.place()), lag_max, loop_, metrics_);
        thread_ = std::jthread([this] { loop_.run(); });
    }
    ReplicaState state() { return watch_->reports().at(0).state; }
    bool becomes(ReplicaState wanted) {
        return eventually([&] { return state() == wanted; });
    }
    bool says_fresh(const std::string& figure) {
        const std::string line = "bgmd_replica_fresh{replica=\"" + pair_.place() + "\"} " + figure;
        return eventually([&] { return metrics_.text().find(line) != std::string::npos; });
    }
    void write(const std::string& post_id) {
        const v1::Pick pick = test::sample_pick("t", post_id);
        const v1::Pick* const picks[] = {&pick};
        ASSERT_TRUE(PickTable(connection_).write(picks, {}));
    }
    /// Through a reader that has just found the replica fresh.
    bool shown(StaleReads& reads, const std::string& post_id) {
        using Found = std::optional<v1::Pick>;
        const auto found =
            reads.ask<Found>([&](MySqlConnection& at) { return PickTable(at).find("t", post_id); },
                             [](const Found& pick) { return pick.has_value(); });
        EXPECT_TRUE(found) << found.error().to_string();
        return found && *found;
    }
    void settle() {
        settled_ = false;
        loop_.post([this] { watch_->settle([this] { settled_ = true; }); });
    }

    ReplicatedPair pair_;
    MySqlConnection connection_{pair_.primary().options()};
    Metrics metrics_;
    EventLoop loop_;
    std::unique_ptr<ReplicaWatch> watch_;
    std::atomic<bool> settled_ = false;
    std::jthread thread_;
};

TEST_F(ReplicaWatchTest, SaysWhatIsWrongWithAReplicaAndThatItIsWellAgain) {
    open(400ms);
    ASSERT_TRUE(becomes(ReplicaState::fresh));
    EXPECT_EQ(watch_->reports().at(0).endpoint, pair_.place());
    EXPECT_TRUE(says_fresh("1"));
    pair_.stop_applying();
    ASSERT_TRUE(becomes(ReplicaState::lagging));
    EXPECT_THAT(watch_->reports().at(0).error, HasSubstr("behind"));
    EXPECT_TRUE(says_fresh("0"));
    pair_.go_on_applying();
    ASSERT_TRUE(becomes(ReplicaState::fresh));
    ReplicatedPair::run(pair_.replica(), "SET GLOBAL read_only = 0");
    ASSERT_TRUE(becomes(ReplicaState::writable));
    ReplicatedPair::run(pair_.replica(), "SET GLOBAL read_only = 1");
    ASSERT_TRUE(becomes(ReplicaState::fresh));
    pair_.replica().kill();
    ASSERT_TRUE(becomes(ReplicaState::down));
    EXPECT_FALSE(watch_->sites().sites[0].answers);
    ASSERT_TRUE(pair_.replica().restart());
    ASSERT_TRUE(becomes(ReplicaState::fresh));
    EXPECT_TRUE(watch_->sites().sites[0].answers);
}

TEST_F(ReplicaWatchTest, AReplicaThatComesLateIsSeenSoonHoweverLongALagIsForgiven) {
    pair_.stop_applying();
    open(kForever);
    ASSERT_TRUE(eventually(
        [&] { return watch_->reports().at(0).error.find("nothing that was written") != std::string::npos; }));
    pair_.go_on_applying();
    EXPECT_TRUE(becomes(ReplicaState::fresh));
}

TEST_F(ReplicaWatchTest, AnErasureIsSettledOnceEveryReplicaHasIt) {
    open(kForever);
    write("a");
    pair_.wait_for("SELECT COUNT(*) FROM bgm.picks");
    StaleReads reads(connection_, &watch_->sites(), [](std::string_view) {});
    ASSERT_TRUE(becomes(ReplicaState::fresh));
    ASSERT_TRUE(shown(reads, "a"));
    ASSERT_TRUE(erase_rows(connection_, {.tenant = "t", .post_id = "a"}));
    settle();
    ASSERT_TRUE(eventually([&] { return settled_.load(); }));
    EXPECT_FALSE(shown(reads, "a"));
}

TEST_F(ReplicaWatchTest, AnErasureThatAReplicaDoesNotGetIsSettledOnceNobodyReadsThere) {
    open(1'000ms);
    write("a");
    pair_.wait_for("SELECT COUNT(*) FROM bgm.picks");
    std::string outcome;
    StaleReads reads(connection_, &watch_->sites(), [&](std::string_view one) { outcome = one; });
    ASSERT_TRUE(eventually([&] { return shown(reads, "a") && outcome == "answered"; }));
    pair_.stop_applying();
    ASSERT_TRUE(erase_rows(connection_, {.tenant = "t", .post_id = "a"}));
    settle();
    // Until then it may be shown, by whoever had looked before.
    ASSERT_TRUE(eventually([&] {
        const bool settled = settled_;
        const bool now = shown(reads, "a");
        EXPECT_FALSE(settled && now);
        return settled;
    }));
    EXPECT_EQ(outcome, "lagging");
}

}  // namespace
}  // namespace bgm
