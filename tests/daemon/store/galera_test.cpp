// Three nodes of a Galera cluster, each of which takes writes: no lock of one is seen by another, and a
// commit may be refused. What is written is the same as with one server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "daemon/store/analysis_table.hpp"
#include "daemon/store/embedded_migrations.hpp"
#include "daemon/store/erasure.hpp"
#include "daemon/store/host_table.hpp"
#include "daemon/store/message_notes.hpp"
#include "daemon/store/migrations.hpp"
#include "daemon/store/overtaken.hpp"
#include "daemon/store/pick_table.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/daemon/store/messages.hpp"
#include "tests/daemon/store/private_galera.hpp"
#include "tests/eventually.hpp"

namespace bgm {
namespace {

using test::dead_of;
using test::message_id;
using test::origin;
using test::pick_of;
using testing::HasSubstr;
using testing::IsEmpty;

class GaleraTest : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        if (!test::PrivateGalera::why_not().empty()) return;
        auto started = test::PrivateGalera::start();
        ASSERT_TRUE(started) << started.error().to_string();
        galera_ = std::move(*started);
        // On every node at once: one of them makes each table, and all go on.
        std::vector<std::jthread> programs;
        for (std::size_t node = 0; node < galera_->count(); ++node) {
            programs.emplace_back([node] {
                const auto done = migrate(galera_->options(node));
                EXPECT_TRUE(done) << done.error().to_string();
            });
        }
    }
    static void TearDownTestSuite() { galera_.reset(); }
    void SetUp() override {
        if (const std::string why = test::PrivateGalera::why_not(); !why.empty()) GTEST_SKIP() << why;
        ASSERT_TRUE(galera_);
        for (std::size_t node = 0; node < galera_->count(); ++node) {
            MySqlConnection& connection = nodes_.emplace_back(galera_->options(node));
            ASSERT_TRUE(test::eventually([&] { return connection.connect().ok(); }));
        }
    }

    std::vector<std::string> column(std::size_t node, const std::string& sql) {
        std::vector<std::string> values;
        const Status read =
            nodes_[node].query(sql, [&](MySqlRow row) { values.push_back(row[0].value_or("NULL")); });
        EXPECT_TRUE(read) << read.error().to_string();
        return values;
    }
    Result<WriteEffects> write(std::size_t node, const std::vector<v1::Pick>& picks,
                               const std::vector<v1::DeadLetter>& dead = {}) {
        return PickTable(nodes_[node]).write(test::pointers_to(picks), test::pointers_to(dead));
    }

    static inline std::unique_ptr<test::PrivateGalera> galera_;
    std::vector<MySqlConnection> nodes_;
};

TEST_F(GaleraTest, ProgramsThatMigrateOnEveryNodeAtOnceMakeEveryTableOnce) {
    EXPECT_TRUE(nodes_[0].galera());
    EXPECT_EQ(column(0, "SHOW TABLES"), column(2, "SHOW TABLES"));
    EXPECT_EQ(column(2, "SELECT COUNT(*) FROM schema_migrations").at(0),
              std::to_string(embedded_migrations().size()));
}

TEST_F(GaleraTest, WhatWasCommittedOnOneNodeIsSeenOnEveryOther) {
    MySqlConnection root(galera_->root_options(1));
    ASSERT_TRUE(root.connect());
    // That node applies nothing for a while.
    ASSERT_TRUE(root.execute("FLUSH TABLES WITH READ LOCK"));
    ASSERT_TRUE(write(0, {test::sample_pick("seen", "a")}));
    auto found = std::async(std::launch::async, [&] { return PickTable(nodes_[1]).find("seen", "a"); });
    ASSERT_TRUE(root.execute("UNLOCK TABLES"));
    const auto pick = found.get();
    ASSERT_TRUE(pick) << pick.error().to_string();
    EXPECT_TRUE(*pick);
}

