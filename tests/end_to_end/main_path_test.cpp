// Posts of every kind go in; moods, tracks, degradations and dead letters come out in the database, as
// clients see them.
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

#include "fusion/mood/mood.hpp"
#include "ops/client/events_client.hpp"
#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/files_below.hpp"
#include "tests/end_to_end/media.hpp"

namespace bgm::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::SizeIs;
using testing::UnorderedElementsAre;

double sum(const Json& numbers) {
    double total = 0;
    for (const auto& number : numbers)
        total += number.get<double>();
    return total;
}

std::vector<std::string> keys(const Json& object) {
    std::vector<std::string> names;
    for (const auto& [key, value] : object.items()) {
        if (value.get<double>() > 0) names.push_back(key);
    }
    return names;
}

class MainPath : public testing::Test {
 protected:
    static void SetUpTestSuite() { stack_ = std::make_unique<Stack>(); }
    static void TearDownTestSuite() { stack_.reset(); }
    static std::unique_ptr<Stack> stack_;
    Conversation client_{*stack_};
};
std::unique_ptr<Stack> MainPath::stack_;

TEST_F(MainPath, TextGetsAMoodAndFiveDifferentTracks) {
    const PostAck ack =
        client_.post({{"post_id", "text"}, {"user_id", "u-1"}, {"text", "오늘 바다 너무 좋았다! 🌊"}});
    EXPECT_EQ(ack.status, PostAck::Status::accepted) << ack.error_message;
    EXPECT_EQ(ack.revision, 1U);

    const auto pick = wait_for_pick(*stack_, "text");
    ASSERT_TRUE(pick);
    EXPECT_TRUE(mood_from_name(pick->mood)) << pick->mood;
    EXPECT_THAT(pick->moods, SizeIs(13));
    EXPECT_NEAR(sum(pick->moods), 1, 1e-3);
    EXPECT_THAT(keys(pick->modalities), UnorderedElementsAre("text"));
    EXPECT_THAT(pick->degraded, SizeIs(0));
    EXPECT_THAT(std::set<std::string>(pick->track_ids.begin(), pick->track_ids.end()), SizeIs(5));
    EXPECT_EQ(
        stack_->count(
            "SELECT COUNT(*) FROM pick_tracks p JOIN tracks t USING (track_id) WHERE post_id = 'text' AND "
            "JSON_VALID(p.reason)"),
        5);
}

TEST_F(MainPath, EveryKindOfMediaIsUnderstood) {
    // Each alone, so that nothing else could have given the mood; and all at once, so that all of them count.
    const Frames media{jpeg_photo(), ogg_music(), mp4_video_with_sound()};
    const std::vector<std::string> kinds{"IMAGE", "AUDIO", "VIDEO"};
    Json mixed{{"post_id", "mixed"},
               {"text", "what a wonderful evening with all my friends"},
               {"assets", Json::array()}};
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        const Json asset{{"kind", kinds[i]}, {"frame", 0}};
        const PostAck ack = client_.post({{"post_id", "only-" + kinds[i]}, {"assets", {asset}}}, {media[i]});
        EXPECT_EQ(ack.status, PostAck::Status::accepted) << ack.error_field << ' ' << ack.error_message;
        mixed["assets"].push_back({{"kind", kinds[i]}, {"frame", i}});
    }
    EXPECT_EQ(client_.post(mixed, media).status, PostAck::Status::accepted);

    const auto image = wait_for_pick(*stack_, "only-IMAGE");
    ASSERT_TRUE(image);
    EXPECT_THAT(keys(image->modalities), UnorderedElementsAre("image"));
    const auto audio = wait_for_pick(*stack_, "only-AUDIO");
    ASSERT_TRUE(audio);
    EXPECT_THAT(keys(audio->modalities), UnorderedElementsAre("audio"));
    const auto video = wait_for_pick(*stack_, "only-VIDEO");
    ASSERT_TRUE(video);
    EXPECT_THAT(keys(video->modalities), UnorderedElementsAre("audio", "video"));
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM picks WHERE post_id IN ('only-AUDIO', 'only-VIDEO') AND "
                            "facts LIKE '%\"builtin-music-1\"%' AND facts LIKE '%\"music\"%'"),
              2)
        << "of both it is said that there is music";

    const auto all = wait_for_pick(*stack_, "mixed");
    ASSERT_TRUE(all);
    EXPECT_THAT(keys(all->modalities), UnorderedElementsAre("text", "image", "audio", "video"));
    EXPECT_NEAR(sum(all->modalities), 1, 1e-3);
    EXPECT_THAT(all->degraded, SizeIs(0));
}

