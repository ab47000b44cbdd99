// What people write and show, and the secrets in their URLs, go nowhere that somebody reads later: not into a
// log, however chatty, nor a metric, nor an error text of a pick, a dead letter or an event.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "ops/bgmctl/events_client.hpp"
#include "tests/daemon/fetch/loopback_server.hpp"
#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"

namespace bgm::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// Long enough to be nobody else's, without any other word in it.
constexpr std::string_view kMarker = "qXz7marker9Wk";
const std::string kOf(kMarker);

// Every byte of a file of that kind that a decoder may quote: the marker wherever the format allows.
std::string marked(const std::string& file) {
    std::string bytes = file;
    const std::size_t middle = bytes.size() / 2;
    for (std::size_t at = middle; at + kOf.size() < bytes.size(); at += 7 * kOf.size())
        bytes.replace(at, kOf.size(), kOf);
    return bytes + kOf;
}

std::string repeated(std::size_t bytes) {
    std::string text;
    while (text.size() < bytes)
        text += kOf + "\n";
    return text;
}

std::string read(const std::filesystem::path& path) {
    std::stringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

class Privacy : public testing::Test {
 protected:
    static LoopbackServer::Answer serve(const std::string& head) {
        const std::string path = head.substr(4, head.find_first_of(" ?", 4) - 4);
        if (path == "/missing") return {.bytes = LoopbackServer::status(404)};
        if (path == "/away") return {.bytes = LoopbackServer::status(503)};
        if (path == "/garbage") return {.bytes = kOf + kOf + "\r\n\r\n", .hold = false};
        if (path == "/leads-away")
            return {.bytes = LoopbackServer::redirect("http://127.0.0.2/" + kOf + "?token=" + kOf)};
        if (path == "/short")
            return {.bytes = "HTTP/1.0 200 " + kOf + "\r\nContent-length: 9999\r\nX-" + kOf + ": " + kOf +
                             "\r\n\r\n" + kOf};
        if (path == "/broken") return {.bytes = LoopbackServer::ok(marked(jpeg_photo()))};
        return {.bytes = LoopbackServer::ok(jpeg_photo() + kOf)};
    }
    static Json on_the_web(const std::string& rest) {
        return {{"kind", "IMAGE"}, {"uri", "http://127.0.0.1:" + std::to_string(server_->port()) + rest}};
    }
    static void SetUpTestSuite() {
        server_ = std::make_unique<LoopbackServer>(serve);
        stack_ = std::make_unique<Stack>(Stack::Options{
            .settings = {"fetch.hosts=127.0.0.1", "log.level=trace",
                         "fetch.own_networks=127.0.0.1/32:" + std::to_string(server_->port())}});
    }
    static void TearDownTestSuite() {
        stack_.reset();
        server_.reset();
    }
    // Files below the folder that hold the marker.
    static std::vector<std::string> files_with_marker(const std::filesystem::path& folder) {
        std::vector<std::string> found;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
            if (entry.is_regular_file() && read(entry.path()).find(kMarker) != std::string::npos)
                found.push_back(entry.path().string());
        }
        return found;
    }

    static std::unique_ptr<LoopbackServer> server_;
    static std::unique_ptr<Stack> stack_;
    Conversation client_{*stack_};
};
std::unique_ptr<LoopbackServer> Privacy::server_;
std::unique_ptr<Stack> Privacy::stack_;

