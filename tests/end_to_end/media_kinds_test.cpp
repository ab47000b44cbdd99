// Sound and films as phones, chats and other programs make them, against a running daemon with confined
// workers: what is in the file is used, what of it could not be used is named in the pick, and what is not
// read is refused by name.
#include <gmock/gmock.h>

#include <cmath>
#include <memory>
#include <regex>

#include "tests/end_to_end/conversation.hpp"
#include "tests/workers/av_maker.hpp"
#include "tests/workers/voice_files.hpp"

namespace bgm::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class MediaKinds : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        stack_ = std::make_unique<Stack>(Stack::Options{
            .mysql = true, .settings = {"workers.text=0", "workers.image=0", "workers.sandbox=required"}});
    }
    static void TearDownTestSuite() { stack_.reset(); }

    void TearDown() override {
        const std::string metrics = stack_->http_get("/metrics").body;
        EXPECT_FALSE(std::regex_search(metrics, std::regex(R"(bgmd_worker_ends_total\{[^}]*\} [1-9])")))
            << "a worker ended";
    }

    std::optional<PickRow> pick_of(const std::string& id, const std::string& kind, const std::string& file) {
        send(id, kind, file);
        return wait_for_pick(*stack_, id);
    }
    void send(const std::string& id, const std::string& kind, const std::string& file) {
        const auto ack =
            client_.post({{"post_id", id}, {"assets", {{{"kind", kind}, {"frame", 0}}}}}, {file});
        EXPECT_EQ(ack.status, PostAck::Status::accepted) << id << ": " << ack.error_message;
    }

    static std::unique_ptr<Stack> stack_;
    Conversation client_{*stack_};
};
std::unique_ptr<Stack> MediaKinds::stack_;

const AvTrack kH264{.codec = "libx264", .width = 160, .height = 120};
const AvTrack kAac{.codec = "aac"};

TEST_F(MediaKinds, AreUsedWholeWhateverTheContainer) {
    AvTrack cover{.codec = "png", .disposition = 1024, .width = 64, .height = 64};
    for (const auto& [id, file] : std::vector<std::pair<std::string, std::string>>{
             {"ts", make_av_file({.container = "mpegts",
                    .tracks = {kH264, kAac},
                    .tags = {{"service_name", "한국방송"}, {"service_provider", "방송사"}}})},
             {"flv", make_av_file({.container = "flv", .tracks = {kH264, kAac}})},
             {"3gp", make_av_file({.container = "3gp", .tracks = {kH264, kAac}})}}) {
        const auto pick = pick_of(id, "VIDEO", file);
        ASSERT_TRUE(pick) << id;
        EXPECT_THAT(pick->degraded, SizeIs(0)) << id << pick->degraded.dump();
        EXPECT_TRUE(pick->modalities.contains("video") && pick->modalities.contains("audio")) << id;
    }
    AvTrack opposite = kAac;
    opposite.sound = [](int channel, double time_s) {
        return (channel == 0 ? 0.3 : -0.3) * std::sin(time_s * 2'000) * std::sin(time_s * 3);
    };
    for (const auto& [id, file] : std::vector<std::pair<std::string, std::string>>{
             {"amr", amr_nb()},
             {"awb", amr_wb()},
             {"3gp-voice", amr_nb_in_3gp()},
             {"caf", make_av_file({.container = "caf", .tracks = {{.codec = "alac"}}, .seconds = 5})},
             {"m4a-cover", make_av_file({.container = "ipod", .tracks = {kAac, cover}, .seconds = 5})},
             {"opposite-phases", make_av_file({.container = "ipod", .tracks = {opposite}, .seconds = 5})}}) {
        const auto pick = pick_of(id, "AUDIO", file);
        ASSERT_TRUE(pick) << id;
        EXPECT_THAT(pick->degraded, SizeIs(0)) << id << pick->degraded.dump();
        EXPECT_TRUE(pick->modalities.contains("audio")) << id;
    }
}

TEST_F(MediaKinds, TheHalfOfAFilmThatIsLostIsNamedInThePick) {
    const AvTrack prores{.codec = "prores_ks", .width = 160, .height = 120, .pixel_format = "yuv422p10le"};
    const auto heard = pick_of("prores", "VIDEO",
                               make_av_file({.container = "mov", .tracks = {prores, kAac}, .seconds = 5}));
    ASSERT_TRUE(heard);
    ASSERT_THAT(heard->degraded, SizeIs(1)) << heard->degraded.dump();
    EXPECT_EQ(heard->degraded[0]["modality"], "video");
    EXPECT_EQ(heard->degraded[0]["asset_id"], "a0");
    EXPECT_EQ(heard->degraded[0]["code"], "unsupported");
    EXPECT_THAT(heard->degraded[0]["message"].get<std::string>(), HasSubstr("'prores'"));

    const std::string film = make_av_file({.container = "mp4", .tracks = {kH264, kAac}});
    const auto seen =
        pick_of("spatial", "VIDEO", with_replaced(with_replaced(film, "mp4a", "apac"), "esds", "skip"));
    ASSERT_TRUE(seen);
    ASSERT_THAT(seen->degraded, SizeIs(1)) << seen->degraded.dump();
    EXPECT_EQ(seen->degraded[0]["modality"], "audio");
    EXPECT_THAT(seen->degraded[0]["message"].get<std::string>(), HasSubstr("'apac'"));

    const auto silent =
        pick_of("silent-film", "VIDEO", make_av_file({.container = "mp4", .tracks = {kH264}}));
    ASSERT_TRUE(silent);
    EXPECT_THAT(silent->degraded, SizeIs(0)) << "it never had any sound";
}

TEST_F(MediaKinds, ThatAreNotReadAreRefusedByTheirNames) {
    send("wma", "AUDIO", make_av_file({.container = "asf", .tracks = {{.codec = "wmav2"}}}));
    const auto wma = wait_for_death(*stack_, "wma");
    ASSERT_TRUE(wma);
    EXPECT_EQ(wma->code, "unsupported");
    EXPECT_THAT(wma->message, HasSubstr("Windows Media"));
}

}  // namespace
}  // namespace bgm::test