TEST_F(MainPath, AnAnimationCountsAsAVideoWhateverItIsPostedAs) {
    for (const std::string& format : {std::string("gif"), std::string("webp")}) {
        for (const std::string& kind : {std::string("IMAGE"), std::string("VIDEO")}) {
            const std::string id = "moving-" + format + "-" + kind;
            const Json asset{{"kind", kind}, {"frame", 0}};
            const PostAck ack = client_.post({{"post_id", id}, {"assets", {asset}}},
                                             {format == "gif" ? moving_gif() : moving_webp()});
            EXPECT_EQ(ack.status, PostAck::Status::accepted) << ack.error_message;
            const auto pick = wait_for_pick(*stack_, id);
            ASSERT_TRUE(pick) << id;
            EXPECT_THAT(keys(pick->modalities), UnorderedElementsAre("video")) << id;
            EXPECT_THAT(pick->degraded, SizeIs(0)) << id;
        }
    }
}

TEST_F(MainPath, ABrokenImageDegradesThePostButDoesNotFailIt) {
    client_.post({{"post_id", "half"},
                  {"text", "so happy today"},
                  {"assets", {{{"asset_id", "cover"}, {"kind", "IMAGE"}, {"frame", 0}}}}},
                 {zip_archive()});
    const auto pick = wait_for_pick(*stack_, "half");
    ASSERT_TRUE(pick);
    EXPECT_THAT(keys(pick->modalities), UnorderedElementsAre("text"));
    ASSERT_THAT(pick->degraded, SizeIs(1));
    EXPECT_EQ(pick->degraded[0]["asset_id"], "cover");
    EXPECT_EQ(pick->degraded[0]["modality"], "image");
    EXPECT_THAT(pick->degraded[0]["code"].get<std::string>(), AnyOf("unsupported", "corrupt"));
}

TEST_F(MainPath, APostWithNothingUsableIsADeadLetterThatSaysWhy) {
    client_.post({{"post_id", "dead"}, {"user_id", "u-🎧"}, {"assets", {{{"kind", "IMAGE"}, {"frame", 0}}}}},
                 {zip_archive()});
    const auto dead = wait_for_death(*stack_, "dead");
    ASSERT_TRUE(dead);
    EXPECT_THAT(dead->code, AnyOf("unsupported", "corrupt"));
    EXPECT_FALSE(dead->message.empty());
    EXPECT_EQ(dead->post["user_id"], "u-🎧");
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM picks WHERE post_id = 'dead'"), 0);
}

TEST_F(MainPath, TheSamePostAgainIsADuplicateAndAnotherContentReplacesThePick) {
    Json post{{"post_id", "edited"}, {"text", "I am so sad, I have been crying all day"}};
    EXPECT_EQ(client_.post(post).status, PostAck::Status::accepted);
    const auto first = wait_for_pick(*stack_, "edited");
    ASSERT_TRUE(first);
    const PostAck again = client_.post(post);
    EXPECT_EQ(again.status, PostAck::Status::duplicate);
    EXPECT_EQ(again.revision, 1U);

    post["text"] = "Best day of my life!!! We won, I am so happy and proud 🎉";
    post["options"] = {{"tracks", 2}};
    const PostAck edited = client_.post(post);
    EXPECT_EQ(edited.status, PostAck::Status::accepted);
    EXPECT_EQ(edited.revision, 2U);
    const auto second = wait_for_pick(*stack_, "edited", 2);
    ASSERT_TRUE(second);
    EXPECT_GT(second->valence, first->valence);
    EXPECT_THAT(second->track_ids, SizeIs(2)) << "tracks of the old pick must go";
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM picks WHERE post_id = 'edited'"), 1);
}

