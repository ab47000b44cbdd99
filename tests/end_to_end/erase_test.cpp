// A user asks to be forgotten: what every part of the system holds goes, what others posted stays.
#include <gtest/gtest.h>

#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"

namespace bgm::test {
namespace {

class Erase : public testing::Test {
 protected:
    static void SetUpTestSuite() { stack_ = std::make_unique<Stack>(); }
    static void TearDownTestSuite() { stack_.reset(); }

    void post(const std::string& post_id, const std::string& user_id, const std::string& tenant = "default") {
        const auto ack = client_.post({{"post_id", post_id},
                                       {"user_id", user_id},
                                       {"tenant", tenant},
                                       {"text", "what a lovely evening at the sea"}});
        ASSERT_EQ(ack.status, PostAck::Status::accepted) << ack.error_message;
    }
    void delivered(const std::string& post_id) { ASSERT_TRUE(wait_for_pick(*stack_, post_id)) << post_id; }
    // Rows of one post in every table.
    static long rows(const std::string& post_id) {
        long all = 0;
        for (const char* table : {"picks", "pick_tracks", "dead_posts", "feedback"})
            all += stack_->count("SELECT COUNT(*) FROM " + std::string(table) + " WHERE post_id = '" +
                                 post_id + "'");
        return all;
    }
    static std::string track_of(const std::string& post_id) {
        return stack_
            ->sql("SELECT MIN(track_id) FROM pick_tracks WHERE tenant = 'default' AND post_id = '" + post_id +
                  "'")
            .at(0)
            .at(0);
    }
    static bool known(const std::string& post_id) {
        return stack_->bgmctl("picks " + post_id).exit_code == 0;
    }

    static std::unique_ptr<Stack> stack_;
    Conversation client_{*stack_};
};
std::unique_ptr<Stack> Erase::stack_;

TEST_F(Erase, OfAUserTakesAllTheirPostsAndNothingElse) {
    post("e-1", "leaver");
    post("e-2", "leaver");
    post("e-3", "stayer");
    client_.post({{"post_id", "e-4"}, {"user_id", "leaver"}, {"assets", {{{"kind", "IMAGE"}, {"frame", 0}}}}},
                 {"no image"});
    for (const char* id : {"e-1", "e-2", "e-3"})
        delivered(id);
    ASSERT_TRUE(wait_for_death(*stack_, "e-4"));
    const auto react = [&](const std::string& post_id, const std::string& how) {
        EXPECT_EQ(stack_
                      ->bgmctl("feedback --post " + post_id + " --track '" + track_of(post_id) +
                               "' --action " + how)
                      .exit_code,
                  0);
    };
    react("e-1", "liked --user stayer");
    react("e-3", "skipped --user leaver");
    react("e-3", "liked --user stayer");
    const auto tastes = [&](const std::string& user) {
        return stack_->count("SELECT COUNT(*) FROM user_taste WHERE user_id = '" + user + "'");
    };
    ASSERT_TRUE(eventually([&] { return tastes("leaver") == 1 && tastes("stayer") == 1; }));
    const long kept = rows("e-3");

    const auto output = stack_->bgmctl("erase --user leaver");
    EXPECT_EQ(output.exit_code, 0) << output.text;
    for (const char* said :
         {"erased 3 posts in the journal", "erased 2 picks", "erased 10 picked tracks",
          "erased 1 dead letter\n", "erased 2 listeners' reactions", "erased 1 learnt taste\n"}) {
        EXPECT_NE(output.text.find(said), std::string::npos) << said << "\n" << output.text;
    }
    for (const char* id : {"e-1", "e-2", "e-4"}) {
        EXPECT_EQ(rows(id), 0) << id;
        EXPECT_FALSE(known(id)) << id;
    }
    EXPECT_EQ(rows("e-3"), kept - 1) << "only the leaver's reaction went";
    EXPECT_EQ(tastes("leaver"), 0);
    EXPECT_EQ(tastes("stayer"), 1);
    EXPECT_EQ(stack_->bgmctl("taste show leaver").exit_code, 1);
    EXPECT_TRUE(known("e-3"));
    EXPECT_EQ(stack_->bgmctl("erase --user leaver").text, "nothing is held about it\n");
}

TEST_F(Erase, OfAPostLeavesTheUsersOthers) {
    post("f-1", "poster");
    post("f-2", "poster");
    post("f-1", "poster", "shop");
    delivered("f-1");
    delivered("f-2");
    ASSERT_TRUE(eventually([&] {
        return stack_->count("SELECT COUNT(*) FROM picks WHERE post_id = 'f-1' AND tenant = 'shop'") == 1;
    }));
    EXPECT_EQ(stack_->bgmctl("erase --post f-1").exit_code, 0);
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM picks WHERE post_id = 'f-1'"), 1) << "the other tenant's";
    EXPECT_GT(rows("f-2"), 0);
}

// What has not reached MySQL when the order comes never does.
TEST_F(Erase, OfPostsThatAreStillOnTheirWay) {
    for (int i = 0; i < 200; ++i)
        post("g-" + std::to_string(i), "hasty");
    EXPECT_EQ(stack_->bgmctl("erase --user hasty").exit_code, 0);
    post("g-last", "other");
    delivered("g-last");
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM picks WHERE user_id = 'hasty'"), 0);
    EXPECT_EQ(stack_->bgmctl("erase --user hasty").text, "nothing is held about it\n");
}

TEST_F(Erase, AsksForOneOfTheTwo) {
    EXPECT_EQ(stack_->bgmctl("erase").exit_code, 2);
    EXPECT_EQ(stack_->bgmctl("erase --user a --post b").exit_code, 2);
}

}  // namespace
}  // namespace bgm::test
