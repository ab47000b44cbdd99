// What people write and show, and the secrets in their URLs, go nowhere that somebody reads later: not into a
// log, however chatty, nor a metric, nor an error text of a pick, a dead letter or an event.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "ops/client/events_client.hpp"
#include "tests/daemon/fetch/loopback_server.hpp"
#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/files_below.hpp"
#include "tests/end_to_end/media.hpp"

namespace bgm::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

// Long enough to be nobody else's, without any other word in it.
const std::string kWritten = "qXz7written9Wk";  // in texts, URIs and inline media
const std::string kFetched = "jV5fetched8Qp";   // in what web servers say

// The file with the marker in it again and again, for a decoder to quote.
std::string marked(const std::string& file, const std::string& marker) {
    std::string bytes = file;
    for (std::size_t at = bytes.size() / 2; at + marker.size() < bytes.size(); at += 7 * marker.size())
        bytes.replace(at, marker.size(), marker);
    return bytes + marker;
}

std::string repeated(std::size_t bytes) {
    std::string text;
    while (text.size() < bytes)
        text += kWritten + "\n";
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
        if (path == "/garbage") return {.bytes = kFetched + kFetched + "\r\n\r\n", .hold = false};
        if (path == "/leads-away")
            return {.bytes = LoopbackServer::redirect("http://127.0.0.2/" + kFetched + "?token=" + kFetched)};
        if (path == "/short")
            return {.bytes = "HTTP/1.0 200 " + kFetched + "\r\nContent-length: 9999\r\nX-" + kFetched + ": " +
                             kFetched + "\r\n\r\n" + kFetched};
        if (path == "/broken") return {.bytes = LoopbackServer::ok(marked(jpeg_photo(), kFetched))};
        return {.bytes = LoopbackServer::ok(jpeg_photo() + kFetched)};
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
    static std::vector<std::string> files_with(const std::string& marker,
                                               const std::filesystem::path& folder) {
        std::vector<std::string> found;
        for (const auto& file : files_below(folder)) {
            if (read(file).find(marker) != std::string::npos) found.push_back(file.string());
        }
        return found;
    }
    static auto quotes_nothing() { return Not(AnyOf(HasSubstr(kWritten), HasSubstr(kFetched))); }
    // Rows of the table in whose columns a marker is.
    static long rows_that_quote(const std::string& table, const std::string& columns) {
        return stack_->count("SELECT COUNT(*) FROM " + table + " WHERE CONCAT_WS(' ', " + columns +
                             ") REGEXP '" + kWritten + "|" + kFetched + "'");
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

    const std::string query = "?token=" + kWritten;
    const std::vector<std::pair<Json, Frames>> assets{
        {on_the_web("/photo" + query), {}},
        {on_the_web("/broken" + query), {}},
        {on_the_web("/missing" + query), {}},
        {on_the_web("/away" + query), {}},
        {on_the_web("/short" + query), {}},
        {on_the_web("/garbage" + query), {}},
        {on_the_web("/leads-away" + query), {}},
        {{{"kind", "IMAGE"}, {"uri", "http://" + kWritten + ".example/" + query}}, {}},
        {{{"kind", "IMAGE"}, {"uri", "http://user:" + kWritten + "@127.0.0.1/"}}, {}},
        {{{"kind", "IMAGE"}, {"uri", "file:" + kWritten + ".jpg"}}, {}},
        {{{"kind", "IMAGE"}, {"frame", 0}}, {repeated(5000)}},
        {{{"kind", "IMAGE"}, {"frame", 0}}, {marked(jpeg_photo(), kWritten)}},
        {{{"kind", "IMAGE"}, {"frame", 0}}, {marked(png_claiming(400, 400), kWritten)}},
        {{{"kind", "AUDIO"}, {"frame", 0}}, {marked(ogg_music(), kWritten)}},
        {{{"kind", "AUDIO"}, {"frame", 0}}, {repeated(5000)}},
        {{{"kind", "VIDEO"}, {"frame", 0}}, {marked(mp4_video_with_sound(), kWritten)}},
        {{{"kind", "VIDEO"}, {"frame", 0}}, {repeated(5000)}},
    };
    // Each twice: with a text, to be picked, and alone, to be a dead letter where it is of no use.
    std::size_t posts = 0;
    for (const auto& [asset, frames] : assets) {
        for (const bool with_text : {true, false}) {
            Json post{{"post_id", "private-" + std::to_string(posts)}, {"assets", {asset}}};
            if (with_text) post["text"] = "a fine day, said " + kWritten;
            const auto ack = client_.post(post, frames);
            ASSERT_THAT(ack.error_message, quotes_nothing()) << asset;
            if (ack.status == PostAck::Status::accepted) ++posts;
        }
    }
    ASSERT_GT(posts, assets.size());
    for (const std::string& rejected :
         {R"({"post_id": "x", "text": )" + kWritten,
          R"({"post_id": "x", "lang": ")" + kWritten + kWritten + kWritten + kWritten + kWritten + R"("})"})
        EXPECT_EQ(client_.say({"BGM1/json", rejected})->status, PostAck::Status::rejected);

    ASSERT_TRUE(eventually([&] {
        return stack_->count("SELECT (SELECT COUNT(*) FROM picks) + (SELECT COUNT(*) FROM dead_posts)") ==
               static_cast<long>(posts);
    }));
    EXPECT_GT(stack_->count("SELECT COUNT(*) FROM dead_posts"), 0);
    EXPECT_EQ(rows_that_quote("picks", "degraded, language, mood"), 0);
    EXPECT_EQ(rows_that_quote("dead_posts", "code, message"), 0);
    EXPECT_GT(rows_that_quote("dead_posts", "post"), 0) << "the query finds what is there";
    std::size_t told = 0;
    ASSERT_TRUE(eventually([&] {
        auto event = events->receive(std::chrono::milliseconds(100));
        if (!event || !*event) return told == posts;
        ++told;
        if ((*event)->pick) {
            EXPECT_THAT((*event)->pick->ShortDebugString(), quotes_nothing());
        } else {
            EXPECT_THAT((*event)->dead->message(), quotes_nothing());
        }
        return told == posts;
    }));
    EXPECT_THAT(stack_->http_get("/metrics").body, quotes_nothing());

    EXPECT_FALSE(read(stack_->folder() / "log" / "bgmd.log").empty());
    const std::vector<std::string> none;
    EXPECT_EQ(files_with(kWritten, stack_->folder() / "log"), none);
    EXPECT_EQ(files_with(kFetched, stack_->folder() / "log"), none);
    EXPECT_EQ(files_with(kFetched, stack_->folder() / "data"), none) << "fetched bytes never touch a disk";
    EXPECT_NE(files_with(kWritten, stack_->folder() / "data" / "media"), none)
        << "inline media of dead letters is found: it waits for an operator";
}

}  // namespace
}  // namespace bgm::test
