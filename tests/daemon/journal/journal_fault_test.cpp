// An I/O error at the n-th operation on the journal's files, for every n: whatever the client was told is
// true, whatever the daemon has to store is stored in the end, nothing waits for ever, no list of rows is
// short, and a journal that is opened again knows all of it.
//
// Each walk leads a few posts through every move of a post's life, with two restarts in between, over a
// journal with hundreds of waiting posts; first with a fault at the first operation, then at the second,
// until the life has fewer operations than that. The faults begin before the journal is opened.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <map>
#include <set>

#include "daemon/journal/journal.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/journal/faulty_vfs.hpp"
#include "tests/daemon/journal/journal_file.hpp"

namespace bgm {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using testing::FaultyVfs;
using testing::JournalFile;
using testing::ScratchFolder;

constexpr auto kPatience = 30s;     // no test waits for it to pass: it ends a walk that stalls
constexpr int kWaitingPosts = 600;  // their rows fill many pages, so that a read can fail between two of them
constexpr std::int64_t kNow = 1000;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::int64_t kStep =
    9;  // the sanitisers see the same code at each fault, and take ten times as long
#else
constexpr std::int64_t kStep = 1;
#endif

// What the client and the daemon have been told: the journal must agree with it.
struct Known {
    std::int64_t seq = 0;
    std::uint32_t revision = 0;
    PostState state = PostState::accepted;
    std::string content;
    std::string media;
};

class JournalFaultTest : public ::testing::Test {
 protected:
    void SetUp() override {
        open();
        for (int i = 0; i < kWaitingPosts; ++i)
            post("waits " + std::to_string(i), std::string(150, 'w'),
                 "media of the waiting post number " + std::to_string(i));
        journal_.reset();
        seeded_ = known_;
        std::filesystem::rename(file(), seed());
    }

    std::filesystem::path file() const { return folder_.path() / "journal.sqlite"; }
    std::filesystem::path seed() const { return folder_.path() / "seed.sqlite"; }

    void start_anew() {
        journal_.reset();
        for (const char* suffix : {"", "-wal", "-shm"})
            std::filesystem::remove(file().string() + suffix);
        std::filesystem::copy_file(seed(), file());
        known_ = seeded_;
    }

    /// As the daemon starts, and is started again where it could not.
    void open() {
        const auto give_up = std::chrono::steady_clock::now() + kPatience;
        while (std::chrono::steady_clock::now() < give_up) {
            auto store = JournalStore::open(file(), 1 << 30);
            if (!store) continue;
            auto in_use = (*store)->media_in_use();
            if (!in_use) continue;
            // The daemon erases whatever is not named here.
            std::set<std::string> wanted;
            for (const auto& [post_id, known] : known_) {
                const bool needs_it = known.state == PostState::accepted || known.state == PostState::dead;
                if (needs_it && !known.media.empty()) wanted.insert(known.media);
            }
            ASSERT_TRUE(std::set<std::string>(in_use->begin(), in_use->end()) == wanted)
                << in_use->size() << " folders are in use, and not " << wanted.size();
            journal_ = std::make_unique<Journal>(
                std::move(*store),
                Journal::Options{.queue_bytes_max = 1 << 24, .commit_batch = 100, .retry_delay = 0ms},
                metrics_);
            return;
        }
        FAIL() << "the journal cannot be opened";
    }

    std::shared_future<Status> submit(Journal::Urgency urgency, Journal::Operation operation) {
        auto told = std::make_shared<std::promise<Status>>();
        EXPECT_TRUE(journal_->submit(urgency, 10, std::move(operation),
                                     [told](const Status& status) { told->set_value(status); }));
        return told->get_future().share();
    }

    /// What the daemon itself has to store: it must be told of success, and of nothing else.
    void settle(Journal::Operation operation) {
        const auto told = submit(Journal::Urgency::internal, std::move(operation));
        ASSERT_EQ(told.wait_for(kPatience), std::future_status::ready) << "stalled";
        ASSERT_TRUE(told.get()) << told.get().error().to_string();
    }

