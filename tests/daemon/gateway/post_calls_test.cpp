// Posts by HTTP: what bgmd gets, and what the client is told.
#include "tests/daemon/gateway/gateway_fixture.hpp"

namespace bgm::test {
namespace {

using ::testing::HasSubstr;

class PostCallsTest : public GatewayTest {
 protected:
    // The post is the last one that the daemon got.
    ReceivedPost received() const { return daemon_->posts().back(); }
};

std::string part(const std::string& head, const std::string& bytes) {
    return "--frontier\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + bytes + "\r\n";
}

const std::string kMultipart = "Content-Type: multipart/form-data; boundary=frontier\r\n";

TEST_F(PostCallsTest, AJsonPostIsForwardedAndAcknowledged) {
    const auto answer = post_json(client(), R"({"post_id":"p/1","text":"바다"})");
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.fields.at("location"), "/v1/posts/p%2F1");
    EXPECT_EQ(json::parse(answer.body), json({{"post_id", "p/1"}, {"status", "ACCEPTED"}, {"revision", 1}}));
    EXPECT_EQ(received().key, digest("all")) << "by which the daemon knows the tenant";
    EXPECT_EQ(received().post.tenant(), "");
    EXPECT_EQ(received().post.text(), "바다");
}

TEST_F(PostCallsTest, FilesBecomeFramesOfTheirAssets) {
    const std::string body =
        part(
            "name=\"post\"",
            R"({"post_id":"p","assets":[{"asset_id":"a","kind":"IMAGE"},{"asset_id":"b","kind":"AUDIO"}]})") +
        part("name=\"b\"; filename=\"x.ogg\"", "sound") +
        part("name=\"file\"; filename=\"x.jpg\"", std::string("pic\0ture", 8)) + "--frontier--\r\n";
    EXPECT_EQ(client().ask(request("POST /v1/posts", body, kMultipart)).status, 202);
    const auto post = received();
    ASSERT_EQ(post.frames.size(), 2U);
    EXPECT_EQ(post.frames[post.post.assets(0).frame()], std::string("pic\0ture", 8));
    EXPECT_EQ(post.frames[post.post.assets(1).frame()], "sound");
}

TEST_F(PostCallsTest, AssetsAreMadeOfFilesWhereThePostNamesNone) {
    const std::string body = part("name=\"post\"", R"({"post_id":"p","text":"t"})") +
                             part("name=\"photo\"; filename=\"sea.JPG\"", "picture") +
                             part("name=\"clip\"\r\nContent-Type: video/mp4", "film") + "--frontier--";
    EXPECT_EQ(client().ask(request("POST /v1/posts", body, kMultipart)).status, 202);
    const auto post = received().post;
    ASSERT_EQ(post.assets_size(), 2);
    EXPECT_EQ(post.assets(0).asset_id(), "photo");
    EXPECT_EQ(post.assets(0).kind(), v1::Asset::IMAGE);
    EXPECT_EQ(post.assets(1).kind(), v1::Asset::VIDEO);
}

// A form is asset_id: bytes, or assets[1]: bytes, or files in order: each in any order, and none in doubt.
TEST_F(PostCallsTest, EachFileIsOfTheAssetThatItNames) {
    struct Case {
        std::string assets;
        std::vector<std::string> parts;  // also their bytes
        std::string expected;            // asset_id=bytes of each asset
    };
    const std::vector<Case> cases{
        {R"([{"asset_id":"a","frame":0},{"asset_id":"b","frame":1}])", {"b", "a"}, "a=a b=b"},
        {R"([{"asset_id":"a","frame":1},{"asset_id":"b","frame":0}])", {"x", "y"}, "a=y b=x"},
        {R"([{"asset_id":"a"},{"asset_id":"b","frame":0}])", {"x", "y"}, "a=y b=x"},
        {R"([{"asset_id":"a","frame":0},{"asset_id":"b"}])", {"a", "b"}, "a=a b=b"},
        {R"([{"asset_id":"a"},{"asset_id":"b"}])", {"assets[1]", "x"}, "a=x b=assets[1]"},
        {R"([{},{}])", {"a1", "a0"}, "a0=a0 a1=a1"},
        {R"([{"asset_id":"a1"},{}])", {"x", "y"}, "a1=x a1-2=y"},
        {R"([{"asset_id":"a1"},{}])", {"a1-2", "a1"}, "a1=a1 a1-2=a1-2"},
        {R"([{"asset_id":"assets[1]"},{"asset_id":"b"}])", {"b", "assets[1]"}, "assets[1]=assets[1] b=b"},
        {R"([{"uri":"file:a"},{"asset_id":"b"}])", {"x"}, "a0= b=x"},
        {"[]", {"assets[1]", "photo"}, "photo=photo a1=assets[1]"},
        {"[]", {"a1", "photo"}, "a1=a1 photo=photo"},
        {"[]", {"a1", "file", "file"}, "a1=a1 a1-2=file a2=file"},
        {"[]", {std::string(64, 'n')}, std::string(64, 'n') + "=" + std::string(64, 'n')},
    };
    for (const Case& each : cases) {
        std::string body =
            part("name=\"post\"", R"({"post_id":"p","text":"t","assets":)" + each.assets + "}");
        for (const std::string& name : each.parts)
            body += part("name=\"" + name + "\"; filename=\"x.jpg\"", name);
        const auto answer = client().ask(request("POST /v1/posts", body + "--frontier--", kMultipart));
        ASSERT_EQ(answer.status, 202) << each.assets << answer.body;
        const auto post = received();
        std::string found;
        for (const v1::Asset& asset : post.post.assets())
            found += (found.empty() ? "" : " ") + asset.asset_id() + "=" +
                     (asset.has_frame() ? post.frames.at(asset.frame()) : "");
        EXPECT_EQ(found, each.expected) << each.assets;
    }
}

TEST_F(PostCallsTest, AFileThatFitsNowhereIsRefusedByItsName) {
    struct Case {
        std::string assets;
        std::vector<std::string> parts;
        std::string field, in;
        int status = 422;
    };
    const std::string one = R"([{"asset_id":"a"}])";
    const std::vector<Case> cases{
        {one, {"assets[9]"}, "assets[9]", "part"},
        {one, {"assets[1]"}, "assets[1]", "part"},
        {one, {"assets[-1]"}, "assets[-1]", "part"},
        {one, {"assets[00]"}, "assets[00]", "part"},
        {one, {"assets[]"}, "assets[]", "part"},
        {one, {"assets[x]"}, "assets[x]", "part"},
        {one, {"assets[99999999999999999999]"}, "assets[99999999999999999999]", "part"},
        {one, {"a", "b"}, "b", "part"},
        {one, {"a", "a"}, "a", "part"},
        {one, {"a", "assets[0]"}, "assets[0]", "part"},
        {R"([{"asset_id":"a","uri":"file:x"}])", {"a"}, "a", "part"},
        {R"([{"asset_id":"a","uri":"file:x"}])", {"b"}, "b", "part"},
        {R"([{"asset_id":"a","frame":1}])", {"x"}, "assets[0].frame", "body"},
        {R"([{"asset_id":"a","frame":0},{"asset_id":"b"}])", {"b", "x"}, "assets[0].frame", "body"},
        {R"([{"asset_id":"a","frame":0},{"asset_id":"b","frame":0}])", {"x", "y"}, "assets[1].frame", "body"},
        {"[]", {"assets[2]", "x"}, "assets[2]", "part"},
        {"[]", {"assets[0]", "assets[0]"}, "assets[0]", "part"},
        {"[]", {std::string(65, 'n')}, std::string(65, 'n'), "part", 413},
        {"[]", {std::string(128, 'n')}, std::string(128, 'n'), "part", 413},
    };
    const std::size_t before = daemon_->posts().size();
    for (const Case& each : cases) {
        std::string body =
            part("name=\"post\"", R"({"post_id":"p","text":"t","assets":)" + each.assets + "}");
        for (const std::string& name : each.parts)
            body += part("name=\"" + name + "\"; filename=\"x.jpg\"", "bytes");
        const auto answer = client().ask(request("POST /v1/posts", body + "--frontier--", kMultipart));
        EXPECT_EQ(answer.status, each.status) << each.assets << answer.body;
        const json problem = json::parse(answer.body);
        EXPECT_EQ(problem.value("field", ""), each.field) << answer.body;
        EXPECT_EQ(problem.value("in", ""), each.in) << answer.body;
    }
    EXPECT_EQ(daemon_->posts().size(), before);
}

TEST_F(PostCallsTest, WhatIsWrongIsNamed) {
    struct Case {
        std::string body, type;
        int status;
        std::string code, field, in;
    };
    const std::string json_type = "Content-Type: application/json\r\n";
    const std::vector<Case> cases{
        {"{", json_type, 400, "malformed", "post", "body"},
        {R"({"post_id":"p","colour":1})", json_type, 422, "invalid_argument", "colour", "body"},
        {R"({"post_id":"p","tenant":"other"})", json_type, 403, "forbidden", "tenant", "body"},
        {"hello", "Content-Type: text/plain\r\n", 415, "unsupported_type", "Content-Type", "header"},
        {"hello", json_type + "Content-Encoding: gzip\r\n", 415, "unsupported_type", "Content-Encoding",
         "header"},
        {"x", "Content-Type: multipart/form-data\r\n", 422, "invalid_argument", "Content-Type", "header"},
        {"x", kMultipart, 400, "malformed", "body", "part"},
        {part("name=\"photo\"", "x") + "--frontier--", kMultipart, 422, "invalid_argument", "post", "part"},
        {part("name=\"post\"", "{}") + part("name=\"what\"", "x") + "--frontier--", kMultipart, 422,
         "unsupported", "what", "part"},
        {part("name=\"post\"", "{") + "--frontier--", kMultipart, 400, "malformed", "post", "part"},
        {part("name=\"post\"", R"({"text":5})") + "--frontier--", kMultipart, 422, "invalid_argument", "text",
         "body"},
        {part("name=\"post\"", std::string((1 << 20) + 1, ' ')) + "--frontier--", kMultipart, 413,
         "too_large", "post", "part"},
        {R"({post_id:"p",text:"t"})", json_type, 400, "malformed", "post", "body"},
        {R"({"post_id":"p","text":"t",})", json_type, 400, "malformed", "post", "body"},
        {R"({"post_id":"p","text":"t","text":"u"})", json_type, 422, "invalid_argument", "text", "body"},
        {R"({"post_id":"p","text":5})", json_type, 422, "invalid_argument", "text", "body"},
        {R"({"post_id":"p","assets":[{"kind":"SMELL"}]})", json_type, 422, "invalid_argument",
         "assets[0].kind", "body"},
        {R"({"post_id":".","text":"t"})", json_type, 422, "invalid_argument", "post_id", "body"},
        {R"({"post_id":"..","text":"t"})", json_type, 422, "invalid_argument", "post_id", "body"},
        {R"({"post_id":"p","user_id":"..","text":"t"})", json_type, 422, "invalid_argument", "user_id",
         "body"},
        {part("name=\"post\"", "{}") + part("name=\"cut\"", "x").substr(0, 60), kMultipart, 400, "malformed",
         "cut", "part"},
    };
    for (const Case& each : cases) {
        const auto answer = client().ask(request("POST /v1/posts", each.body, each.type));
        EXPECT_EQ(answer.status, each.status) << each.body << answer.body;
        EXPECT_EQ(answer.fields.at("content-type"), "application/problem+json");
        const json problem = json::parse(answer.body);
        EXPECT_EQ(problem["code"], each.code) << each.body;
        EXPECT_EQ(problem.value("field", ""), each.field) << each.body;
        EXPECT_EQ(problem.value("in", ""), each.in) << each.body;
    }
}

// The head came with a good key, and the body takes its time.
TEST_F(PostCallsTest, AKeyThatIsRevokedBeforeTheBodyIsThereIsRefused) {
    const std::string whole = request("POST /v1/posts", R"({"post_id":"late","text":"t"})",
                                      "Content-Type: application/json\r\nExpect: 100-continue\r\n");
    const std::size_t body = whole.find("\r\n\r\n") + 4;
    RawClient slow = client();
    ASSERT_TRUE(slow.send(whole.substr(0, body)));
    EXPECT_EQ(slow.read_answer().status, 100) << "the key is good";
    take_key("all");
    ASSERT_TRUE(slow.send(whole.substr(body)));
    const auto answer = slow.read_answer();
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.fields.at("www-authenticate"), "Bearer");
    EXPECT_EQ(json::parse(answer.body)["field"], "Authorization");
    EXPECT_EQ(json::parse(answer.body)["in"], "header");
}