TEST_F(MainPath, ADeadPostThatIsRepairedLeavesTheDeadLetters) {
    Json post{{"post_id", "repaired"}, {"assets", {{{"kind", "IMAGE"}, {"frame", 0}}}}};
    client_.post(post, {zip_archive()});
    ASSERT_TRUE(wait_for_death(*stack_, "repaired"));
    EXPECT_EQ(client_.post(post, {jpeg_photo()}).revision, 2U);
    ASSERT_TRUE(wait_for_pick(*stack_, "repaired", 2));
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM dead_posts WHERE post_id = 'repaired'"), 0);
}

TEST_F(MainPath, AnEventTellsOfThePick) {
    auto events = EventsClient::connect(stack_->env("BGMD_EVENTS"), "default", std::chrono::seconds(10));
    ASSERT_TRUE(events) << events.error().to_string();
    client_.post({{"post_id", "with-event"}, {"text", "good morning sunshine"}});
    std::optional<v1::Pick> pick;
    ASSERT_TRUE(eventually([&] {
        auto event = events->receive(std::chrono::seconds(1));
        if (event && *event && (*event)->pick && (*event)->post_id() == "with-event") pick = (*event)->pick;
        return pick.has_value();
    }));
    EXPECT_EQ(pick->tracks_size(), 5);
    EXPECT_FALSE(pick->tracks(0).title().empty());
    EXPECT_FALSE(pick->tracks(0).reason().text().empty());
    // The event never runs ahead of the database.
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM picks WHERE post_id = 'with-event'"), 1);
}

TEST_F(MainPath, BothFramingsAndBothEncodingsAreUnderstood) {
    // REQ puts an empty frame before the header, DEALER does not.
    const Json post{{"post_id", "as-req"}, {"text", "hello there"}};
    const auto as_req = client_.say({"", "BGM1/json", post.dump()});
    ASSERT_TRUE(as_req);
    EXPECT_EQ(as_req->status, PostAck::Status::accepted);

    v1::Post message;
    message.set_post_id("as-protobuf");
    message.set_text("hello there");
    const auto as_protobuf = client_.say({"BGM1/protobuf", message.SerializeAsString()});
    ASSERT_TRUE(as_protobuf);
    EXPECT_EQ(as_protobuf->status, PostAck::Status::accepted);
    EXPECT_EQ(as_protobuf->post_id, "as-protobuf");
    const auto camel = client_.say(
        {"BGM1/json", R"({"postId": "camel", "text": "hello", "createdAt": "2026-11-20T09:00:00Z"})"});
    ASSERT_TRUE(camel);
    EXPECT_EQ(camel->post_id, "camel");
    for (const char* id : {"as-req", "as-protobuf", "camel"})
        EXPECT_TRUE(wait_for_pick(*stack_, id)) << id;
}

TEST_F(MainPath, AFileBelowTheMediaRootIsRead) {
    std::filesystem::create_directories(stack_->media_root() / "clips");
    std::ofstream(stack_->media_root() / "clips" / "sea.jpg", std::ios::binary) << jpeg_photo();
    client_.post({{"post_id", "by-uri"}, {"assets", {{{"kind", "IMAGE"}, {"uri", "file:clips/sea.jpg"}}}}});
    const auto pick = wait_for_pick(*stack_, "by-uri");
    ASSERT_TRUE(pick);
    EXPECT_THAT(keys(pick->modalities), UnorderedElementsAre("image"));
}

