// What listeners did is stored once, and what cannot be stored is named.
#include "daemon/store/feedback_table.hpp"

#include <gmock/gmock.h>

#include "tests/daemon/store/migrated_database.hpp"

namespace bgm {
namespace {

constexpr std::int64_t kNowMs = 1'790'000'100'000;

class FeedbackTableTest : public test::MigratedDatabase {};

TEST_F(FeedbackTableTest, FeedbackThatIsSentTwiceIsOneRow) {
    ASSERT_TRUE(write({test::sample_pick("feedback", "p")}));
    std::vector<v1::Feedback> feedback(2);
    for (v1::Feedback& one : feedback) {
        one.set_tenant("feedback");
        one.set_user_id("u");
        one.set_post_id("p");
        one.set_track_id("t-2 🎹");
        one.set_action(v1::Feedback::SKIPPED);
        *one.mutable_happened_at() = test::time_of(1'790'000'000, 5);
    }
    feedback[1].set_action(v1::Feedback::LIKED);
    const auto stored = [&](const std::vector<v1::Feedback>& list) {
        const auto done = FeedbackTable(connection_).insert(list, kNowMs);
        EXPECT_TRUE(done) << done.error().to_string();
        return *done;
    };
    EXPECT_EQ(stored({feedback[0]}), 1U);
    EXPECT_EQ(stored(feedback), 1U) << "what is new";
    EXPECT_EQ(stored(feedback), 0U);
    EXPECT_EQ(stored({feedback[1], feedback[1]}), 0U);
    EXPECT_EQ(count("feedback", "feedback"), 2);
    EXPECT_THAT(
        first_row("SELECT user_id, post_id, track_id, action, happened_at FROM feedback WHERE tenant = "
                  "'feedback' AND action = 'LIKED'"),
        testing::ElementsAre("u", "p", "t-2 🎹", "LIKED", "2026-09-21 14:13:20.000005"));
    feedback[1].clear_action();
    const auto refused = [&] {
        const auto done = FeedbackTable(connection_).insert(feedback, kNowMs);
        return done ? "none" : done.error().field;
    };
    EXPECT_EQ(refused(), "feedback[1].action");
    // Whoever writes it down, a client of the gateway or a person with bgmctl.
    feedback[1] = feedback[0];
    feedback[1].set_user_id("two\nlines");
    EXPECT_EQ(refused(), "feedback[1].user_id");
    feedback[1] = feedback[0];
    feedback[1].set_post_id(" blank");
    EXPECT_EQ(refused(), "feedback[1].post_id");
    feedback[1] = feedback[0];
    feedback[1].clear_happened_at();
    EXPECT_EQ(refused(), "feedback[1].happened_at");
    EXPECT_EQ(count("feedback", "feedback"), 2);
}

// Idea: what cannot be is refused by name and takes what came with it along; what was taken once is taken
// again, whatever has become of the post.
TEST_F(FeedbackTableTest, WhatCannotBeIsRefused) {
    ASSERT_TRUE(write({test::sample_pick("picky", "p"), test::sample_pick("other", "q")}));
    v1::Feedback good;
    good.set_tenant("picky");
    good.set_user_id("u");
    good.set_post_id("p");
    good.set_track_id("t-1");
    good.set_action(v1::Feedback::LIKED);
    *good.mutable_happened_at() = test::time_of(1'790'000'000);
    const auto insert = [&](const v1::Feedback& second) {
        return FeedbackTable(connection_).insert(std::vector{good, second}, kNowMs);
    };
    v1::Feedback bad = good;
    bad.set_track_id("t-3");
    EXPECT_EQ(insert(bad).error().to_string(),
              "feedback[1].track_id: was not picked for this post (invalid_argument)");
    bad = good;
    bad.set_post_id("q");
    EXPECT_EQ(insert(bad).error().field, "feedback[1].post_id") << "another tenant's";
    bad = good;
    *bad.mutable_happened_at() = test::time_of(1'790'000'100 + 301);
    EXPECT_EQ(insert(bad).error().field, "feedback[1].happened_at");
    EXPECT_EQ(count("feedback", "picky"), 0);
    *bad.mutable_happened_at() = test::time_of(1'790'000'100 + 299);
    EXPECT_EQ(*insert(bad), 2U) << "clocks differ a little";
    execute("DELETE FROM pick_tracks WHERE tenant = 'picky'");
    EXPECT_EQ(*insert(bad), 0U);
    EXPECT_EQ(count("feedback", "picky"), 2);
}

}  // namespace
}  // namespace bgm