    /// A client: sends again until it is acknowledged.
    void post(const std::string& post_id, const std::string& content, const std::string& media = "") {
        const auto give_up = std::chrono::steady_clock::now() + kPatience;
        while (std::chrono::steady_clock::now() < give_up) {
            Acceptance acceptance;
            const auto told = submit(Journal::Urgency::intake, [&](JournalStore& store) -> Status {
                auto done = store.accept({.tenant = "t",
                                          .post_id = post_id,
                                          .priority = 0,
                                          .content_hash = content,
                                          .post = content,
                                          .media = media},
                                         kNow);
                if (!done) return done.error();
                acceptance = *done;
                return ok_status();
            });
            ASSERT_EQ(told.wait_for(kPatience), std::future_status::ready) << "stalled";
            if (!told.get()) continue;  // BUSY
            known_[post_id] = {.seq = acceptance.seq,
                               .revision = acceptance.revision,
                               .state = PostState::accepted,
                               .content = content,
                               .media = media};
            return;
        }
        FAIL() << "a client is sent away for ever";
    }

    void move(const std::string& post_id, PostState to) {
        Known& known = known_.at(post_id);
        bool moved = false;
        ASSERT_NO_FATAL_FAILURE(settle([&](JournalStore& store) -> Status {
            auto done = to == PostState::picked
                            ? store.set_picked(known.seq, known.revision, "pick", to, kNow)
                        : to == PostState::delivered ? store.set_delivered(known.seq, known.revision, kNow)
                        : to == PostState::dead      ? store.set_dead(known.seq, known.revision, "dead", kNow)
                                                     : Result<bool>(true);
            if (!done) return done.error();
            moved = *done;
            return to == PostState::accepted ? store.retry_dead(known.seq, kNow) : ok_status();
        }));
        ASSERT_TRUE(moved) << post_id << " to " << name(to);
        known.state = to;
    }

    void erase(const std::string& post_id) {
        const std::int64_t seq = known_.at(post_id).seq;
        ASSERT_NO_FATAL_FAILURE(settle([seq](JournalStore& store) { return store.erase(seq); }));
        known_.erase(post_id);
    }

