// A catalogue that was listened to is matched by ear: what was heard is used as soon as it is in the table, a
// post with music of its own gets what sounds like it from the track's moment on, and an analysis that is of
// no use is counted and takes nothing away.
#include <gmock/gmock.h>

#include <fstream>

#include "tests/end_to_end/conversation.hpp"
#include "tests/workers/media_maker.hpp"

namespace bgm::test {
namespace {

using ::testing::HasSubstr;

class Matching : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        stack_ = std::make_unique<Stack>(Stack::Options{.settings = {"catalogue.refresh_ms=200"}});
        const auto songs = stack_->media_root() / "songs";
        std::filesystem::create_directories(songs);
        const auto catalogue = stack_->folder() / "heard.jsonl";
        std::ofstream lines(catalogue);
        for (const auto& [id, clip] : {std::pair{"quick", quick()}, {"slow", slow()}}) {
            std::ofstream(songs / (std::string(id) + ".mp3"), std::ios::binary) << clip;
            lines << Json{{"track_id", id},
                          {"title", id},
                          {"artist", id},
                          {"year", 1987},
                          {"uri", "file:songs/" + std::string(id) + ".mp3"},
                          {"moods", {{"calm", 1}}}}
                         .dump()
                  << '\n';
        }
        lines.close();
        const auto imported = stack_->bgmctl("catalogue import --replace '" + catalogue.string() + "'");
        ASSERT_EQ(imported.exit_code, 0) << imported.text;
        const auto analysed = stack_->bgmctl("catalogue analyse");
        ASSERT_EQ(analysed.exit_code, 0) << analysed.text;
    }
    static void TearDownTestSuite() { stack_.reset(); }

    static std::string quick() {
        return make_music_clip(
            {.tempo_bpm = 150, .brightness = 0.9, .seconds = 20, .format = AudioFormat::mp3});
    }
    static std::string slow() {
        return make_music_clip({.minor = true,
                                .tempo_bpm = 60,
                                .brightness = 0.1,
                                .staccato = false,
                                .seconds = 20,
                                .format = AudioFormat::mp3});
    }
    static bool uses(const std::string& use, int tracks) {
        return eventually([&] {
            return stack_->http_get("/metrics")
                       .body.find("bgmd_catalogue_analyses{use=\"" + use + "\"} " + std::to_string(tracks)) !=
                   std::string::npos;
        });
    }
    /// The reason of a track of a post.
    static Json reason(const std::string& post, const std::string& track) {
        const auto rows = stack_->sql("SELECT reason FROM pick_tracks WHERE post_id = '" + post +
                                      "' AND track_id = '" + track + "'");
        return rows.empty() ? Json::object() : Json::parse(rows.at(0).at(0));
    }

    static std::unique_ptr<Stack> stack_;
    Conversation client_{*stack_};
};
std::unique_ptr<Stack> Matching::stack_;

TEST_F(Matching, APostsOwnMusicFindsWhatSoundsLikeIt) {
    ASSERT_TRUE(uses("used", 2));
    stack_->sql("UPDATE track_analysis SET moment_ms = 7250, analysed_at = NOW(6) WHERE track_id = 'quick'");
    ASSERT_TRUE(eventually([&, n = 0]() mutable {
        const std::string id = "own-" + std::to_string(n++);
        client_.post({{"post_id", id}, {"assets", {{{"kind", "AUDIO"}, {"frame", 0}}}}}, {quick()});
        if (!wait_for_pick(*stack_, id)) return false;
        if (stack_->count("SELECT COALESCE(MAX(start_ms), 0) FROM pick_tracks WHERE track_id = 'quick'") !=
            7250)
            return false;
        EXPECT_GT(reason(id, "quick")["sound_match"].get<double>(), 0.9);
        EXPECT_LT(reason(id, "slow")["sound_match"].get<double>(),
                  reason(id, "quick")["sound_match"].get<double>());
        EXPECT_THAT(reason(id, "quick")["text"].get<std::string>(),
                    HasSubstr("sounding like the post's own music"));
        EXPECT_EQ(
            stack_->count("SELECT q.score > s.score FROM pick_tracks q JOIN pick_tracks s USING (post_id) "
                          "WHERE q.track_id = 'quick' AND s.track_id = 'slow' AND post_id = '" +
                          id + "'"),
            1);
        return true;
    }));
}

TEST_F(Matching, APostAsksForWhatItWants) {
    ASSERT_TRUE(uses("used", 2));
    const auto tracks_for = [&](const std::string& id, const Json& options) {
        client_.post({{"post_id", id}, {"text", "a calm evening by the sea"}, {"options", options}});
        EXPECT_TRUE(wait_for_pick(*stack_, id));
        return stack_->count("SELECT COUNT(*) FROM pick_tracks WHERE post_id = '" + id + "'");
    };
    EXPECT_EQ(tracks_for("era", {{"era", {{"from_year", 1980}, {"to_year", 1989}}}, {"arc", "RISE"}}), 2);
    EXPECT_EQ(tracks_for("later", {{"era", {{"from_year", 1988}}}}), 0);
    EXPECT_EQ(tracks_for("avoided", {{"avoid_moods", {"calm"}}}), 0);
    EXPECT_EQ(tracks_for("instrumental", {{"instrumental_only", true}}), 2);
    EXPECT_EQ(tracks_for("fast", {{"min_tempo", 999}}), 0) << "tempo was heard, not written";

    for (const auto& [options, field] :
         {std::pair{Json{{"avoid_moods", {"Calm"}}}, "options.avoid_moods[0]"},
          {Json{{"min_tempo", 120}, {"max_tempo", 60}}, "options.max_tempo"},
          {Json{{"era", {{"from_year", 2000}, {"to_year", 1999}}}}, "options.era.to_year"},
          {Json{{"arc", "UP"}}, "options.arc"},
          {Json{{"min_tempo", -1}}, "options.min_tempo"}}) {
        const PostAck ack = client_.post({{"post_id", "wrong"}, {"text", "calm"}, {"options", options}});
        EXPECT_EQ(ack.status, PostAck::Status::rejected) << options;
        EXPECT_EQ(ack.error_field, field);
        EXPECT_FALSE(ack.error_message.empty());
    }
}

TEST_F(Matching, AnAnalysisOfNoUseIsCountedAndTakesNothingAway) {
    ASSERT_TRUE(uses("used", 2));
    stack_->sql("UPDATE track_analysis SET model = 'another', analysed_at = NOW(6) WHERE track_id = 'slow'");
    EXPECT_TRUE(uses("other_model", 1));
    stack_->sql("UPDATE track_analysis SET embedding = x'00', analysed_at = NOW(6) WHERE track_id = 'quick'");
    EXPECT_TRUE(uses("other_space", 1));
    client_.post({{"post_id", "still"}, {"text", "a calm evening"}});
    ASSERT_TRUE(wait_for_pick(*stack_, "still"));
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM pick_tracks WHERE post_id = 'still'"), 2);
    const auto again = stack_->bgmctl("catalogue analyse --again");
    EXPECT_EQ(again.exit_code, 0) << again.text;
    EXPECT_TRUE(uses("other_model", 0));
    EXPECT_TRUE(uses("other_space", 0));
}

}  // namespace
}  // namespace bgm::test
