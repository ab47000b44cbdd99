// Several hosts write events into one database, and commit in any order: whoever pages through them sees each
// once, in order, and no host can hold him up for longer than it is alive.
#include <gmock/gmock.h>

#include <atomic>
#include <set>
#include <thread>

#include "daemon/pipeline/batch_writer.hpp"
#include "daemon/pipeline/delivery_store.hpp"
#include "daemon/store/event_table.hpp"
#include "tests/daemon/store/messages.hpp"
#include "tests/daemon/store/migrated_database.hpp"
#include "tests/eventually.hpp"

namespace bgm {
namespace {

using test::eventually;
using testing::ElementsAre;
using testing::IsEmpty;

/// A bgmd, as far as it writes: its delivery, and the connection by which it says that it is there.
class Writer {
 public:
    Writer(const MySqlOptions& options, const std::string& name)
        : run_(HostRun::begin(name)), beats_(options) {
        config_.mysql.socket = options.socket;
        config_.mysql.user = options.user;
        config_.mysql.password = options.password;
        config_.mysql.database = options.database;
        store_ = mysql_delivery_store(config_, run_);
        beat();
    }

    void beat() {
        const Status beaten = table_.beat({.run = run_, .announced_over = writer_.announced_over()});
        EXPECT_TRUE(beaten) << beaten.error().to_string();
    }
    BatchWriter::Outcome write(const std::vector<std::string>& posts) {
        std::vector<Decision> batch;
        for (const std::string& post : posts) {
            const auto from = test::origin({test::message_id(++messages_, test::Line::live, run_.name)},
                                           post + run_.name + std::to_string(messages_));
            batch.push_back({.seq = static_cast<std::int64_t>(messages_),
                             .revision = 1,
                             .pick = std::make_shared<v1::Pick>(test::pick_of("t", post, from)),
                             .dead = {},
                             .accepted_at = {}});
        }
        return writer_.write(std::move(batch));
    }
    std::size_t written(const std::vector<std::string>& posts) { return write(posts).written.size(); }
    /// As one whose clock is ahead.
    void continue_above(std::uint64_t id) { writer_.continue_above(id); }
    /// Ends in the middle: what is between the announcement and the transaction.
    Result<Announced> announce(std::uint64_t above) { return store_->announce(above); }
    Result<WriteEffects> commit(const std::string& post, std::uint64_t event_id) {
        v1::Pick pick = test::pick_of("t", post, test::origin({test::message_id(++messages_)}, post));
        pick.set_event_id(event_id);
        const v1::Pick* const pointer = &pick;
        return store_->write({&pointer, 1}, {});
    }
    const HostRun& run() const { return run_; }

 private:
    Config config_;
    const HostRun run_;
    MySqlConnection beats_;
    HostTable table_{beats_};
    std::unique_ptr<DeliveryStore> store_;
    BatchWriter writer_{[this](auto picked, auto dead) { return store_->write(picked, dead); },
                        [this] { return store_->reach().ok(); },
                        [this](std::uint64_t above) { return store_->announce(above); }};
    std::uint64_t messages_ = 0;
};

/// Pages through the events of one tenant, as a client does.
class Reader {
 public:
    explicit Reader(const MySqlOptions& options) : connection_(options) {}

    /// The posts that it has not seen yet, as far as it may see them.
    std::vector<std::string> read(std::size_t limit = 100) {
        std::vector<std::string> posts;
        while (true) {
            const auto page = events_.page("t", last_, limit);
            EXPECT_TRUE(page) << page.error().to_string();
            if (!page) return posts;
            held_back_ = page->held_back;
            EXPECT_GE(page->newest, last_);
            for (const StoredEvent& event : page->events) {
                EXPECT_GT(event.event_id, last_);
                last_ = event.event_id;
                posts.push_back(event.pick->post_id());
            }
            if (page->events.size() < limit) return posts;
        }
    }
    bool held_back() const { return held_back_; }
    EventPage page(std::uint64_t after) { return events_.page("t", after, 100).value(); }

