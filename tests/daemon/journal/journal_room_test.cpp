// The room of the journal's file: what gives way when it is full, when the disk fills up, and when less of it
// is allowed than before.
#include "daemon/journal/journal_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/journal/journal_store_fixture.hpp"

namespace bgm {
namespace {

using testing::new_post;

using JournalStoreTest = testing::JournalStoreFixture;

TEST_F(JournalStoreTest, SaysThatItIsFullAndGoesOnWhenThereIsRoom) {
    reopen(64 * 4096);
    NewPost large = new_post("large");
    large.post.assign(150'000, 'x');
    const auto seq = accept(large).seq;
    commit();
    large.post_id = "too much";
    const auto refused = store_->accept(large, 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::resource_exhausted);
    store_->rollback();
    ASSERT_TRUE(store_->begin());
    ASSERT_TRUE(store_->erase(seq));
    commit();
    EXPECT_TRUE(store_->accept(large, 1));
    expect_exact_counts();
}

// Or a journal would remember a tenth of what its size promises.
TEST_F(JournalStoreTest, GivesTheRoomOfAPickBackWhenItIsDelivered) {
    constexpr std::int64_t kPosts = 5000;
    commit();
    const std::int64_t empty = store_->counts().used_bytes;
    for (int i = 0; i < kPosts; i += 50) {
        std::vector<std::int64_t> seqs;
        for (int j = i; j < i + 50; ++j) {
            NewPost post = new_post("post number " + std::to_string(j), std::string(32, 'h'));
            post.post.assign(300, 'x');
            seqs.push_back(accept(post).seq);
        }
        for (const std::int64_t seq : seqs)
            ASSERT_TRUE(*store_->set_picked(seq, 1, std::string(1500, 'p'), PostState::picked, i));
        commit();
        for (const std::int64_t seq : seqs)
            ASSERT_TRUE(*store_->set_delivered(seq, 1, i));
        commit();
    }
    EXPECT_LT((store_->counts().used_bytes - empty) / kPosts, 300);
    expect_exact_counts();
}

// Posts without end in a small journal: what is delivered gives way, the oldest first, and nothing else does.
TEST_F(JournalStoreTest, ForgetsTheOldestDeliveredPostsForRoom) {
    constexpr std::int64_t kRoom = 1 << 20;
    reopen(2 * kRoom, kRoom);
    const auto waits = post_in(PostState::accepted, "waits");
    const auto picked = post_in(PostState::picked, "picked");
    const auto dead = post_in(PostState::dead, "dead");
    constexpr int kPosts = 20'000;
    for (int i = 0; i < kPosts; ++i) {
        const auto seq = accept(new_post("p" + std::to_string(i)), i).seq;
        ASSERT_TRUE(*store_->set_picked(seq, 1, "pick", PostState::picked, i));
        ASSERT_TRUE(*store_->set_delivered(seq, 1, i));
        if (i % 100 != 0) continue;
        commit();
        ASSERT_LT(store_->counts().used_bytes, kRoom);
    }
    commit();
    const std::int64_t remembered =
        store_->counts().by_state.at(static_cast<std::size_t>(PostState::delivered));
    EXPECT_GT(remembered, 1000);
    EXPECT_EQ(store_->counts().forgotten_for_room, kPosts - remembered);
    EXPECT_GT(store_->counts().used_bytes, kRoom / 2) << "no more is forgotten than must be";
    EXPECT_FALSE(store_->find("t", "p" + std::to_string(kPosts - remembered - 1))->has_value());
    EXPECT_TRUE(store_->find("t", "p" + std::to_string(kPosts - remembered))->has_value());
    for (const auto seq : {waits, picked, dead})
        EXPECT_TRUE(store_->row(seq)->has_value());
    const Acceptance again = accept(new_post("p0"));
    EXPECT_FALSE(again.duplicate) << "what was forgotten is new";
    EXPECT_EQ(again.revision, 1U);
    expect_exact_counts();
}

// A full disk would refuse every post, although the file is full of what gives way.
TEST_F(JournalStoreTest, ForgetsDeliveredPostsWhereTheDiskFillsUp) {
    reopen(std::int64_t{1} << 36, std::int64_t{1} << 35);
    for (int i = 0; i < 10'000; ++i)
        post_in(PostState::delivered, "p" + std::to_string(i));
    ASSERT_TRUE(store_->refresh_counts(1, std::int64_t{1} << 32));
    commit();
    const std::int64_t before = store_->counts().used_bytes;
    EXPECT_EQ(store_->counts().forgotten_for_room, 0) << "there is enough";
    for (int second = 0; second < 10; ++second) {
        ASSERT_TRUE(store_->refresh_counts(1, 0));
        commit();
    }
    EXPECT_GT(store_->counts().forgotten_for_room, 0);
    EXPECT_LT(store_->counts().used_bytes, before * 7 / 8 + 4096);
    EXPECT_GT(store_->counts().used_bytes, before / 2) << "no more is forgotten than must be";
    EXPECT_TRUE(store_->find("t", "p9999")->has_value());
    EXPECT_FALSE(store_->find("t", "p0")->has_value());
    ASSERT_TRUE(store_->refresh_counts(1, std::int64_t{1} << 32));
    const std::int64_t forgotten = store_->counts().forgotten_for_room;
    commit();
    EXPECT_EQ(store_->counts().forgotten_for_room, forgotten);
    expect_exact_counts();
}

// What waits cannot give way: then there is no more room, and nothing left to forget.
TEST_F(JournalStoreTest, SaysWhetherItIsMakingRoom) {
    constexpr std::int64_t kRoom = 1 << 20;
    reopen(4 * kRoom, kRoom);
    post_in(PostState::delivered, "delivered");
    NewPost large = new_post("large");
    large.post.assign(2 * kRoom, 'x');
    accept(large);
    commit();
    EXPECT_FALSE(store_->find("t", "delivered")->has_value());
    EXPECT_GT(store_->counts().used_bytes, kRoom);
    EXPECT_FALSE(store_->counts().making_room);
}

TEST_F(JournalStoreTest, GivesWayByAndByWhereItsRoomHasBecomeSmaller) {
    for (int i = 0; i < 20'000; ++i)
        post_in(PostState::delivered, "p" + std::to_string(i));
    commit();
    const std::int64_t before = store_->counts().used_bytes;
    constexpr std::int64_t kRoom = 1 << 19;
    ASSERT_GT(before, 2 * kRoom);
    reopen(kRoom + kRoom / 8, kRoom);
    commit();
    EXPECT_TRUE(store_->counts().making_room) << "no reason to send clients away";
    EXPECT_GT(store_->counts().used_bytes, kRoom);
    while (store_->counts().making_room) {
        const std::int64_t used = store_->counts().used_bytes;
        accept(new_post("n" + std::to_string(used)));
        commit();
        ASSERT_LT(store_->counts().used_bytes, used);
    }
    EXPECT_LT(store_->counts().used_bytes, kRoom);
    EXPECT_TRUE(store_->find("t", "p19999")->has_value());
    expect_exact_counts();
}

}  // namespace
}  // namespace bgm