TEST_F(Privacy, TextsMediaAndQueriesReachNoLogNoMetricAndNoErrorText) {
    auto events = EventsClient::connect(stack_->env("BGMD_EVENTS"), "default", std::chrono::seconds(10));
    ASSERT_TRUE(events) << events.error().to_string();

    const std::string query = "?token=" + kOf;
    const std::vector<std::pair<Json, Frames>> assets{
        {on_the_web("/photo" + query), {}},
        {on_the_web("/broken" + query), {}},
        {on_the_web("/missing" + query), {}},
        {on_the_web("/away" + query), {}},
        {on_the_web("/short" + query), {}},
        {on_the_web("/garbage" + query), {}},
        {on_the_web("/leads-away" + query), {}},
        {{{"kind", "IMAGE"}, {"uri", "http://" + kOf + ".example/" + query}}, {}},
        {{{"kind", "IMAGE"}, {"uri", "http://user:" + kOf + "@127.0.0.1/"}}, {}},
        {{{"kind", "IMAGE"}, {"uri", "file:" + kOf + ".jpg"}}, {}},
        {{{"kind", "IMAGE"}, {"frame", 0}}, {repeated(5000)}},
        {{{"kind", "IMAGE"}, {"frame", 0}}, {marked(jpeg_photo())}},
        {{{"kind", "IMAGE"}, {"frame", 0}}, {marked(png_claiming(400, 400))}},
        {{{"kind", "AUDIO"}, {"frame", 0}}, {marked(ogg_music())}},
        {{{"kind", "AUDIO"}, {"frame", 0}}, {repeated(5000)}},
        {{{"kind", "VIDEO"}, {"frame", 0}}, {marked(mp4_video_with_sound())}},
        {{{"kind", "VIDEO"}, {"frame", 0}}, {repeated(5000)}},
    };
    // Each twice: with a text, to be picked, and alone, to be a dead letter where it is of no use.
    std::size_t posts = 0;
    for (const auto& [asset, frames] : assets) {
        for (const bool with_text : {true, false}) {
            Json post{{"post_id", "private-" + std::to_string(posts)}, {"assets", {asset}}};
            if (with_text) post["text"] = "a fine day, said " + kOf;
            const auto ack = client_.post(post, frames);
            ASSERT_THAT(ack.error_message, Not(HasSubstr(kOf))) << asset;
            if (ack.status == PostAck::Status::accepted) ++posts;
        }
    }
    ASSERT_GT(posts, assets.size());
    for (const std::string& rejected :
         {R"({"post_id": "x", "text": )" + kOf,
          R"({"post_id": "x", "lang": ")" + kOf + kOf + kOf + kOf + kOf + R"("})"})
        EXPECT_EQ(client_.say({"BGM1/json", rejected})->status, PostAck::Status::rejected);

    ASSERT_TRUE(eventually([&] {
        return stack_->count("SELECT (SELECT COUNT(*) FROM picks) + (SELECT COUNT(*) FROM dead_posts)") ==
               static_cast<long>(posts);
    }));
    EXPECT_GT(stack_->count("SELECT COUNT(*) FROM dead_posts"), 0);
    EXPECT_EQ(
        stack_->count("SELECT COUNT(*) FROM picks WHERE CONCAT_WS(' ', degraded, model, language) LIKE '%" +
                      kOf + "%'"),
        0);
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM dead_posts WHERE message LIKE '%" + kOf + "%'"), 0);
    std::size_t told = 0;
    ASSERT_TRUE(eventually([&] {
        auto event = events->receive(std::chrono::milliseconds(100));
        if (!event || !*event) return told == posts;
        ++told;
        if ((*event)->pick) {
            EXPECT_THAT((*event)->pick->ShortDebugString(), Not(HasSubstr(kOf)));
        } else {
            EXPECT_THAT((*event)->dead->message(), Not(HasSubstr(kOf)));
        }
        return told == posts;
    }));
    EXPECT_THAT(stack_->http_get("/metrics").body, Not(HasSubstr(kOf)));

    EXPECT_FALSE(read(stack_->folder() / "log" / "bgmd.log").empty());
    EXPECT_EQ(files_with_marker(stack_->folder() / "log"), std::vector<std::string>());
    // Inline media of dead letters waits for an operator; what was fetched never was on the disk.
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM dead_posts WHERE post LIKE '%\"frame\"%'") > 0,
              !files_with_marker(stack_->folder() / "data" / "media").empty());
}

}  // namespace
}  // namespace bgm::test
