// What a post may ask, and what it is spared: a post of death gets nothing that mocks it, a minor nothing
// explicit, a wish is read as what it asks for, and the moment has its share in the mood.
#include <gmock/gmock.h>

#include <fstream>

#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"

namespace bgm::test {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::SizeIs;

class Asking : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        stack_ = std::make_unique<Stack>(Stack::Options{.settings = {"matching.tenants=loud:guard=0"}});
        const auto catalogue = stack_->folder() / "loud.jsonl";
        std::ofstream lines(catalogue);
        const auto add = [&](const std::string& id, const Json& moods, const Json& more) {
            Json track{{"track_id", id}, {"title", id}, {"artist", id}, {"moods", moods}};
            track.update(more);
            lines << track.dump() << '\n';
        };
        for (int i = 0; i < 300; ++i)
            add("loud-" + std::to_string(i), {{"energizing", 0.8}, {"joyful", 0.2}},
                {{"explicit", i % 2 == 0},
                 {"genre", "rock"},
                 {"year", 1990 + i % 10},
                 {"language", "en"},
                 {"tempo_bpm", 140}});
        for (int i = 0; i < 3; ++i)
            add("calm-" + std::to_string(i), {{"calm", 0.7}, {"sad", 0.3}},
                {{"genre", "classical"}, {"tempo_bpm", 60}});
        lines.close();
        const auto imported = stack_->bgmctl("catalogue import --replace '" + catalogue.string() + "'");
        ASSERT_EQ(imported.exit_code, 0) << imported.text;
    }
    static void TearDownTestSuite() { stack_.reset(); }

    static Json column(const std::string& name, const std::string& post,
                       const std::string& tenant = "default") {
        const auto rows = stack_->sql("SELECT " + name + " FROM picks WHERE tenant = '" + tenant +
                                      "' AND post_id = '" + post + "'");
        return rows.empty() || rows.at(0).at(0) == "NULL" ? Json() : Json::parse(rows.at(0).at(0));
    }

    static std::unique_ptr<Stack> stack_;
    Conversation client_{*stack_};
};
std::unique_ptr<Stack> Asking::stack_;

TEST_F(Asking, APostOfDeathGetsNothingThatMocksItWhateverItsPhotoSays) {
    for (const std::string text :
         {"오늘 새벽 할머니께서 돌아가셨습니다", "My father passed away this morning"}) {
        for (int photos = 0; photos < 3; ++photos) {
            const std::string id = "grave-" + std::to_string(text.size()) + "-" + std::to_string(photos);
            Json post{{"post_id", id}, {"text", text}, {"assets", Json::array()}};
            Frames media;
            for (int i = 0; i < photos; ++i) {
                post["assets"].push_back({{"kind", "IMAGE"}, {"frame", i}});
                media.push_back(jpeg_photo());
            }
            client_.post(post, media);
            const auto pick = wait_for_pick(*stack_, id);
            ASSERT_TRUE(pick);
            EXPECT_THAT(pick->track_ids, SizeIs(3)) << "fewer than five: there is nothing else that fits";
            EXPECT_THAT(pick->track_ids, Each(HasSubstr("calm-")));
            EXPECT_THAT(column("facts", id).dump(), HasSubstr("speaks of death: no amusing, energizing"));
            EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM pick_tracks WHERE post_id = '" + id +
                                    "' AND reason LIKE '%The post speaks of death%'"),
                      3);
        }
    }
}

TEST_F(Asking, ATenantMayTurnTheGuardOffAndIdiomsNeverTurnItOn) {
    client_.post({{"post_id", "off"}, {"tenant", "loud"}, {"text", "RIP grandpa, killed in the war"}});
    ASSERT_TRUE(
        eventually([] { return stack_->count("SELECT COUNT(*) FROM picks WHERE post_id = 'off'") == 1; }));
    EXPECT_THAT(column("facts", "off", "loud").dump(), HasSubstr("\"speaks of death"));
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM pick_tracks WHERE post_id = 'off'"), 5);
    client_.post({{"post_id", "idiom"}, {"text", "죽을 만큼 웃겼다 ㅋㅋㅋ 신난다!"}});
    const auto idiom = wait_for_pick(*stack_, "idiom");
    ASSERT_TRUE(idiom);
    EXPECT_THAT(idiom->track_ids, Contains(HasSubstr("loud-")));
}

