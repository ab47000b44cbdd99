// What strangers send: each bad message is answered with an error that names the field, or its asset is
// reported as unusable; the daemon stays the same process and the next post is served.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <memory>

#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"

namespace bgm::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

class HostileInput : public testing::Test {
 protected:
    static void SetUpTestSuite() { stack_ = std::make_unique<Stack>(); }
    static void TearDownTestSuite() { stack_.reset(); }

    void TearDown() override {
        const std::string id =
            std::string("after-") + testing::UnitTest::GetInstance()->current_test_info()->name();
        EXPECT_EQ(client_.post({{"post_id", id}, {"text", "everything is fine"}}).status,
                  PostAck::Status::accepted);
        EXPECT_TRUE(wait_for_pick(*stack_, id));
        EXPECT_EQ(stack_->processes().at("bgmd"), daemon_) << "bgmd must have survived";
    }

    void expect_rejected(const Frames& frames, const std::string& field,
                         const std::string& code = "invalid_argument") {
        const auto ack = client_.say(frames);
        ASSERT_TRUE(ack) << "no answer about " << field;
        EXPECT_EQ(ack->status, PostAck::Status::rejected) << field;
        EXPECT_EQ(ack->error_field, field) << ack->error_message;
        EXPECT_EQ(ack->error_code, code) << field;
        EXPECT_FALSE(ack->error_message.empty()) << field;
    }
    void expect_rejected(const Json& post, const std::string& field,
                         const std::string& code = "invalid_argument") {
        expect_rejected(Frames{"BGM1/json", post.dump()}, field, code);
    }

    // The post is accepted, its one asset is not usable, and everybody is told why.
    void expect_dead(const std::string& kind, const std::string& media, const std::string& post_id,
                     const testing::Matcher<std::string>& code = AnyOf("corrupt", "unsupported")) {
        const PostAck ack =
            client_.post({{"post_id", post_id}, {"assets", {{{"kind", kind}, {"frame", 0}}}}}, {media});
        ASSERT_EQ(ack.status, PostAck::Status::accepted) << ack.error_field << ' ' << ack.error_message;
        const auto dead = wait_for_death(*stack_, post_id);
        ASSERT_TRUE(dead) << post_id;
        EXPECT_THAT(dead->code, code) << dead->message;
        EXPECT_THAT(dead->message, testing::Not(testing::IsEmpty()));
    }

    static std::unique_ptr<Stack> stack_;
    Conversation client_{*stack_};
    const pid_t daemon_ = stack_->processes().at("bgmd");
};
std::unique_ptr<Stack> HostileInput::stack_;

