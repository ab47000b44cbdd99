// The journal's thread: a caller hears of success only when the rows are on the disk, many operations share a
// commit, and a full disk is told to clients at once but never loses what the daemon itself has to store.
#include "daemon/journal/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <set>

#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/journal/journal_file.hpp"

namespace bgm {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using ::testing::ElementsAre;
using testing::JournalFile;
using testing::ScratchFolder;
using ::testing::SizeIs;

constexpr auto kPatience = 20s;  // no test waits for it to pass: it ends a test that hangs

class JournalTest : public ::testing::Test {
 protected:
    std::filesystem::path file() const { return folder_.path() / "journal.sqlite"; }

    void open(const Journal::Options& options, std::int64_t bytes_max = 1 << 30) {
        auto store = JournalStore::open(file(), bytes_max);
        ASSERT_TRUE(store) << store.error().to_string();
        journal_ = std::make_unique<Journal>(std::move(*store), options, metrics_);
    }

    static Journal::Operation accept(std::string post_id, std::size_t bytes = 10) {
        return [post_id = std::move(post_id), bytes](JournalStore& store) -> Status {
            auto done = store.accept({.tenant = "t",
                                      .post_id = post_id,
                                      .priority = 0,
                                      .content_hash = "h",
                                      .post = std::string(bytes, 'x'),
                                      .media = ""},
                                     1);
            return done ? ok_status() : Status(done.error());
        };
    }

    /// Submits and gives the future of what `done` will be told.
    std::future<Status> submit(Journal::Urgency urgency, Journal::Operation operation,
                               std::size_t bytes = 10) {
        auto told = std::make_shared<std::promise<Status>>();
        auto future = told->get_future();
        EXPECT_TRUE(journal_->submit(urgency, bytes, std::move(operation),
                                     [told](const Status& status) { told->set_value(status); }));
        return future;
    }

    static Status wait_for(std::future<Status>& future) {
        if (future.wait_for(kPatience) != std::future_status::ready)
            return Error{.code = ErrorCode::deadline_exceeded, .message = "nothing was told"};
        return future.get();
    }

    std::int64_t rows() { return JournalFile(file()).number("SELECT count(*) FROM posts"); }

