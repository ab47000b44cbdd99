// What listeners did is stored once, and what cannot be stored is named.
#include "daemon/store/feedback_table.hpp"

#include <gmock/gmock.h>

#include "tests/daemon/store/migrated_database.hpp"

namespace bgm {
namespace {

class FeedbackTableTest : public test::MigratedDatabase {};

TEST_F(FeedbackTableTest, FeedbackThatIsSentTwiceIsOneRow) {
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
    ASSERT_TRUE(FeedbackTable(connection_).insert(feedback));
    ASSERT_TRUE(FeedbackTable(connection_).insert(feedback));
    EXPECT_EQ(count("feedback", "feedback"), 2);
    EXPECT_THAT(
        first_row("SELECT user_id, post_id, track_id, action, happened_at FROM feedback WHERE tenant = "
                  "'feedback' AND action = 'LIKED'"),
        testing::ElementsAre("u", "p", "t-2 🎹", "LIKED", "2026-09-21 14:13:20.000005"));
    feedback[1].clear_action();
    const Status refused = FeedbackTable(connection_).insert(feedback);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field, "feedback[1].action");
}

}  // namespace
}  // namespace bgm