TEST_F(PostCallsTest, ARejectionNamesThePartThatTheAssetCameFrom) {
    {
        const auto guard = daemon_->lock();
        daemon_->on_post = [](const ReceivedPost& post) {
            v1::Ack ack;
            ack.set_post_id(post.post.post_id());
            ack.set_status(v1::Ack::REJECTED);
            ack.mutable_error()->set_code("too_large");
            ack.mutable_error()->set_field("assets[0].frame");
            return std::optional(ack);
        };
    }
    const std::string body = part("name=\"post\"", R"({"post_id":"p"})") +
                             part("name=\"photo\"; filename=\"a.png\"", "x") + "--frontier--";
    const auto answer = client().ask(request("POST /v1/posts", body, kMultipart));
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(json::parse(answer.body)["part"], "photo");
    EXPECT_EQ(json::parse(answer.body)["field"], "assets[0].frame");
}

TEST_F(PostCallsTest, BusyAndAwayAskToComeAgain) {
    {
        const auto guard = daemon_->lock();
        daemon_->on_post = [](const ReceivedPost&) {
            v1::Ack ack;
            ack.set_status(v1::Ack::BUSY);
            ack.set_retry_after_ms(1500);
            return std::optional(ack);
        };
    }
    auto answer = post_json(client(), R"({"post_id":"p","text":"t"})");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.fields.at("retry-after"), "2");
    // One that goes in the middle of a question leaves nobody waiting.
    {
        const auto guard = daemon_->lock();
        daemon_->on_post = [](const ReceivedPost&) { return std::optional<v1::Ack>(); };
    }
    RawClient waits = client();
    ASSERT_TRUE(
        waits.send(request("POST /v1/posts", R"({"post_id":"gone"})", "Content-Type: application/json\r\n")));
    while (daemon_->posts().back().post.post_id() != "gone")
        std::this_thread::yield();
    daemon_.reset();
    answer = waits.read_answer();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.fields.count("retry-after"), 1U);
    answer = post_json(client(), R"({"post_id":"p","text":"t"})");
    EXPECT_EQ(answer.status, 503) << "nobody is there";
    start_daemon();
    EXPECT_EQ(post_json(client(), R"({"post_id":"p","text":"t"})").status, 202) << "and back again";
}