    ScratchFolder folder_;
    Metrics metrics_;
    std::unique_ptr<Journal> journal_;
};

const Journal::Options kRoomy{.queue_bytes_max = 1 << 20, .commit_batch = 1000};

TEST_F(JournalTest, TellsOfSuccessOnlyWhenAnotherConnectionSeesTheRow) {
    open(kRoomy);
    std::promise<std::int64_t> seen;
    ASSERT_TRUE(journal_->submit(Journal::Urgency::intake, 10, accept("p1"), [&](const Status& status) {
        EXPECT_TRUE(status);
        seen.set_value(rows());
    }));
    auto future = seen.get_future();
    ASSERT_EQ(future.wait_for(kPatience), std::future_status::ready);
    EXPECT_EQ(future.get(), 1);
    EXPECT_EQ(journal_->counts().by_state[0], 1);
    EXPECT_TRUE(journal_->writable());
}

// While the first operation holds the thread, many others queue up. Each of them looks at what is committed:
// where all see the same, they share a commit.
TEST_F(JournalTest, SharesACommitAmongAllThatWait) {
    open({.queue_bytes_max = 1 << 20, .commit_batch = 60});
    std::latch busy(1);
    std::latch others_wait(1);
    std::vector<std::future<Status>> told;
    told.push_back(submit(Journal::Urgency::internal, [&](JournalStore&) {
        busy.count_down();
        others_wait.wait();
        return ok_status();
    }));
    busy.wait();
    std::vector<std::int64_t> committed_before(100);
    for (std::size_t i = 0; i < committed_before.size(); ++i) {
        told.push_back(submit(Journal::Urgency::intake,
                              [&, i, store_it = accept("p" + std::to_string(i))](JournalStore& store) {
                                  committed_before[i] = rows();
                                  return store_it(store);
                              }));
    }
    others_wait.count_down();
    for (auto& future : told)
        EXPECT_TRUE(wait_for(future));
    EXPECT_THAT(std::set<std::int64_t>(committed_before.begin(), committed_before.end()), ElementsAre(0, 60))
        << "two commits, of 60 and of 40";
    EXPECT_EQ(rows(), 100);
}

TEST_F(JournalTest, KeepsTheOrderOfSubmission) {
    open({.queue_bytes_max = 1 << 20, .commit_batch = 3});
    std::vector<int> order;
    std::future<Status> last;
    for (int i = 0; i < 50; ++i) {
        last = submit(i % 2 == 0 ? Journal::Urgency::intake : Journal::Urgency::internal,
                      [&order, i](JournalStore&) {
                          order.push_back(i);
                          return ok_status();
                      });
    }
    ASSERT_TRUE(wait_for(last));
    ASSERT_THAT(order, SizeIs(50));
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

// One operation that fails by its own fault takes nobody with it.
TEST_F(JournalTest, TellsAFailureToItsOwnerAlone) {
    open(kRoomy);
    auto good = submit(Journal::Urgency::intake, accept("good"));
    auto bad = submit(Journal::Urgency::intake, [](JournalStore&) -> Status {
        return Error{.code = ErrorCode::not_found, .message = "my own fault"};
    });
    auto after = submit(Journal::Urgency::intake, accept("after"));
    EXPECT_TRUE(wait_for(good));
    EXPECT_EQ(wait_for(bad).error().message, "my own fault");
    EXPECT_TRUE(wait_for(after));
    EXPECT_EQ(rows(), 2);
}

// Whatever the store says, the daemon's own operations are tried until they succeed: their callers would
// stall a post. A client is told at once.
TEST_F(JournalTest, TriesItsOwnOperationsUntilTheStoreCan) {
    open({.queue_bytes_max = 1 << 20, .commit_batch = 1000, .retry_delay = 1ms});
    for (const ErrorCode code :
         {ErrorCode::resource_exhausted, ErrorCode::internal, ErrorCode::unavailable}) {
        std::atomic<int> tries = 0;
        const auto fails_twice = [&tries, code](JournalStore& store) -> Status {
            auto written = accept("p-" + std::string(name(code)))(store);
            if (!written) return written;
            if (++tries > 2) return ok_status();
            return Error{.code = code, .message = "the store's fault"};
        };
        auto client = submit(Journal::Urgency::intake, fails_twice);
        EXPECT_EQ(wait_for(client).error().code, ErrorCode::resource_exhausted) << "so it is BUSY";
        auto own = submit(Journal::Urgency::internal, fails_twice);
        EXPECT_TRUE(wait_for(own)) << name(code);
    }
    EXPECT_EQ(rows(), 3) << "what failed left nothing behind";
}

// More than a thousand a second, if that many are due.
TEST_F(JournalTest, ForgetsWhatIsOldEnoughAsFastAsItComes) {
    open({.queue_bytes_max = 1 << 20, .commit_batch = 1000, .keep_delivered_ms = 1000});
    constexpr int kPosts = 10'000;
    auto delivered = submit(Journal::Urgency::internal, [](JournalStore& store) -> Status {
        for (int i = 0; i < kPosts; ++i) {
            auto accepted = store.accept({.tenant = "t",
                                          .post_id = "p" + std::to_string(i),
                                          .priority = 0,
                                          .content_hash = "h",
                                          .post = "x",
                                          .media = ""},
                                         1);
            if (!accepted) return accepted.error();
            if (auto done = store.set_picked(accepted->seq, 1, "pick", PostState::delivered, 1); !done)
                return done.error();
        }
        return ok_status();
    });
    ASSERT_TRUE(wait_for(delivered));
    // Counted after the commit, which another connection sees a moment before.
    const auto counted = [this] {
        return metrics_.text().find("bgmd_journal_forgotten_posts_total{reason=\"age\"} 10000\n") !=
               std::string::npos;
    };
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (!counted() && std::chrono::steady_clock::now() < give_up)
        std::this_thread::yield();
    EXPECT_TRUE(counted());
    EXPECT_EQ(rows(), 0);
}

TEST_F(JournalTest, TakesNoMoreFromClientsThanItsQueueHolds) {
    open({.queue_bytes_max = 100, .commit_batch = 10});
    std::latch held(1);
    std::latch busy(1);
    auto first = submit(Journal::Urgency::internal, [&](JournalStore&) {
        busy.count_down();
        held.wait();
        return ok_status();
    });
    busy.wait();
    auto fits = submit(Journal::Urgency::intake, accept("fits"), 100);
    bool called = false;
    EXPECT_FALSE(journal_->submit(Journal::Urgency::intake, 1, accept("refused"),
                                  [&](const Status&) { called = true; }));
    auto internal = submit(Journal::Urgency::internal, accept("internal"), 100);
    EXPECT_EQ(journal_->queued(), 2U);
    held.count_down();
    EXPECT_TRUE(wait_for(fits));
    EXPECT_TRUE(wait_for(internal));
    auto again = submit(Journal::Urgency::intake, accept("again"), 100);
    EXPECT_TRUE(wait_for(again)) << "what has been committed makes room in the queue";
    EXPECT_FALSE(called);
}

TEST_F(JournalTest, TellsClientsAtOnceThatTheDiskIsFull) {
    open(kRoomy, 64 * 4096);
    auto told = submit(Journal::Urgency::intake, accept("large", 1 << 20));
    const Status status = wait_for(told);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::resource_exhausted);
    auto small = submit(Journal::Urgency::intake, accept("small"));
    EXPECT_TRUE(wait_for(small));
    EXPECT_TRUE(journal_->writable());
    EXPECT_EQ(rows(), 1);
}

TEST_F(JournalTest, KeepsItsOwnOperationsUntilThereIsRoom) {
    open(kRoomy, 64 * 4096);
    auto filler = submit(Journal::Urgency::intake, accept("filler", 150'000));
    ASSERT_TRUE(wait_for(filler));
    auto own = submit(Journal::Urgency::internal, accept("own", 150'000));
    auto client = submit(Journal::Urgency::intake, accept("client", 150'000));
    EXPECT_EQ(wait_for(client).error().code, ErrorCode::resource_exhausted);
    EXPECT_FALSE(journal_->writable());
    EXPECT_EQ(own.wait_for(0s), std::future_status::timeout);
    JournalFile(file()).execute("DELETE FROM posts WHERE post_id = 'filler'");
    EXPECT_TRUE(wait_for(own));
    auto next = submit(Journal::Urgency::intake, accept("next"));
    EXPECT_TRUE(wait_for(next));
    EXPECT_TRUE(journal_->writable());
}

// What would make room may stand in the queue behind what needs it: a full journal must not lock itself up.
TEST_F(JournalTest, LetsWhatMakesRoomPastWhatNeedsIt) {
    open(kRoomy, 64 * 4096);
    auto filler = submit(Journal::Urgency::intake, accept("filler", 150'000));
    ASSERT_TRUE(wait_for(filler));
    auto needs_room = submit(Journal::Urgency::internal, accept("own", 150'000));
    auto makes_room = submit(Journal::Urgency::internal, [](JournalStore& store) { return store.erase(1); });
    EXPECT_TRUE(wait_for(makes_room));
    EXPECT_TRUE(wait_for(needs_room));
    EXPECT_EQ(rows(), 1);
}

TEST_F(JournalTest, RunsWhatIsQueuedBeforeItGoes) {
    open(kRoomy);
    std::latch held(1);
    auto first = submit(Journal::Urgency::internal, [&](JournalStore&) {
        held.wait();
        return ok_status();
    });
    std::vector<std::future<Status>> told;
    for (int i = 0; i < 20; ++i)
        told.push_back(submit(Journal::Urgency::intake, accept("p" + std::to_string(i))));
    held.count_down();
    journal_.reset();
    for (auto& future : told) {
        ASSERT_EQ(future.wait_for(0s), std::future_status::ready);
        EXPECT_TRUE(future.get());
    }
    EXPECT_EQ(rows(), 20);
}

TEST_F(JournalTest, StopsThoughTheDiskIsFull) {
    open(kRoomy, 64 * 4096);
    auto never = submit(Journal::Urgency::internal, accept("own", 1 << 20));
    auto client = submit(Journal::Urgency::intake, accept("client", 1 << 20));
    EXPECT_FALSE(wait_for(client));
    journal_.reset();
    EXPECT_EQ(rows(), 0);
}

}  // namespace
}  // namespace bgm
