// What a user does with picks decides his next ones: an artist turned away stays away, nothing comes again,
// and the reason says so. A daemon that dies between feedback and learning counts it once; what is erased is
// gone.
#include <gmock/gmock.h>

#include <csignal>
#include <fstream>
#include <set>
#include <tuple>

#include "tests/end_to_end/conversation.hpp"

namespace bgm::test {
namespace {

using ::testing::HasSubstr;

class Taste : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        stack_ = std::make_unique<Stack>(Stack::Options{.settings = {"catalogue.refresh_ms=200"}});
        const auto file = stack_->folder() / "calm.jsonl";
        std::ofstream lines(file);
        for (int i = 0; i < 60; ++i)
            lines << Json{{"track_id", "t" + std::to_string(i)},
                          {"title", "Track " + std::to_string(i)},
                          {"artist", "Artist " + std::to_string(i % 10)},
                          {"genre", i % 2 == 0 ? "ambient" : "jazz"},
                          {"moods", {{"calm", 1}}}}
                         .dump()
                  << '\n';
        lines.close();
        const auto imported = stack_->bgmctl("catalogue import --replace '" + file.string() + "'");
        ASSERT_EQ(imported.exit_code, 0) << imported.text;
        ASSERT_TRUE(eventually([] {
            const std::string metrics = stack_->http_get("/metrics").body;
            const auto at = metrics.find("bgmd_catalogue_tracks{");
            return at != std::string::npos && metrics.substr(metrics.find('}', at)).starts_with("} 60\n");
        }));
    }
    static void TearDownTestSuite() { stack_.reset(); }

    std::vector<std::string> picks_for(const std::string& user, const std::string& id) {
        client_.post({{"post_id", id}, {"user_id", user}, {"text", "a calm evening by the sea"}});
        const auto pick = wait_for_pick(*stack_, id);
        EXPECT_TRUE(pick) << id;
        return pick ? pick->track_ids : std::vector<std::string>();
    }
    static int artist_of(const std::string& track) { return std::stoi(track.substr(1)) % 10; }
    static int react(const std::string& user, const std::string& post, const std::string& track,
                     const std::string& action) {
        return stack_
            ->bgmctl("feedback --user " + user + " --post " + post + " --track " + track + " --action " +
                     action)
            .exit_code;
    }
    static Json shown(const std::string& user) {
        const auto output = stack_->bgmctl("taste show --json " + user);
        return output.exit_code == 0 ? Json::parse(output.text) : Json::object();
    }
    static bool has_learnt(const std::string& user, int reactions) {
        return eventually([&] { return shown(user).value("reactions", 0) == reactions; });
    }

    static std::unique_ptr<Stack> stack_;
    Conversation client_{*stack_};
};
std::unique_ptr<Stack> Taste::stack_;

TEST_F(Taste, WhatIsTurnedAwayStaysAwayAndNothingComesAgain) {
    std::set<std::string> had;
    int skips = 0;
    int post = 0;
    const auto next = [&] {
        const std::string id = "away-" + std::to_string(post++);
        const auto tracks = picks_for("picky", id);
        for (const std::string& track : tracks)
            EXPECT_TRUE(had.insert(track).second) << track << " came again";
        return std::pair(id, tracks);
    };
    while (skips < 2 && post < 8) {
        const auto [id, tracks] = next();
        for (const std::string& track : tracks) {
            if (artist_of(track) == 3) skips += react("picky", id, track, "skipped") == 0 ? 1 : 0;
        }
    }
    ASSERT_EQ(skips, 2);
    ASSERT_TRUE(has_learnt("picky", 2));
    for (int more = 0; more < 2; ++more) {
        std::vector<std::string> tracks;
        Json reason;
        // A post whose listener is not read in time goes on without his taste.
        ASSERT_TRUE(eventually([&] {
            std::string id;
            std::tie(id, tracks) = next();
            reason =
                Json::parse(stack_->sql("SELECT reason FROM pick_tracks WHERE post_id = '" + id + "' LIMIT 1")
                                .at(0)
                                .at(0));
            return reason["taste_match"].get<double>() > 0;
        }));
        for (const std::string& track : tracks)
            EXPECT_NE(artist_of(track), 3);
        EXPECT_GT(reason["chance"].get<double>(), 0);
        EXPECT_THAT(reason["text"].get<std::string>(), HasSubstr("to the listener's taste by"));
    }
    const auto output = stack_->bgmctl("taste show picky");
    EXPECT_THAT(output.text, HasSubstr("Artist 3"));
    EXPECT_THAT(output.text, HasSubstr("turned away"));
}

