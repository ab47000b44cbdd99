// What is erased: everything about one post, or about one user, and nothing else; a second time there is
// nothing left.
#include "daemon/store/erasure.hpp"

#include <gmock/gmock.h>

#include "daemon/store/feedback_table.hpp"
#include "schemas/pick_seeds.hpp"
#include "tests/daemon/store/migrated_database.hpp"

namespace bgm {
namespace {

using ::testing::UnorderedElementsAre;

class ErasureTest : public test::MigratedDatabase {
 protected:
    void SetUp() override {
        MigratedDatabase::SetUp();
        v1::Pick of_user = test::sample_pick("t", "p1");
        of_user.set_user_id("leaver");
        v1::Pick of_other = test::sample_pick("t", "p2");
        of_other.set_user_id("Leaver");  // not the same user
        v1::Pick elsewhere = of_user;
        elsewhere.set_tenant("other");
        v1::DeadLetter dead = test::sample_dead("t", "p3");
        dead.mutable_post()->set_user_id("leaver");
        v1::Seeds seeds;
        for (int place = 1; place <= 2; ++place) {
            v1::Seed& seed = *seeds.add_seeds();
            seed.set_place(static_cast<std::uint32_t>(place));
            seed.set_model("photo-1");
        }
        for (v1::Pick* pick : {&of_user, &of_other, &elsewhere})
            add_seeds(*pick, seeds);
        ASSERT_TRUE(write({of_user, of_other, elsewhere}, {dead, test::sample_dead("t", "p4")}));
        std::vector<v1::Feedback> feedback(3);
        for (std::size_t at = 0; at < feedback.size(); ++at) {
            feedback[at].set_tenant("t");
            feedback[at].set_user_id(at == 0 ? "leaver" : "listener");
            feedback[at].set_post_id(at == 1 ? "p1" : "p2");
            feedback[at].set_track_id("t-1");
            feedback[at].set_action(v1::Feedback::LIKED);
            *feedback[at].mutable_happened_at() = test::time_of(1'790'000'000);
        }
        for (const char* whose : {"('t', 'leaver', 'x')", "('t', 'Leaver', 'x')", "('other', 'leaver', 'x')"})
            execute("INSERT INTO user_taste (tenant, user_id, taste) VALUES " + std::string(whose));
        ASSERT_TRUE(FeedbackTable(connection_).insert(feedback, 1'790'000'000'000));
    }
    void TearDown() override {
        for (const char* table :
             {"picks", "pick_tracks", "dead_posts", "feedback", "user_taste", "mood_seeds"})
            execute("DELETE FROM " + std::string(table));
    }
};

TEST_F(ErasureTest, TakesAllOfAUser) {
    const auto erased = erase_rows(connection_, {.tenant = "t", .user_id = "leaver"});
    ASSERT_TRUE(erased) << erased.error().to_string();
    EXPECT_THAT(erased->post_ids, UnorderedElementsAre("p1", "p3"));
    EXPECT_EQ(erased->picks, 1U);
    EXPECT_EQ(erased->pick_tracks, 2U);
    EXPECT_EQ(erased->dead_posts, 1U);
    EXPECT_EQ(erased->feedback, 2U) << "what the user did, and what others did with the user's posts";
    EXPECT_EQ(count("picks", "t"), 1);
    EXPECT_EQ(count("pick_tracks", "t"), 2);
    EXPECT_EQ(count("dead_posts", "t"), 1);
    EXPECT_EQ(count("feedback", "t"), 1);
    EXPECT_EQ(count("picks", "other"), 1);
    EXPECT_EQ(erased->tastes, 1U);
    EXPECT_EQ(count("user_taste", "t"), 1);
    EXPECT_EQ(count("user_taste", "other"), 1);
    EXPECT_EQ(erased->seeds, 2U);
    EXPECT_EQ(count("mood_seeds", "t"), 2);
    EXPECT_EQ(count("mood_seeds", "other"), 2);

    const auto again = erase_rows(connection_, {.tenant = "t", .user_id = "leaver"});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->picks + again->pick_tracks + again->dead_posts + again->feedback, 0U);
}

TEST_F(ErasureTest, TakesOnePost) {
    const auto erased = erase_rows(connection_, {.tenant = "t", .post_id = "p2"});
    ASSERT_TRUE(erased) << erased.error().to_string();
    EXPECT_THAT(erased->post_ids, UnorderedElementsAre("p2"));
    EXPECT_EQ(erased->picks, 1U);
    EXPECT_EQ(erased->feedback, 2U);
    EXPECT_EQ(erased->seeds, 2U);
    EXPECT_EQ(count("mood_seeds", "t"), 2);
    EXPECT_EQ(count("picks", "t"), 1);
    EXPECT_EQ(count("dead_posts", "t"), 2);
    ASSERT_TRUE(erase_rows(connection_, {.tenant = "t", .post_id = "p3"}));
    EXPECT_EQ(count("dead_posts", "t"), 1);
}

}  // namespace
}  // namespace bgm