TEST_F(PostCallsTest, APickThatComesInTimeIsTheAnswer) {
    RawClient waits = client();
    ASSERT_TRUE(waits.send(request("POST /v1/posts", R"({"post_id":"w","text":"t"})",
                                   "Content-Type: application/json\r\nPrefer: respond-async, wait=20\r\n")));
    while (daemon_->topics().count("pick.shop.") == 0 || daemon_->posts().back().post.post_id() != "w")
        std::this_thread::yield();
    daemon_->publish("pick.shop.joyful", R"({"tenant":"shop","post_id":"other","revision":1})");
    daemon_->publish("pick.shop2.joyful", R"({"tenant":"shop2","post_id":"w","revision":1})");
    daemon_->publish("pick.shop.joyful", R"({"tenant":"shop","post_id":"w","revision":1,"mood":"joyful"})");
    const auto answer = waits.read_answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.fields.at("preference-applied"), "wait=20");
    const json body = json::parse(answer.body);
    EXPECT_EQ(body["state"], "delivered");
    EXPECT_EQ(body["pick"]["mood"], "joyful");
}

TEST(Prefer, IsReadAsTheStandardHasIt) {
    using gateway::preferred_wait;
    using std::chrono::seconds;
    for (const auto& [prefer, wait] : std::vector<std::pair<std::string, std::optional<seconds>>>{
             {"wait=5", seconds(5)},
             {"Wait = 5", seconds(5)},
             {"wait=\"5\"", seconds(5)},
             {"respond-async, wait=5", seconds(5)},
             {"respond-async,wait=5;x=y, handling=lenient", seconds(5)},
             {"\ta=\"b, wait=7\", wait=5", seconds(5)},
             {"a=\"\\\", wait=7\",wait=5", seconds(5)},
             {"wait=5, wait=7", seconds(5)},
             {"wait=0", seconds(0)},
             {"wait=4294967295", seconds(4294967295)},
             {"wait=4294967296", seconds(4294967295)},
             {"wait=99999999999999999999999", seconds(4294967295)},
             {"", {}},
             {"wait", {}},
             {"wait=", {}},
             {"wait=\"\"", {}},
             {"wait=\"", {}},
             {"wait=-1", {}},
             {"wait=1.5", {}},
             {"wait=5s", {}},
             {"wait=x, wait=5", {}},
             {"waiting=5", {}},
             {"respond-async; wait=5", {}},
             {"a=\"wait=5", {}}})
        EXPECT_EQ(preferred_wait(prefer), wait) << prefer;
}