TEST_F(GaleraTest, ACommitThatIsRefusedIsTriedAgain) {
    ASSERT_TRUE(nodes_[0].execute("INSERT INTO cluster_settings (name, value) VALUES ('count', '0')"));
    int attempts = 0;
    const auto add = [](MySqlConnection& node) -> Status {
        const auto done = node.execute("UPDATE cluster_settings SET value = value + 1 WHERE name = 'count'");
        return done ? ok_status() : Status(done.error());
    };
    const Status done = in_transaction(nodes_[0], [&](int attempt) -> Status {
        attempts = attempt + 1;
        if (Status added = add(nodes_[0]); !added) return added;
        return attempt == 0 ? add(nodes_[1]) : ok_status();
    });
    ASSERT_TRUE(done) << done.error().to_string();
    EXPECT_EQ(attempts, 2);
    EXPECT_EQ(column(2, "SELECT value FROM cluster_settings WHERE name = 'count'").at(0), "2");
}

TEST_F(GaleraTest, AnAnalysisOfTheCatalogueNeedsNoLock) {
    const auto claimed = AnalysisTable(nodes_[0]).claim();
    ASSERT_TRUE(claimed) << claimed.error().to_string();
    EXPECT_TRUE(*claimed);
}

// Of two nodes, which do not see each other's locks: whoever commits second sees the first then.
TEST_F(GaleraTest, AnAnswerToANotedMessageIsNotWrittenByAHostAtAnotherNode) {
    for (const bool revoked : {false, true}) {
        const std::string tenant = revoked ? "revoked" : "erased";
        const std::string message = message_id(revoked ? 2 : 1);
        const v1::Pick late = pick_of(tenant, "a", origin({message}, "A"));
        const v1::Pick* const picks[] = {&late};
        const std::vector<BatchedDecision> batch = batch_of(picks, {});
        const WritePlan::Row rows[] = {{.decision = &batch[0], .fresh = message}};
        std::vector<bool> noted;
        const Status done = in_transaction(nodes_[0], [&](int attempt) -> Status {
            const auto found = find_overtaken(nodes_[0], rows);
            if (!found) return found.error();
            noted.push_back(found->any());
            if (attempt > 0) return Error{ErrorCode::unavailable, "what was overtaken is rolled back", ""};
            if (revoked) return note_ineffective(nodes_[1], {&message, 1});
            const auto gone =
                erase_rows(nodes_[1], {.tenant = tenant, .post_id = "a", .messages = {message}});
            return gone ? ok_status() : Status(gone.error());
        });
        EXPECT_FALSE(done);
        EXPECT_THAT(noted, testing::ElementsAre(false, true)) << tenant;
        const auto written = write(2, {late});
        ASSERT_TRUE(written) << written.error().to_string();
        EXPECT_FALSE(written->picks.at(0).written);
        EXPECT_TRUE(written->picks.at(0).overruled);
        EXPECT_THAT(column(0, "SELECT post_id FROM picks WHERE tenant = '" + tenant + "'"), IsEmpty());
        // Another node knows of it as soon as it is noted.
        const auto ineffective =
            find_ineffective(nodes_[2], std::vector<PostMessage>{{tenant, "a", message}});
        ASSERT_TRUE(ineffective) << ineffective.error().to_string();
        EXPECT_THAT(*ineffective, testing::ElementsAre(message));
    }
    // Nothing is left of a claim.
    EXPECT_EQ(column(0, "SELECT COUNT(*) FROM erased_messages").at(0), "2");
}

TEST_F(GaleraTest, APostIsNotBothPickedAndDeadWhereTwoNodesAreToldSo) {
    std::atomic<int> refused = 0;
    constexpr int kPosts = 60;
    for (int number = 0; number < kPosts; ++number) {
        const std::string post_id = std::to_string(number);
        const auto first = static_cast<std::uint64_t>(100 + 2 * number);
        std::jthread dead([&] {
            const auto done = write(0, {}, {dead_of("both", post_id, origin({message_id(first)}, "A"))});
            if (!done) ++refused;
        });
        const auto picked =
            write(1, {pick_of("both", post_id, origin({message_id(first), message_id(first + 1)}, "A"))});
        if (!picked) ++refused;
    }
    EXPECT_EQ(refused, 0);
    EXPECT_THAT(
        column(2,
               "SELECT p.post_id FROM picks p JOIN dead_posts d ON d.tenant = p.tenant AND d.post_id = "
               "p.post_id WHERE p.tenant = 'both'"),
        IsEmpty());
    EXPECT_EQ(column(2,
                     "SELECT (SELECT COUNT(*) FROM picks WHERE tenant = 'both') + (SELECT COUNT(*) FROM "
                     "dead_posts WHERE tenant = 'both')")
                  .at(0),
              std::to_string(kPosts));
}