TEST_F(HostileInput, FramesOfEveryShape) {
    expect_rejected(Frames{""}, "header");
    expect_rejected(Frames{"", "", ""}, "header");
    expect_rejected(Frames(1000, ""), "header");
    expect_rejected(Frames{"BGM2/json", R"({"post_id": "p", "text": "t"})"}, "header");
    expect_rejected(Frames{std::string("BGM1/json\0", 10), "{}"}, "header");
    expect_rejected(Frames{"BGM1/json"}, "post");
    expect_rejected(Frames{"BGM1/json", ""}, "post");
    expect_rejected(Frames{"BGM1/json", "{"}, "post");
    expect_rejected(Frames{"BGM1/json", std::string(200'000, '[')}, "post");
    expect_rejected(Frames{"BGM1/json", "{\"assets\":" + std::string(100'000, '[')}, "post");
    expect_rejected(Frames{"BGM1/protobuf", "\xFF\xFF\xFF"}, "post");
    expect_rejected(Frames{"BGM1/json", std::string(2'000'000, ' ')}, "post", "too_large");
}

TEST_F(HostileInput, LengthsThatAreNotThere) {
    // A protobuf string that claims a gigabyte inside a message of ten bytes.
    expect_rejected(Frames{"BGM1/protobuf", std::string("\x0A\x80\x80\x80\x80\x04p-1", 9)}, "post");

    // A peer that speaks ZeroMQ's protocol and announces a frame of a gigabyte: hung up on, before memory is
    // taken.
    const long before = stack_->count("SELECT 1");
    ASSERT_EQ(before, 1);
    const auto memory_kb = [&] {
        std::ifstream status("/proc/" + std::to_string(daemon_) + "/status");
        long kb = 0;
        for (std::string line; std::getline(status, line);) {
            if (line.starts_with("VmRSS:")) kb = std::stol(line.substr(6));
        }
        return kb;
    };
    const long memory_before = memory_kb();
    const std::string& endpoint = stack_->env("BGMD_POSTS");
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&peer), sizeof peer), 0);
    std::string hello("\xFF\0\0\0\0\0\0\0\1\x7F\3\0NULL", 16);
    hello.resize(64, '\0');
    hello += std::string("\x04\x1A\x05READY\x0BSocket-Type\0\0\0\6DEALER", 29);
    hello += std::string("\x02\0\0\0\0\x40\0\0\0", 9);  // a long frame of 2^30 bytes
    hello += std::string(4096, 'x');
    ASSERT_EQ(::send(socket, hello.data(), hello.size(), MSG_NOSIGNAL), static_cast<ssize_t>(hello.size()));
    char answer[256];
    while (::recv(socket, answer, sizeof answer, 0) > 0) {
    }
    ::close(socket);
    EXPECT_LT(memory_kb() - memory_before, 64 * 1024);
}

TEST_F(HostileInput, TextThatIsNoUtf8) {
    expect_rejected(Frames{"BGM1/json", "{\"post_id\": \"p\", \"text\": \"caf\xE9\"}"}, "text");
    expect_rejected(Frames{"BGM1/protobuf", std::string("\x0A\x01p\x22\x02\xC0\x80", 7)}, "text");
}

TEST_F(HostileInput, FieldsThatCannotBe) {
    expect_rejected(Json{{"text", "no id"}}, "post_id");
    expect_rejected(Json{{"post_id", std::string(129, 'p')}, {"text", "t"}}, "post_id", "too_large");
    expect_rejected(Json{{"post_id", "p"}}, "text");
    expect_rejected(Json{{"post_id", "p"}, {"text", std::string(65'537, 'a')}}, "text", "too_large");
    expect_rejected(Json{{"post_id", "p"}, {"text", "t"}, {"priority", "NOW"}}, "priority");
    expect_rejected(Json{{"post_id", "p"}, {"text", "t"}, {"color", "red"}}, "color");
    expect_rejected(Json{{"post_id", "p"}, {"text", "t"}, {"tenant", "a.b"}}, "tenant");
    expect_rejected(Json{{"post_id", "p"}, {"text", "t"}, {"context", {{"local_hour", 24}}}},
                    "context.local_hour");
    expect_rejected(Json{{"post_id", "p"}, {"text", "t"}, {"options", {{"tracks", 1000}}}}, "options.tracks",
                    "too_large");
}

TEST_F(HostileInput, AssetsThatCannotBe) {
    const auto with_asset = [](const Json& asset) { return Json{{"post_id", "p"}, {"assets", {asset}}}; };
    expect_rejected(with_asset({{"kind", "HOLOGRAM"}, {"uri", "file:a"}}), "assets[0].kind");
    expect_rejected(with_asset({{"kind", "IMAGE"}, {"frame", 0}}), "assets[0].frame");
    expect_rejected(with_asset({{"kind", "IMAGE"}, {"frame", 4'000'000'000U}}), "assets[0].frame");
    expect_rejected(with_asset({{"kind", "IMAGE"}}), "assets[0]");
    expect_rejected(with_asset({{"kind", "IMAGE"}, {"uri", "file:../../etc/passwd"}}), "assets[0].uri");
    expect_rejected(with_asset({{"kind", "IMAGE"}, {"uri", "file:%2e%2e/secret"}}), "assets[0].uri");
    expect_rejected(with_asset({{"kind", "IMAGE"}, {"uri", "file:/etc/passwd"}}), "assets[0].uri");
    expect_rejected(with_asset({{"kind", "IMAGE"}, {"uri", "gopher://a"}}), "assets[0].uri");
    expect_rejected(Frames{"BGM1/json", with_asset({{"kind", "IMAGE"}, {"frame", 0}}).dump(), ""},
                    "assets[0].frame");
    expect_rejected(Frames{"BGM1/json", with_asset({{"kind", "IMAGE"}, {"frame", 0}}).dump(),
                           std::string(25'000'001, 'x')},
                    "assets[0].frame", "too_large");
    expect_rejected(Frames{"BGM1/json", R"({"post_id": "p", "text": "t"})", "a frame that nobody names"},
                    "assets");
}

TEST_F(HostileInput, AFileOutsideTheMediaRootIsNotRead) {
    // What the address does not give away, a symbolic link may: neither leads out.
    std::filesystem::create_symlink("/etc/passwd", stack_->media_root() / "link.jpg");
    std::filesystem::create_directory_symlink("/etc", stack_->media_root() / "folder");
    for (const char* uri : {"file:link.jpg", "file:folder/passwd", "file:missing.jpg"}) {
        const std::string id = std::string("outside-") + std::to_string(std::string(uri).size());
        client_.post({{"post_id", id}, {"assets", {{{"kind", "IMAGE"}, {"uri", uri}}}}});
        const auto dead = wait_for_death(*stack_, id);
        ASSERT_TRUE(dead) << uri;
        EXPECT_THAT(dead->code, AnyOf("invalid_argument", "not_found")) << dead->message;
        EXPECT_THAT(dead->message, testing::Not(HasSubstr("root:"))) << "nothing of the file may be shown";
    }
}

TEST_F(HostileInput, MediaThatBreaksOff) {
    expect_dead("IMAGE", truncated(jpeg_photo(), 0.02), "short-jpeg");
    expect_dead("VIDEO", truncated(mp4_video_with_sound(), 0.5), "short-mp4");
    expect_dead("AUDIO", truncated(ogg_music(), 0.02), "short-ogg");
}

TEST_F(HostileInput, MediaThatIsSomethingElse) {
    expect_dead("IMAGE", zip_archive(), "zip-jpg");
    expect_dead("IMAGE", ogg_music(), "ogg-jpg");
    expect_dead("AUDIO", jpeg_photo(), "jpg-ogg");
    expect_dead("VIDEO", zip_archive(), "zip-mp4");
    expect_dead("IMAGE", std::string(1, '\0'), "one-byte");
}

TEST_F(HostileInput, APictureThatIsABomb) {
    expect_dead("IMAGE", png_claiming(60'000, 60'000), "bomb", testing::Eq("too_large"));
    expect_dead("IMAGE", png_claiming(0xFFFFFFFFU, 0xFFFFFFFFU), "larger-bomb",
                AnyOf("too_large", "corrupt"));
}

TEST_F(HostileInput, AVideoOfNoSeconds) {
    expect_dead("VIDEO", mp4_without_frames(), "no-seconds",
                AnyOf("corrupt", "unsupported", "invalid_argument"));
}

TEST_F(HostileInput, TheFirehoseCountsWhatItCannotRead) {
    // Nobody is told, so the counter is all that an operator has.
    const std::string metric = R"(bgmd_posts_total{outcome="rejected",source="firehose"} )";
    const auto rejected = [&] {
        const std::string text = stack_->http_get("/metrics").body;
        const auto at = text.find(metric);
        return at == std::string::npos ? 0L : std::stol(text.substr(at + metric.size()));
    };
    const long before = rejected();
    push_to_firehose(*stack_, {{""},
                               {"BGM1/json", "nonsense"},
                               {"BGM1/json", R"({"post_id": "firehose", "text": "hello there"})"}});
    EXPECT_TRUE(wait_for_pick(*stack_, "firehose"));
    EXPECT_TRUE(eventually([&] { return rejected() == before + 2; }));
}

}  // namespace
}  // namespace bgm::test