    void life() {
        ASSERT_NO_FATAL_FAILURE(open());
        for (const char* post_id : {"a", "b", "c", "d"})
            ASSERT_NO_FATAL_FAILURE(post(post_id, "first", "media of " + std::string(post_id)));
        ASSERT_NO_FATAL_FAILURE(move("a", PostState::picked));
        ASSERT_NO_FATAL_FAILURE(move("b", PostState::picked));
        ASSERT_NO_FATAL_FAILURE(move("c", PostState::dead));
        ASSERT_NO_FATAL_FAILURE(move("a", PostState::delivered));
        ASSERT_NO_FATAL_FAILURE(post("b", "second"));
        ASSERT_NO_FATAL_FAILURE(check());
        journal_.reset();
        ASSERT_NO_FATAL_FAILURE(open());
        ASSERT_NO_FATAL_FAILURE(check());
        ASSERT_NO_FATAL_FAILURE(move("c", PostState::accepted));
        ASSERT_NO_FATAL_FAILURE(move("b", PostState::picked));
        ASSERT_NO_FATAL_FAILURE(erase("d"));
        ASSERT_NO_FATAL_FAILURE(move("waits 7", PostState::dead));
        ASSERT_NO_FATAL_FAILURE(post("large", std::string(50'000, 'l'), "large media"));
        ASSERT_NO_FATAL_FAILURE(move("large", PostState::picked));
        ASSERT_NO_FATAL_FAILURE(move("large", PostState::delivered));
        ASSERT_NO_FATAL_FAILURE(settle([](JournalStore& store) -> Status {
            auto done = store.forget_delivered(kNow + 1, 1);
            return done ? ok_status() : Status(done.error());
        }));
        known_.erase("a");
        journal_.reset();
        ASSERT_NO_FATAL_FAILURE(open());
        ASSERT_NO_FATAL_FAILURE(move("b", PostState::delivered));
        ASSERT_NO_FATAL_FAILURE(check());
    }

    /// Every list and every row is what was told, read through the journal's thread.
    void check() {
        std::set<std::int64_t> waiting;
        std::set<std::int64_t> undelivered;
        std::set<std::int64_t> dead;
        std::map<std::string, JournalRow> rows;
        ASSERT_NO_FATAL_FAILURE(settle([&](JournalStore& store) -> Status {
            rows.clear();
            auto first = store.waiting(10'000);
            if (!first) return first.error();
            waiting = {first->begin(), first->end()};
            auto second = store.undelivered(10'000);
            if (!second) return second.error();
            undelivered = {second->begin(), second->end()};
            auto third = store.dead("t", 0, 10'000);
            if (!third) return third.error();
            dead.clear();
            for (const JournalRow& row : *third)
                dead.insert(row.seq);
            for (const auto& [post_id, known] : known_) {
                auto row = store.find("t", post_id);
                if (!row) return row.error();
                if (*row) rows.emplace(post_id, std::move(**row));
            }
            return ok_status();
        }));
        std::map<PostState, std::set<std::int64_t>> by_state;
        for (const auto& [post_id, known] : known_) {
            by_state[known.state].insert(known.seq);
            ASSERT_TRUE(rows.contains(post_id)) << post_id << " was acknowledged and is lost";
            const JournalRow& row = rows.at(post_id);
            ASSERT_EQ(row.seq, known.seq) << post_id;
            ASSERT_EQ(row.revision, known.revision) << post_id;
            ASSERT_EQ(row.state, known.state) << post_id;
            const bool has_post = known.state == PostState::accepted || known.state == PostState::dead;
            ASSERT_EQ(row.post, has_post ? known.content : "") << post_id;
            ASSERT_EQ(row.media, has_post ? known.media : "") << post_id;
        }
        ASSERT_EQ(waiting, by_state[PostState::accepted]);
        ASSERT_EQ(dead, by_state[PostState::dead]);
        std::set<std::int64_t> to_deliver = by_state[PostState::picked];
        to_deliver.insert(dead.begin(), dead.end());
        ASSERT_EQ(undelivered, to_deliver);
    }

    /// What the journal counts is what a SELECT counts.
    void check_counts() {
        ASSERT_NO_FATAL_FAILURE(settle([](JournalStore&) { return ok_status(); }));
        const JournalCounts counts = journal_->counts();
        JournalFile other(file());
        ASSERT_EQ(other.number("SELECT count(*) FROM posts"), static_cast<std::int64_t>(known_.size()));
        for (const PostState state : kPostStates) {
            const auto i = static_cast<std::size_t>(state);
            ASSERT_EQ(counts.by_state.at(i),
                      other.number("SELECT count(*) FROM posts WHERE state = " + std::to_string(i)))
                << name(state);
        }
        EXPECT_TRUE(journal_->writable());
        journal_.reset();
    }

    void walk(std::int64_t times, FaultyVfs::Fault fault = FaultyVfs::Fault::io_error) {
        std::int64_t failures = 1;
        std::int64_t nth = 1;
        for (; failures > 0; nth += kStep) {
            SCOPED_TRACE("operation " + std::to_string(nth));
            start_anew();
            disk_.fail(nth, times, fault);
            ASSERT_NO_FATAL_FAILURE(life());
            failures = disk_.failures();
            disk_.heal();
            ASSERT_NO_FATAL_FAILURE(check_counts());
        }
        RecordProperty("operations", std::to_string(nth - 1));
        EXPECT_GT(nth, 300) << "a life has more operations than that";
    }

    FaultyVfs disk_;  // first: it goes last
    ScratchFolder folder_;
    Metrics metrics_;
    std::map<std::string, Known> known_;
    std::map<std::string, Known> seeded_;
    std::unique_ptr<Journal> journal_;
};

// A start looks at no more of the file for many delivered rows than for few: a read more for a higher tree.
TEST_F(JournalFaultTest, StartsWithoutLookingThroughTheDeliveredRows) {
    const auto operations_of_a_start = [this] {
        disk_.heal();
        EXPECT_NO_FATAL_FAILURE(open());
        const std::int64_t operations = disk_.operations();
        journal_.reset();
        return operations;
    };
    const auto deliver = [this](int first, int last) {
        auto store = JournalStore::open(file(), 1 << 30);
        ASSERT_TRUE(store && (*store)->begin());
        for (int i = first; i < last; ++i) {
            const NewPost post{.tenant = "t",
                               .post_id = "delivered " + std::to_string(i),
                               .priority = 0,
                               .content_hash = std::string(32, 'h'),
                               .post = "p",
                               .media = ""};
            const auto seq = (*store)->accept(post, kNow)->seq;
            ASSERT_TRUE((*store)->set_picked(seq, 1, "", PostState::delivered, kNow));
        }
        ASSERT_TRUE((*store)->commit());
    };
    start_anew();
    ASSERT_NO_FATAL_FAILURE(deliver(0, 100));
    const std::int64_t with_few = operations_of_a_start();
    ASSERT_NO_FATAL_FAILURE(deliver(100, 20'000));
    EXPECT_LE(operations_of_a_start(), with_few + 20);
}

// What comes back was not acknowledged: it must be whole, or buried.
TEST_F(JournalFaultTest, CanBuryACommitThatFailed) {
    start_anew();
    const auto media_after_a_crash = [this] {
        const auto copy = folder_.path() / "copy.sqlite";
        for (const char* suffix : {"", "-wal"}) {
            std::filesystem::copy_file(file().string() + suffix, copy.string() + suffix,
                                       std::filesystem::copy_options::overwrite_existing);
        }
        std::filesystem::remove(copy.string() + "-shm");
        auto store = JournalStore::open(copy, 1 << 30);
        auto names = (*store)->media_in_use();
        return std::count(names->begin(), names->end(), "media of the failed");
    };
    auto store = JournalStore::open(file(), 1 << 30);
    ASSERT_TRUE(store);
    const auto accept = [&](const std::string& post_id) {
        ASSERT_TRUE((*store)->begin());
        ASSERT_TRUE((*store)->accept({.tenant = "t",
                                      .post_id = post_id,
                                      .priority = 0,
                                      .content_hash = "h",
                                      .post = "p",
                                      .media = "media of the " + post_id},
                                     kNow));
    };
    accept("first");
    ASSERT_TRUE((*store)->commit());
    accept("failed");
    disk_.fail_syncs(1, 1);
    ASSERT_FALSE((*store)->commit());
    (*store)->rollback();
    EXPECT_EQ(media_after_a_crash(), 1) << "or there would be nothing to bury";
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE((*store)->begin());
        ASSERT_TRUE((*store)->bury_failed_commits());
        ASSERT_TRUE((*store)->commit());
        EXPECT_EQ(media_after_a_crash(), 0);
    }
}

TEST_F(JournalFaultTest, LosesNothingAndStallsNothingWhereOneOperationFails) {
    walk(1);
}

TEST_F(JournalFaultTest, LosesNothingAndStallsNothingWhereTheDiskFailsForAWhile) {
    walk(40);
}

TEST_F(JournalFaultTest, LosesNothingAndStallsNothingWhereTheDiskIsFullForAWhile) {
    walk(25, FaultyVfs::Fault::full);
}

}  // namespace
}  // namespace bgm
