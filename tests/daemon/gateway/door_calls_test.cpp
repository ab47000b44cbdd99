// Calls that bgmd's door answers: what it refuses is told in the words of the client's own request.
#include <memory>
#include <set>

#include "tests/daemon/gateway/gateway_fixture.hpp"

namespace bgm::test {
namespace {

// Idea: the door knows only lists. Whoever sent one object must not be told of an item that he has not sent.
// Copied or sent on, the one would take a stack as deep as it is, and the other cut the gateway off from
// bgmd.
TEST_F(GatewayTest, FeedbackThatIsTooDeepOrTooLargeIsRefusedAndTheNextIsTaken) {
    {
        const auto guard = daemon_->lock();
        daemon_->operations["feedback"] = [](const json&) { return json{{"stored", 1}}; };
    }
    const auto status = [&](const std::string& body) {
        return client().ask(request("POST /v1/feedback", body, "Content-Type: application/json\r\n")).status;
    };
    const auto one = [](const std::string& user) {
        return R"({"post_id":"p","track_id":"t","action":"LIKED","user_id":")" + user + "\"}";
    };
    EXPECT_EQ(status(R"({"items":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}"), 400);
    EXPECT_EQ(status(one(std::string((1 << 20) + 1, 'u'))), 413);
    EXPECT_EQ(status(one("u")), 200);
    for (const char* none : {"", "7", "[]", "{post_id:'p'}", R"({"post_id":"p",})", R"({"post_id":"p"} x)"})
        EXPECT_EQ(status(std::string(none) + " "), 400) << none;
}

// A post that was erased and has come again begins with revision 1 again, and is another one all the same.
TEST_F(GatewayTest, TheTagOfAPostIsThatOfWhatIsShown) {
    // The daemon's own as well: it outlives this test's body.
    const auto shown = std::make_shared<json>(
        json{{"state", "delivered"}, {"revision", 1}, {"pick", {{"mood", "sad"}, {"picked_at", "a"}}}});
    const auto show = [&](const json& next) {
        const auto guard = daemon_->lock();
        *shown = next;
    };
    {
        const auto guard = daemon_->lock();
        daemon_->operations["post"] = [shown](const json&) { return *shown; };
    }
    const auto get = [&](const std::string& known) {
        return client().ask(
            request("GET /v1/posts/p", "", known.empty() ? "" : "If-None-Match: " + known + "\r\n"));
    };
    const std::string first = get("").fields.at("etag");
    EXPECT_EQ(get(first).status, 304);
    EXPECT_EQ(get("\"other\", W/" + first).status, 304);
    EXPECT_EQ(get(first).body, "");
    std::set<std::string> tags{first};
    for (const json& next :
         {json{{"state", "accepted"}, {"revision", 1}},
          json{{"state", "delivered"}, {"revision", 1}, {"pick", {{"mood", "sad"}, {"picked_at", "b"}}}},
          json{{"state", "delivered"}, {"revision", 1}, {"pick", {{"mood", "joyful"}, {"picked_at", "a"}}}},
          json{{"state", "delivered"}, {"revision", 2}, {"pick", {{"mood", "sad"}, {"picked_at", "a"}}}},
          json{{"state", "dead"}, {"revision", 1}, {"dead", {{"died_at", "a"}}}},
          json{{"state", "dead"}, {"revision", 1}, {"dead", {{"died_at", "b"}}}}}) {
        show(next);
        const auto answer = get(first);
        EXPECT_EQ(answer.status, 200) << next;
        EXPECT_TRUE(tags.insert(answer.fields.at("etag")).second) << next;
    }
}

TEST_F(GatewayTest, FeedbackThatIsRefusedNamesTheFieldThatTheClientSent) {
    const auto field = std::make_shared<std::string>();
    {
        const auto guard = daemon_->lock();
        daemon_->operations["feedback"] = [field](const json&) {
            return json{{"code", "invalid_argument"}, {"field", *field}};
        };
    }
    const std::string one = R"({"post_id":"p","track_id":"t","action":"LIKED"})";
    const std::string list = R"({"items":[)" + one + "]}";
    const auto named = [&](const std::string& body, const std::string& by_door) {
        {
            const auto guard = daemon_->lock();
            *field = by_door;
        }
        const auto answer =
            client().ask(request("POST /v1/feedback", body, "Content-Type: application/json\r\n"));
        EXPECT_EQ(answer.status, 422) << answer.body;
        const json problem = json::parse(answer.body);
        EXPECT_EQ(problem.value("in", ""), problem.contains("field") ? "body" : "");
        return problem.value("field", "none");
    };
    EXPECT_EQ(named(one, "items[0].happened_at"), "happened_at");
    EXPECT_EQ(named(one, "items[0]"), "none");
    EXPECT_EQ(named(list, "items[0].happened_at"), "items[0].happened_at");
    // What the gateway refuses by itself is named in the same way.
    EXPECT_EQ(named(R"({"post_id":"p","track_id":"t","action":"LIKED","post_id":"q"})", ""), "post_id");
    EXPECT_EQ(named(R"({"items":[{"post_id":"p","post_id":"q"}]})", ""), "items[0].post_id");
    EXPECT_EQ(named(R"({"items":[],"more":1})", ""), "items");
}

}  // namespace
}  // namespace bgm::test