TEST_F(PostCallsTest, APreferenceMayStandOnAnyLineAndAskForAnyTime) {
    {
        const auto guard = daemon_->lock();
        daemon_->operations["post"] = [](const json&) {
            return json{{"state", "delivered"}, {"revision", 1}, {"pick", {{"mood", "sad"}}}};
        };
    }
    for (const char* fields : {"Prefer: respond-async\r\nPrefer: wait=20\r\n", "Prefer: wait=\"20\"\r\n",
                               "Prefer: wait=4294967296\r\n", "Prefer: wait=99999999999999999999\r\n"}) {
        const auto answer = post_json(client(), R"({"post_id":"w","text":"t"})", fields);
        EXPECT_EQ(answer.status, 200) << fields;
        EXPECT_EQ(answer.fields.count("preference-applied"), 1U) << fields;
    }
}

TEST_F(PostCallsTest, AnEventThatIsLostCostsOnlyTime) {
    {
        const auto guard = daemon_->lock();
        daemon_->operations["post"] = [](const json&) {
            return json{{"state", "delivered"}, {"revision", 1}, {"pick", {{"mood", "sad"}}}};
        };
    }
    const auto answer = post_json(client(), R"({"post_id":"w","text":"t"})", "Prefer: wait=20\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(json::parse(answer.body)["pick"]["mood"], "sad");
}

// The wait would be longer than the client's patience.
TEST_F(PostCallsTest, AWaitEndsWithItsKey) {
    RawClient waits = client();
    ASSERT_TRUE(waits.send(request("POST /v1/posts", R"({"post_id":"w","text":"t"})",
                                   "Content-Type: application/json\r\nPrefer: wait=30\r\n")));
    while (daemon_->posts().back().post.post_id() != "w")
        std::this_thread::yield();
    take_key("all");
    const auto answer = waits.read_answer();
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.fields.count("preference-applied"), 0U);
}

TEST_F(PostCallsTest, WithoutAPickInTimeItIsAcknowledgedAsEver) {
    {
        const auto guard = daemon_->lock();
        daemon_->operations["post"] = [](const json&) {
            return json{{"state", "analysing"}, {"revision", 1}};
        };
    }
    const auto answer = post_json(client(), R"({"post_id":"w","text":"t"})", "Prefer: wait=1\r\n");
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.fields.count("preference-applied"), 0U);
}

}  // namespace
}  // namespace bgm::test