 private:
    MySqlConnection connection_;
    EventTable events_{connection_, EventTable::Writers::several};
    std::uint64_t last_ = 0;
    bool held_back_ = false;
};

class EventOrderTest : public test::MigratedDatabase {
 protected:
    void SetUp() override {
        test::MigratedDatabase::SetUp();
        for (const char* table : {"hosts", "picks", "pick_tracks", "mood_seeds", "dead_posts"})
            execute("DELETE FROM " + std::string(table));
        a_.beat();
        b_.beat();
    }
    void nobody_has_seen(const Writer& writer) {
        execute("UPDATE hosts SET seen_at = NOW(6) - INTERVAL 6 SECOND WHERE name = '" + writer.run().name +
                "'");
    }
    /// What a host does that looks at the others; how many it has given up.
    int look_for_lost() {
        HostTable table(connection_);
        const auto hosts = table.all();
        EXPECT_TRUE(hosts);
        int withdrawn = 0;
        for (const HostRow& host : *hosts) {
            if (host.announced == 0 || host.seen()) continue;
            const auto done = table.withdraw(host);
            EXPECT_TRUE(done) << done.error().to_string();
            withdrawn += done && *done ? 1 : 0;
        }
        return withdrawn;
    }

    Writer a_{database_->options(), "a"};
    Writer b_{database_->options(), "b"};
    Reader reader_{database_->options()};
};

TEST_F(EventOrderTest, ATransactionThatIsHeldHoldsBackWhatOthersCommitMeanwhile) {
    ASSERT_EQ(a_.written({"contended"}), 1U);
    EXPECT_THAT(reader_.read(), ElementsAre("contended"));
    // Its row is locked: the transaction of `a` has its ids, and waits.
    execute("START TRANSACTION");
    execute("UPDATE picks SET revision = revision WHERE post_id = 'contended'");
    std::atomic<std::size_t> late = 0;
    {
        const std::jthread held([&] { late = a_.written({"first", "contended"}); });
        ASSERT_TRUE(eventually([&] {
            return first_row("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'").at(1) != "0";
        }));
        ASSERT_EQ(b_.written({"second", "third"}), 2U);
        EXPECT_THAT(reader_.read(), IsEmpty());
        EXPECT_TRUE(reader_.held_back());
        execute("COMMIT");
    }
    ASSERT_EQ(late, 2U);
    EXPECT_THAT(reader_.read(), ElementsAre("first", "contended", "second", "third"));
    EXPECT_FALSE(reader_.held_back());
}

// Whatever clocks say: what begins after a page was read comes behind it.
TEST_F(EventOrderTest, AHostWhoseClockIsBehindGoesOnBehindTheOthers) {
    b_.continue_above(1ULL << 60);
    ASSERT_EQ(b_.written({"ahead"}), 1U);
    EXPECT_THAT(reader_.read(), ElementsAre("ahead"));
    ASSERT_EQ(a_.written({"behind"}), 1U);
    EXPECT_THAT(reader_.read(), ElementsAre("behind"));
}

TEST_F(EventOrderTest, AHostThatDiesIsWaitedForAsLongAsItCountsAsAlive) {
    const auto others = a_.announce(1'000);
    ASSERT_TRUE(others) << others.error().to_string();
    ASSERT_EQ(b_.written({"b"}), 1U);
    EXPECT_THAT(reader_.read(), IsEmpty());
    EXPECT_EQ(look_for_lost(), 0);
    nobody_has_seen(a_);
    EXPECT_EQ(look_for_lost(), 1);
    EXPECT_THAT(reader_.read(), ElementsAre("b"));
    // It was not dead: what it had in hand comes too late, whether it is seen again or not.
    for (int seen = 0; seen < 2; ++seen) {
        const auto refused = a_.commit("late", 1'001);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
        a_.beat();
    }
    EXPECT_EQ(count("picks", "t"), 1);
    ASSERT_EQ(a_.written({"late"}), 1U);
    EXPECT_THAT(reader_.read(), ElementsAre("late"));
}

// Its last statement was run, and its COMMIT has not come: nobody can know whether it will.
TEST_F(EventOrderTest, ATransactionThatMayStillCommitIsWaitedForUntilTheServerEndsIt) {
    MySqlConnection frozen(database_->options());
    HostTable table(frozen);
    ASSERT_TRUE(table.announce(a_.run(), 1'000));
    nobody_has_seen(a_);
    ASSERT_TRUE(frozen.execute("START TRANSACTION"));
    ASSERT_TRUE(table.settle(a_.run(), 1'000, 1'001));
    ASSERT_EQ(b_.written({"b"}), 1U);
    EXPECT_EQ(look_for_lost(), 0) << "without waiting for it";
    EXPECT_THAT(reader_.read(), IsEmpty());
    ASSERT_TRUE(frozen.execute("SET SESSION idle_transaction_timeout = 1"));
    EXPECT_TRUE(eventually([&] { return look_for_lost() == 1; }));
    EXPECT_FALSE(frozen.execute("COMMIT"));
    EXPECT_THAT(reader_.read(), ElementsAre("b"));
}

TEST_F(EventOrderTest, TheServerIsToldHowLongATransactionMayBeSilent) {
    MySqlOptions impatient = database_->options();
    impatient.silent_transaction_timeout_ms = 7'000;
    MySqlConnection connection(impatient);
    ASSERT_TRUE(connection.connect());
    std::string seconds;
    ASSERT_TRUE(connection.query("SELECT @@idle_transaction_timeout",
                                 [&](MySqlRow row) { seconds = row[0].value_or(""); }));
    EXPECT_EQ(seconds, "7");
}

TEST_F(EventOrderTest, WhatDidNotSucceedHoldsBackNothing) {
    execute("RENAME TABLE pick_tracks TO away");
    EXPECT_FALSE(a_.write({"never"}).left.empty());
    execute("RENAME TABLE away TO pick_tracks");
    ASSERT_EQ(b_.written({"b"}), 1U);
    EXPECT_THAT(reader_.read(), IsEmpty());
    a_.beat();
    EXPECT_THAT(reader_.read(), ElementsAre("b"));
}

TEST_F(EventOrderTest, ARunThatBeginsEndsTheOneBefore) {
    ASSERT_TRUE(a_.announce(1'000));
    ASSERT_EQ(b_.written({"b"}), 1U);
    Writer again(database_->options(), "a");
    EXPECT_FALSE(a_.commit("late", 1'001));
    EXPECT_THAT(reader_.read(), ElementsAre("b"));
    ASSERT_EQ(again.written({"again"}), 1U);
    EXPECT_THAT(reader_.read(), ElementsAre("again"));
}

TEST_F(EventOrderTest, TheNewestIsNeverBehindWhatWasRead) {
    ASSERT_EQ(b_.written({"b"}), 1U);
    const std::uint64_t read = reader_.page(0).newest;
    // Whoever comes now has others to wait for than who came before.
    ASSERT_TRUE(a_.announce(read - 10));
    EXPECT_EQ(reader_.page(0).newest, read - 10);
    EXPECT_EQ(reader_.page(read - 5).newest, read - 5);
    EXPECT_EQ(reader_.page(read).newest, read);
    EXPECT_EQ(reader_.page(read + 5).newest, read) << "from nowhere";
}

TEST_F(EventOrderTest, ReadersSeeEachEventOnceWhileThreeHostsWrite) {
    constexpr int kBatches = 60;
    Writer c(database_->options(), "c");
    c.continue_above(std::stoull(first_row("SELECT CAST(UNIX_TIMESTAMP() AS INTEGER) * 1000000").at(0)) +
                     3'600'000'000);
    std::atomic<int> writing = 3;
    std::vector<std::vector<std::string>> seen(2);
    {
        std::vector<std::jthread> threads;
        for (Writer* writer : {&a_, &b_, &c}) {
            threads.emplace_back([&, writer] {
                int number = 0;
                for (int batch = 0; batch < kBatches; ++batch) {
                    std::vector<std::string> posts;
                    for (int i = 0; i < batch % 7 * 4 + 1; ++i)
                        posts.push_back(writer->run().name + std::to_string(number++));
                    EXPECT_EQ(writer->written(posts), posts.size());
                }
                --writing;
            });
        }
        for (std::vector<std::string>& mine : seen) {
            threads.emplace_back([&] {
                Reader reader(database_->options());
                for (bool more = true; more;) {
                    more = writing > 0;
                    for (std::string& post : reader.read(5))
                        mine.push_back(std::move(post));
                }
            });
        }
    }
    const auto all = static_cast<std::size_t>(count("picks", "t"));
    EXPECT_GT(all, 1'000U);
    for (const std::vector<std::string>& mine : seen) {
        EXPECT_EQ(mine.size(), all);
        EXPECT_EQ(std::set(mine.begin(), mine.end()).size(), all);
    }
    EXPECT_EQ(seen[0], seen[1]);
}

}  // namespace
}  // namespace bgm