TEST_F(GaleraTest, PostsAreWrittenOnceWhileNodesAreKilledAndStandStill) {
    constexpr int kBatches = 90;
    constexpr int kPostsPerBatch = 20;
    std::atomic<int> batches_done = 0;
    std::jthread writer([&] {
        MySqlOptions options = galera_->options();
        options.connect_timeout_ms = 1'000;
        options.read_timeout_ms = options.write_timeout_ms = 2'000;
        MySqlConnection connection(options);
        PickTable picks(connection);
        for (int batch = 0; batch < kBatches; ++batch) {
            std::vector<v1::Pick> posts;
            std::vector<const v1::Pick*> pointers;
            for (int at = 0; at < kPostsPerBatch; ++at)
                posts.push_back(
                    test::sample_pick("killed", std::to_string(batch) + "-" + std::to_string(at)));
            for (const v1::Pick& post : posts)
                pointers.push_back(&post);
            const bool there = test::eventually(
                [&] {
                    const auto written = picks.write(pointers, {});
                    EXPECT_TRUE(written || retryable(written.error().code));
                    return written.ok();
                },
                std::chrono::seconds(120));
            ASSERT_TRUE(there);
            ++batches_done;
            batches_done.notify_all();
        }
    });
    const auto wait_for = [&](int count) {
        for (int done = batches_done; done < count; done = batches_done)
            batches_done.wait(done);
    };
    wait_for(kBatches / 4);
    galera_->kill(0);
    wait_for(kBatches / 2);
    const Status restarted = galera_->restart(0);
    ASSERT_TRUE(restarted) << restarted.error().to_string();
    galera_->freeze(1);
    wait_for(kBatches * 3 / 4);
    galera_->thaw(1);
    ASSERT_TRUE(test::eventually([&] { return galera_->serves(1); }, std::chrono::seconds(60)));
    writer.join();
    for (std::size_t node = 0; node < galera_->count(); ++node) {
        nodes_[node].disconnect();
        ASSERT_TRUE(nodes_[node].connect());
        EXPECT_EQ(column(node, "SELECT COUNT(*) FROM picks WHERE tenant = 'killed'").at(0),
                  std::to_string(kBatches * kPostsPerBatch));
        EXPECT_EQ(column(node, "SELECT COUNT(*) FROM pick_tracks WHERE tenant = 'killed'").at(0),
                  std::to_string(kBatches * kPostsPerBatch * 2));
    }
}

TEST_F(GaleraTest, ANodeWithoutAMajorityIsNotSpokenTo) {
    galera_->freeze(1);
    galera_->freeze(2);
    Error refused;
    EXPECT_TRUE(test::eventually([&] {
        const Status connected = MySqlConnection(galera_->options(0)).connect();
        if (!connected) refused = connected.error();
        return !connected;
    }));
    EXPECT_EQ(refused.code, ErrorCode::unavailable);
    EXPECT_THAT(refused.message, HasSubstr("majority"));
    // What was connected before is told so with its next statement, and is free to go elsewhere.
    const auto lost = nodes_[0].query("SELECT COUNT(*) FROM picks", [](MySqlRow) {});
    EXPECT_FALSE(lost);
    EXPECT_FALSE(nodes_[0].connected());
    galera_->thaw(1);
    galera_->thaw(2);
    for (std::size_t node = 0; node < galera_->count(); ++node)
        EXPECT_TRUE(test::eventually([&] { return galera_->serves(node); }, std::chrono::seconds(60)))
            << node;
}

}  // namespace
}  // namespace bgm
