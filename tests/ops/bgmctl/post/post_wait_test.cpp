// One post to its pick: by the event, by the admin socket where the event was missed, through BUSY and lost
// connections, and never longer than it was told to wait.
#include "ops/bgmctl/post/post_wait.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "ops/client/daemon_json.hpp"
#include "tests/ops/bgmctl/stand_in_daemon.hpp"

namespace bgm {
namespace {

using std::chrono::milliseconds;

class PostWait : public testing::Test {
 protected:
    PostWait() {
        context_.settings.posts = daemon_.posts_endpoint();
        context_.settings.events = daemon_.events_endpoint();
        context_.settings.admin = daemon_.admin_endpoint();
        context_.out = &out_;
        context_.err = &out_;
        draft_.post.set_post_id("p-1");
        draft_.post.set_tenant("shop");
        draft_.post.set_text("바다");
    }

    v1::Pick pick(const std::string& mood, std::uint32_t revision = 1) {
        v1::Pick made;
        made.set_tenant("shop");
        made.set_post_id("p-1");
        made.set_revision(revision);
        made.set_mood(mood);
        return made;
    }

    std::ostringstream out_;
    BgmctlContext context_;
    StandInDaemon daemon_;
    PostDraft draft_;
};

TEST_F(PostWait, TheEventBringsThePick) {
    // The event is published before the ack is sent: the fastest that a daemon can be.
    daemon_.on_post = [this](const StandInDaemon::ReceivedPost& received) {
        daemon_.publish(pick("calm"));
        return StandInDaemon::accepted(received.post.post_id());
    };
    daemon_.start();
    const auto outcome = send_post(context_, draft_, true, milliseconds(20'000));
    ASSERT_TRUE(outcome) << outcome.error().to_string();
    ASSERT_TRUE(outcome->pick);
    EXPECT_EQ(outcome->pick->mood(), "calm") << "whoever asks is told of no pick";
}

TEST_F(PostWait, EventsOfOtherPostsTenantsAndRevisionsAreNotTakenForIt) {
    daemon_.on_post = [this](const StandInDaemon::ReceivedPost& received) {
        v1::Pick other_post = pick("sad", 2);
        other_post.set_post_id("p-2");
        v1::Pick other_tenant = pick("sad", 2);
        other_tenant.set_tenant("shop2");
        daemon_.publish(other_post);
        daemon_.publish(other_tenant);
        daemon_.publish(pick("sad", 1));
        daemon_.publish(pick("joyful", 2));
        return StandInDaemon::accepted(received.post.post_id(), 2);
    };
    daemon_.start();
    const auto outcome = send_post(context_, draft_, true, milliseconds(20'000));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->pick->mood(), "joyful");
}

TEST_F(PostWait, AMissedEventIsMadeUpForByTheAdminSocket) {
    daemon_.on_admin = [this](const nlohmann::json& question) {
        EXPECT_EQ(question.at("op"), "pick");
        EXPECT_EQ(question.at("tenant"), "shop");
        // First it is still being analysed; asking once is not enough.
        if (daemon_.questions < 2) return nlohmann::json{{"state", "analysing"}, {"revision", 1}};
        return nlohmann::json{{"state", "delivered"},
                              {"revision", 1},
                              {"pick", nlohmann::json::parse(to_json(pick("dreamy")))}};
    };
    daemon_.start();
    const auto outcome = send_post(context_, draft_, true, milliseconds(20'000));
    ASSERT_TRUE(outcome) << outcome.error().to_string();
    ASSERT_TRUE(outcome->pick);
    EXPECT_EQ(outcome->pick->mood(), "dreamy");
}

TEST_F(PostWait, ADuplicateShowsThePickThatThereIs) {
    daemon_.on_post = [](const StandInDaemon::ReceivedPost& received) {
        v1::Ack ack = StandInDaemon::accepted(received.post.post_id(), 3);
        ack.set_status(v1::Ack::DUPLICATE);
        return ack;
    };
    daemon_.on_admin = [this](const nlohmann::json&) {
        return nlohmann::json{{"state", "delivered"},
                              {"revision", 3},
                              {"pick", nlohmann::json::parse(to_json(pick("scary", 3)))}};
    };
    daemon_.start();
    const auto outcome = send_post(context_, draft_, true, milliseconds(20'000));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->ack.status, PostAck::Status::duplicate);
    EXPECT_EQ(outcome->pick->mood(), "scary");
}

TEST_F(PostWait, ADeadLetterEndsTheWaitToo) {
    daemon_.on_post = [this](const StandInDaemon::ReceivedPost& received) {
        v1::DeadLetter dead;
        dead.set_tenant("shop");
        dead.set_post_id(received.post.post_id());
        dead.set_revision(1);
        dead.set_message("no modality could be used");
        daemon_.publish(dead);
        return StandInDaemon::accepted(received.post.post_id());
    };
    daemon_.start();
    const auto outcome = send_post(context_, draft_, true, milliseconds(20'000));
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->pick);
    EXPECT_EQ(outcome->dead->message(), "no modality could be used");
}

TEST_F(PostWait, BusyIsTriedAgainUntilItFits) {
    int tries = 0;
    daemon_.on_post = [&](const StandInDaemon::ReceivedPost& received) {
        v1::Ack ack = StandInDaemon::accepted(received.post.post_id());
        if (++tries < 4) {
            ack.set_status(v1::Ack::BUSY);
            ack.set_retry_after_ms(2);
        }
        return ack;
    };
    daemon_.start();
    const auto outcome = send_post(context_, draft_, false, milliseconds(20'000));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->ack.status, PostAck::Status::accepted);
    daemon_.stop();
    EXPECT_EQ(tries, 4);
}

TEST_F(PostWait, APostWhoseConnectionBrokeIsSentAgain) {
    int tries = 0;
    daemon_.on_post = [&](const StandInDaemon::ReceivedPost& received) -> std::optional<v1::Ack> {
        if (++tries == 1) {
            daemon_.break_connections();
            return std::nullopt;
        }
        return StandInDaemon::accepted(received.post.post_id());
    };
    daemon_.start();
    const auto outcome = send_post(context_, draft_, false, milliseconds(20'000));
    ASSERT_TRUE(outcome) << outcome.error().to_string();
    EXPECT_EQ(outcome->ack.status, PostAck::Status::accepted);
}

TEST_F(PostWait, MediaTravelAsFramesInTheOrderTheAssetsSay) {
    const TemporaryFolder folder;
    ASSERT_TRUE(attach_media(draft_, {{v1::Asset::IMAGE, folder.write("a.jpg", "AAA")},
                                      {v1::Asset::VIDEO, "file:clips/sea.mp4"},
                                      {v1::Asset::AUDIO, folder.write("b.ogg", std::string("B\0B", 3))}}));
    StandInDaemon::ReceivedPost seen;
    daemon_.on_post = [&](const StandInDaemon::ReceivedPost& received) {
        seen = received;
        return StandInDaemon::accepted(received.post.post_id());
    };
    daemon_.start();
    ASSERT_TRUE(send_post(context_, draft_, false, milliseconds(20'000)));
    daemon_.stop();
    ASSERT_EQ(seen.media, (std::vector<std::string>{"AAA", std::string("B\0B", 3)}));
    ASSERT_EQ(seen.post.assets_size(), 3);
    EXPECT_EQ(seen.post.assets(0).frame(), 0u);
    EXPECT_FALSE(seen.post.assets(1).has_frame());
    EXPECT_EQ(seen.post.assets(1).uri(), "file:clips/sea.mp4");
    EXPECT_EQ(seen.post.assets(2).frame(), 1u);
}

TEST_F(PostWait, SilenceEndsAtTheDeadlineWithWhatToDo) {
    daemon_.on_post = [](const StandInDaemon::ReceivedPost&) { return std::nullopt; };
    daemon_.start();
    const auto outcome = send_post(context_, draft_, true, milliseconds(50));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::deadline_exceeded);
    EXPECT_NE(outcome.error().message.find("bgmctl picks p-1"), std::string::npos);
}

TEST_F(PostWait, NobodyThereIsSaidWithTheEndpoint) {
    context_.deadline = milliseconds(50);
    context_.settings.posts = "ipc:///tmp/bgmctl-nobody-is-here.sock";
    daemon_.start();
    const auto outcome = send_post(context_, draft_, false, milliseconds(1000));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::unavailable);
    EXPECT_NE(outcome.error().message.find("ipc:///tmp/bgmctl-nobody-is-here.sock"), std::string::npos);
    EXPECT_NE(outcome.error().message.find("BGMD_POSTS"), std::string::npos);
}

TEST(DaemonJson, ANewerDaemonMaySayMore) {
    v1::Pick pick;
    EXPECT_TRUE(read_daemon_json(
        R"({"mood": "calm", "colour": {"r": 1}, "tracks": [{"title": "t", "bpm": 7}]})", pick));
    EXPECT_EQ(pick.mood(), "calm");
    EXPECT_EQ(pick.tracks(0).title(), "t");
    for (const char* hostile : {"", "[]", "{", "\xff", R"({"mood": {}})"}) {
        EXPECT_FALSE(read_daemon_json(hostile, pick)) << hostile;
    }
}

TEST(DecodeAck, TakesOnlyAcks) {
    const auto decode = [](std::vector<std::string> frames) { return decode_ack(frames); };
    const auto ack = decode(
        {"", "BGM1/json",
         R"({"post_id":"p","status":"REJECTED","error":{"code":"too_large","field":"text","message":"m"}})"});
    ASSERT_TRUE(ack);
    EXPECT_EQ(ack->status, PostAck::Status::rejected);
    EXPECT_EQ(ack->error_field, "text");
    EXPECT_TRUE(decode({"BGM1/json", R"({"post_id":"p","status":"ACCEPTED"})"}))
        << "without the empty delimiter";
    EXPECT_TRUE(decode({"BGM1/protobuf", StandInDaemon::accepted("p").SerializeAsString()}));
    for (const auto& frames : std::vector<std::vector<std::string>>{{},
                                                                    {""},
                                                                    {"", ""},
                                                                    {"BGM1/json"},
                                                                    {"BGM2/json", "{}"},
                                                                    {"BGM1/json", "{}"},
                                                                    {"BGM1/json", "[1]"},
                                                                    {"BGM1/json", "{\"status\":\"HAPPY\"}"},
                                                                    {"BGM1/json", "{\"status\":5}"},
                                                                    {"BGM1/json", "{", "x"},
                                                                    {"BGM1/protobuf", "\xff\xff"},
                                                                    {"BGM1/protobuf", ""},
                                                                    {"", "", "BGM1/json", "{}"}}) {
        EXPECT_FALSE(decode_ack(frames));
    }
}

}  // namespace
}  // namespace bgm