TEST_F(MainPath, OptionsLimitTheTracks) {
    const auto some_genre =
        stack_->sql("SELECT genre FROM tracks GROUP BY genre ORDER BY COUNT(*) DESC LIMIT 1").at(0).at(0);
    client_.post({{"post_id", "options"},
                  {"text", "a calm evening"},
                  {"options", {{"tracks", 3}, {"genres", {some_genre}}, {"max_duration_ms", 600000}}}});
    const auto pick = wait_for_pick(*stack_, "options");
    ASSERT_TRUE(pick);
    EXPECT_THAT(pick->track_ids, SizeIs(3));
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM pick_tracks JOIN tracks USING (track_id) WHERE post_id = "
                            "'options' AND genre = '" +
                            some_genre + "' AND duration_ms <= 600000"),
              3);
}

TEST_F(MainPath, NoMediaStaysBehindOnceThePickIsMade) {
    // Privacy: inline media lies on the disk only until the post is picked. Dead letters keep theirs, for a
    // retry.
    const auto files = [] { return files_below(stack_->folder() / "data" / "media"); };
    const auto before = files();
    client_.post({{"post_id", "private"}, {"assets", {{{"kind", "IMAGE"}, {"frame", 0}}}}}, {jpeg_photo()});
    ASSERT_TRUE(wait_for_pick(*stack_, "private"));
    EXPECT_TRUE(eventually([&] { return files() == before; }));
}

// The code block of that language in the README, written to a file beside a photo that it may want to send.
std::filesystem::path readme_example(const Stack& stack, const std::string& language,
                                     const std::string& name) {
    std::stringstream readme;
    readme << std::ifstream(std::string(BGM_SOURCE_DIR) + "/README.md").rdbuf();
    const std::string text = readme.str();
    const auto begin = text.find("```" + language + "\n") + 4 + language.size();
    std::filesystem::path folder = stack.folder() / "readme";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "sea.jpg", std::ios::binary) << jpeg_photo();
    std::ofstream(folder / name) << text.substr(begin, text.find("```", begin) - begin);
    return folder;
}

int run_in(const std::filesystem::path& folder, const std::string& command) {
    return std::system(("cd '" + folder.string() + "' && " + command).c_str());
}

TEST_F(MainPath, TheExamplesOfTheReadmeWork) {
    ::setenv("BGMD_POSTS", stack_->env("BGMD_POSTS").c_str(), 1);
    EXPECT_EQ(run_in(readme_example(*stack_, "python", "post.py"), "timeout 30 /usr/bin/python3 post.py"), 0);
    EXPECT_EQ(run_in(readme_example(*stack_, "cpp", "post.cpp"),
                     "g++ -std=c++20 post.cpp -lzmq -o post && timeout 30 ./post"),
              0);
    EXPECT_TRUE(wait_for_pick(*stack_, "p-1"));
    EXPECT_TRUE(wait_for_pick(*stack_, "p-2"));
}

TEST_F(MainPath, WorkersKnowNoSecrets) {
    // They decode what strangers send; the database's password must not lie in their environment.
    for (const auto& [name, pid] : stack_->processes()) {
        if (!name.starts_with("worker-")) continue;
        std::stringstream environment;
        environment << std::ifstream("/proc/" + std::to_string(pid) + "/environ").rdbuf();
        EXPECT_EQ(environment.str().find(stack_->env("BGMD_MYSQL_PASSWORD")), std::string::npos) << name;
    }
}

TEST_F(MainPath, HealthAndMetricsTellWhatHappened) {
    EXPECT_EQ(stack_->http_get("/healthz").code, 200);
    EXPECT_EQ(stack_->http_get("/readyz").code, 200);
    const auto metrics = stack_->http_get("/metrics");
    EXPECT_EQ(metrics.code, 200);
    EXPECT_THAT(metrics.body, HasSubstr("# HELP bgmd_"));
    EXPECT_EQ(stack_->http_get("/nothing").code, 404);
}

}  // namespace
}  // namespace bgm::test
