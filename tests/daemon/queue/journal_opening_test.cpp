// Which journal a configuration asks for, and that nothing is left behind in the other one.
#include "daemon/journal_opening.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/base/scratch_folder.hpp"

namespace bgm {
namespace {

using ::testing::HasSubstr;

class JournalOpeningTest : public ::testing::Test {
 protected:
    JournalOpeningTest() { config_.data_dir = folder_.path(); }

    std::unique_ptr<JournalStore> opened() {
        auto store = open_journal_store(config_);
        EXPECT_TRUE(store) << store.error().to_string();
        return store ? std::move(*store) : nullptr;
    }
    static Acceptance accept(JournalStore& store, const std::string& post_id) {
        EXPECT_TRUE(store.begin());
        const auto accepted = store.accept({.tenant = "t",
                                            .post_id = post_id,
                                            .content_hash = std::string(32, 'h'),
                                            .post = "x",
                                            .media = ""},
                                           1);
        EXPECT_TRUE(accepted);
        EXPECT_TRUE(store.commit());
        return accepted ? *accepted : Acceptance{};
    }
    static std::int64_t posts(const JournalStore& store) {
        std::int64_t sum = 0;
        for (const std::int64_t count : store.counts().by_state)
            sum += count;
        return sum;
    }

    testing::ScratchFolder folder_;
    Config config_;
};

TEST_F(JournalOpeningTest, EmptiesTheWorkingJournal) {
    config_.queue.kind = "amqp";
    accept(*opened(), "p");
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "working.sqlite"));
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "journal.sqlite"));
    EXPECT_EQ(posts(*opened()), 0);
}

TEST_F(JournalOpeningTest, KeepsTheJournalOfALocalQueue) {
    accept(*opened(), "p");
    EXPECT_EQ(posts(*opened()), 1);
}

TEST_F(JournalOpeningTest, LeavesNoPostBehind) {
    const Acceptance post = accept(*opened(), "p");
    config_.queue.kind = "amqp";
    const auto refused = [&] {
        const auto store = open_journal_store(config_);
        return store ? std::string("opened") : store.error().to_string();
    };
    EXPECT_THAT(refused(), HasSubstr("still holds posts that are not in MySQL: start once with local"));
    const auto change = [&](const std::function<Status(JournalStore&)>& move) {
        config_.queue.kind = "local";
        const auto store = opened();
        ASSERT_TRUE(store->begin());
        ASSERT_TRUE(move(*store));
        ASSERT_TRUE(store->commit());
        config_.queue.kind = "amqp";
    };
    change([&](JournalStore& store) -> Status {
        const auto moved = store.set_picked(post.seq, post.revision, "pick", PostState::picked, 2);
        return moved ? ok_status() : Status(moved.error());
    });
    EXPECT_THAT(refused(), HasSubstr("queue.kind"));
    change([&](JournalStore& store) -> Status {
        const auto moved = store.set_delivered(post.seq, post.revision, 3);
        return moved ? ok_status() : Status(moved.error());
    });
    EXPECT_EQ(refused(), "opened");
}

TEST_F(JournalOpeningTest, ErasesWhatIsSettledAndNothingNewer) {
    config_.queue.kind = "amqp";
    const auto store = opened();
    const Acceptance picked = accept(*store, "picked");
    const Acceptance dead = accept(*store, "dead");
    const Acceptance waiting = accept(*store, "waiting");
    ASSERT_TRUE(store->begin());
    ASSERT_TRUE(store->set_picked(picked.seq, 1, "pick", PostState::picked, 2));
    ASSERT_TRUE(store->set_dead(dead.seq, 1, "dead", 2));
    EXPECT_FALSE(*store->erase_settled(picked.seq, 2));
    EXPECT_FALSE(*store->erase_settled(waiting.seq, 1));
    EXPECT_TRUE(*store->erase_settled(picked.seq, 1));
    EXPECT_TRUE(*store->erase_settled(dead.seq, 1));
    EXPECT_FALSE(*store->erase_settled(dead.seq, 1));
    ASSERT_TRUE(store->commit());
    EXPECT_EQ(posts(*store), 1);
    EXPECT_TRUE(*store->row(waiting.seq));
}

}  // namespace
}  // namespace bgm