TEST_F(Asking, AMinorGetsNothingExplicit) {
    client_.post({{"post_id", "minor"},
                  {"text", "best party ever!!"},
                  {"user", {{"minor", true}}},
                  {"options", {{"tracks", 50}}}});
    ASSERT_TRUE(wait_for_pick(*stack_, "minor"));
    const std::string explicit_tracks =
        "SELECT COUNT(*) FROM pick_tracks JOIN tracks USING (track_id) WHERE explicit = 1 AND post_id = ";
    EXPECT_EQ(stack_->count(explicit_tracks + "'minor'"), 0);
    client_.post({{"post_id", "adult"}, {"text", "best party ever!!"}, {"options", {{"tracks", 50}}}});
    ASSERT_TRUE(wait_for_pick(*stack_, "adult"));
    EXPECT_GT(stack_->count(explicit_tracks + "'adult'"), 0);
}

TEST_F(Asking, AWishIsReadAsWhatItAsksFor) {
    const auto told =
        stack_->bgmctl("wish '90s rock for a road trip, not sad, with theremin' --id wish --json");
    ASSERT_EQ(told.exit_code, 0) << told.text;
    const Json pick = Json::parse(told.text)["pick"];
    EXPECT_THAT(pick["tracks"], SizeIs(5));
    EXPECT_EQ(pick["understood"]["options"]["era"], (Json{{"from_year", 1990}, {"to_year", 1999}}));
    EXPECT_THAT(pick["understood"]["options"]["avoid_moods"], testing::ElementsAre("sad"));
    EXPECT_THAT(pick["understood"]["unmet"], testing::ElementsAre("not understood: theremin"));
    EXPECT_EQ(pick["understood"]["context"]["activity"], "road trip");
    EXPECT_EQ(column("understood", "wish")["options"]["genres"][0], "rock");
    EXPECT_TRUE(column("understood", "adult").is_null());

    const auto shown = stack_->bgmctl("wish '잔잔한 노래 두 곡, 빠르지 않은'");
    EXPECT_EQ(shown.exit_code, 0) << shown.text;
    EXPECT_THAT(shown.text, AllOf(HasSubstr("understood  calm"), HasSubstr("up to 119"),
                                  HasSubstr("2 tracks"), HasSubstr("calm-")));
    EXPECT_THAT(shown.text, testing::Not(HasSubstr("loud-")));
    const auto stored = stack_->bgmctl("picks wish");
    EXPECT_THAT(stored.text, HasSubstr("not met     not understood: theremin"));
}

TEST_F(Asking, AWishThatIsTooLongIsAClearError) {
    const PostAck ack =
        client_.post({{"post_id", "long"}, {"kind", "WISH"}, {"text", std::string(65'536, 'x')}});
    EXPECT_EQ(ack.status, PostAck::Status::rejected);
    EXPECT_EQ(ack.error_code, "too_large");
    EXPECT_EQ(ack.error_field, "text");
    EXPECT_THAT(ack.error_message, HasSubstr("the limit of a wish, 2048"));
    const PostAck empty = client_.post(
        {{"post_id", "empty"}, {"kind", "WISH"}, {"assets", {{{"kind", "IMAGE"}, {"frame", 0}}}}},
        {jpeg_photo()});
    EXPECT_EQ(empty.error_field, "text");
    const PostAck other = client_.post({{"post_id", "other"}, {"kind", "ORDER"}, {"text", "x"}});
    EXPECT_EQ(other.status, PostAck::Status::rejected);
}

TEST_F(Asking, TheMomentHasItsShareLikeAnyOther) {
    client_.post({{"post_id", "moment"},
                  {"text", "오늘 하루도 정말 행복했다"},
                  {"created_at", "2023-11-20T09:00:00Z"},  // a Monday where it is 18 h
                  {"context",
                   {{"local_hour", 18}, {"weather", "맑음"}, {"place", "한강공원"}, {"activity", "산책"}}}});
    const auto pick = wait_for_pick(*stack_, "moment");
    ASSERT_TRUE(pick);
    EXPECT_GT(pick->modalities["context"].get<double>(), 0);
    EXPECT_LT(pick->modalities["context"].get<double>(), 0.4);
    EXPECT_THAT(column("facts", "moment").dump(), HasSubstr("in the evening, sunshine, in the open, a walk"));
    EXPECT_THAT(column("evidence", "moment").dump(), HasSubstr("\"modality\":\"context\""));
}

}  // namespace
}  // namespace bgm::test