TEST_F(Taste, OfOneOfWhomNothingIsKnownNothingIsSaid) {
    picks_for("stranger", "strange");
    EXPECT_EQ(stack_->count(
                  "SELECT COUNT(*) FROM pick_tracks WHERE post_id = 'strange' AND reason LIKE '%taste by%'"),
              0);
    EXPECT_EQ(stack_->bgmctl("taste show stranger").exit_code, 1);
    EXPECT_EQ(react("stranger", "strange", "no-such-track", "liked"), 2);
    EXPECT_EQ(react("stranger", "no-such-post", "t1", "liked"), 2);
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM feedback WHERE user_id = 'stranger'"), 0);
}

TEST_F(Taste, ADeathBetweenFeedbackAndLearningCountsItOnce) {
    const auto tracks = picks_for("mortal", "mortal-1");
    ASSERT_GE(tracks.size(), 2U);
    ASSERT_EQ(react("mortal", "mortal-1", tracks[0], "liked"), 0);
    ASSERT_TRUE(has_learnt("mortal", 1));
    // Marked as nobody has learnt from it while nobody learns, and one more.
    ASSERT_TRUE(stack_->signal("bgmd", SIGKILL));
    ASSERT_TRUE(eventually([] { return stack_->http_get("/healthz").code == 0; }));
    ASSERT_EQ(react("mortal", "mortal-1", tracks[1], "played"), 0);
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM feedback WHERE user_id = 'mortal' AND learnt = 0"), 1);
    stack_->up();
    ASSERT_TRUE(has_learnt("mortal", 2));
    // Told again, the same event is the same row, and teaches nothing more.
    stack_->sql(
        "INSERT INTO feedback (feedback_id, tenant, user_id, post_id, track_id, action, happened_at) SELECT "
        "feedback_id, tenant, user_id, post_id, track_id, action, happened_at FROM feedback WHERE user_id = "
        "'mortal' ON DUPLICATE KEY UPDATE happened_at = VALUES(happened_at)");
    ASSERT_EQ(react("mortal", "mortal-1", tracks[1], "skipped"), 0);
    ASSERT_TRUE(has_learnt("mortal", 3));

    const Json before = shown("mortal");
    const auto rebuilt = stack_->bgmctl("taste rebuild");
    EXPECT_EQ(rebuilt.exit_code, 0) << rebuilt.text;
    const Json after = shown("mortal");
    EXPECT_EQ(after["reactions"], before["reactions"]);
    ASSERT_EQ(after["artists"].size(), before["artists"].size());
    for (std::size_t i = 0; i < after["artists"].size(); ++i)
        EXPECT_NEAR(after["artists"][i]["leaning"].get<double>(),
                    before["artists"][i]["leaning"].get<double>(), 1e-3);

    EXPECT_EQ(stack_->bgmctl("erase --user mortal").exit_code, 0);
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM user_taste WHERE user_id = 'mortal'"), 0);
    EXPECT_EQ(stack_->bgmctl("taste show mortal").exit_code, 1);
    picks_for("mortal", "mortal-2");
    EXPECT_EQ(stack_->count(
                  "SELECT COUNT(*) FROM pick_tracks WHERE post_id = 'mortal-2' AND reason LIKE '%taste by%'"),
              0);
}

TEST(TasteWithoutMySql, IsOffAndSaysSo) {
    const Stack stack({.mysql = false, .folder_name = "tasteless"});
    const auto output = stack.bgmctl("taste show --json somebody");
    EXPECT_EQ(output.exit_code, 1);
    EXPECT_THAT(output.text, HasSubstr("unsupported"));
    EXPECT_THAT(stack.bgmctl("status --json").text, HasSubstr(R"("taste":{"listeners":0,"state":"off"})"));
}

}  // namespace
}  // namespace bgm::test
