// Every call that asks for something, over HTTP, through the gateway, of a real daemon with a real database:
// what it says is what the tables hold. And a key of another tenant finds nothing, and takes nothing away.
#include <gmock/gmock.h>

#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/http_client.hpp"

namespace bgm::test {
namespace {

class HttpCalls : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        stack_ = std::make_unique<Stack>(Stack::Options{.settings = {"workers.audio=0", "workers.video=0"}});
        if (stack_->env("BGMD_GATEWAY").empty()) return;
        // At its first start the daemon may still be making the table.
        eventually([] {
            const auto output = stack_->bgmctl(
                "keys create --json --tenant other --scope post --scope read --scope feedback --scope admin");
            other_key_ = Json::parse(output.text, nullptr, false).value("key", "");
            return output.exit_code == 0;
        });
    }
    static void TearDownTestSuite() { stack_.reset(); }
    void SetUp() override {
        if (stack_->env("BGMD_GATEWAY").empty()) GTEST_SKIP() << "bgm-gateway is not built";
        mine_ = std::make_unique<HttpClient>(*stack_);
        others_ = std::make_unique<HttpClient>(*stack_, other_key_);
    }

    Json deliver(const std::string& id, const std::string& user = "u") {
        const auto answer = mine_->post(
            "/v1/posts", Json{{"post_id", id}, {"user_id", user}, {"text", "what a lovely evening"}}.dump());
        EXPECT_EQ(answer.status, 202) << answer.body;
        Json state;
        EXPECT_TRUE(eventually([&] {
            state = Json::parse(mine_->ask("GET", "/v1/posts/" + id).body);
            return state.value("state", "") == "delivered";
        })) << state;
        return state;
    }
    // No picture at all: it ends as a dead letter.
    void let_die(const std::string& id) {
        const std::vector<HttpClient::Part> form{
            {.name = "post", .type = "application/json", .bytes = Json{{"post_id", id}}.dump()},
            {.name = "photo", .type = "image/jpeg", .bytes = "no picture", .file_name = "photo.jpg"}};
        EXPECT_EQ(mine_->post("/v1/posts", form).status, 202);
        ASSERT_TRUE(wait_for_death(*stack_, id));
    }
    static long rows(const std::string& table, const std::string& id) {
        return stack_->count("SELECT COUNT(*) FROM " + table + " WHERE post_id = '" + id + "'");
    }
    static Json body(const HttpClient::Answer& answer) { return Json::parse(answer.body, nullptr, false); }
    static void expect_problem(const HttpClient::Answer& answer, long status, const std::string& code,
                               const std::string& field) {
        EXPECT_EQ(answer.status, status) << answer.body;
        EXPECT_EQ(body(answer).value("code", ""), code) << answer.body;
        EXPECT_EQ(body(answer).value("field", ""), field) << answer.body;
    }

    static std::unique_ptr<Stack> stack_;
    static std::string other_key_;
    std::unique_ptr<HttpClient> mine_, others_;
};
std::unique_ptr<Stack> HttpCalls::stack_;
std::string HttpCalls::other_key_;

TEST_F(HttpCalls, FeedbackIsStoredOnceAndNamesWhatIsWrong) {
    const Json pick = deliver("f-1")["pick"];
    const Json liked{{"post_id", "f-1"},
                     {"track_id", pick["tracks"][0]["track_id"]},
                     {"action", "LIKED"},
                     {"happened_at", "2026-11-29T08:00:00Z"}};
    for (int again = 0; again < 2; ++again)
        EXPECT_EQ(mine_->post("/v1/feedback", liked.dump()).status, 200);
    EXPECT_EQ(rows("feedback", "f-1"), 1);
    Json skipped = liked;
    skipped["action"] = "SKIPPED";
    const auto both = mine_->post("/v1/feedback", Json{{"items", {liked, skipped}}}.dump());
    EXPECT_EQ(both.status, 200) << both.body;
    EXPECT_EQ(rows("feedback", "f-1"), 2);
    Json timeless = liked;
    timeless.erase("happened_at");
    expect_problem(mine_->post("/v1/feedback", timeless.dump()), 422, "invalid_argument", "happened_at");
    expect_problem(mine_->post("/v1/feedback", Json{{"items", {liked, timeless}}}.dump()), 422,
                   "invalid_argument", "items[1].happened_at");
    Json wrong = liked;
    wrong["action"] = "LOVED";
    expect_problem(mine_->post("/v1/feedback", wrong.dump()), 422, "invalid_argument", "action");
    // What cannot be: a track that was not picked, a post of somebody else, a time that is still to come.
    Json other_track = liked;
    other_track["track_id"] = "never picked";
    expect_problem(mine_->post("/v1/feedback", Json{{"items", {liked, other_track}}}.dump()), 422,
                   "invalid_argument", "items[1].track_id");
    expect_problem(others_->post("/v1/feedback", liked.dump()), 422, "invalid_argument", "post_id");
    Json later = liked;
    later["happened_at"] = "2199-01-01T00:00:00Z";
    expect_problem(mine_->post("/v1/feedback", later.dump()), 422, "invalid_argument", "happened_at");
    EXPECT_EQ(rows("feedback", "f-1"), 2);
}

TEST_F(HttpCalls, TracksAreThoseOfTheCatalogueInPlainNumbers) {
    const auto answer = mine_->ask("GET", "/v1/tracks?limit=1000");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const Json list = body(answer);
    EXPECT_EQ(list["total"], stack_->count("SELECT COUNT(*) FROM tracks"));
    ASSERT_FALSE(list["items"].empty());
    for (const Json& track : list["items"]) {
        const std::string valence = track["valence"].dump();
        EXPECT_LE(valence.size(), std::string("-0.123456789").size()) << valence;
    }
    const Json joyful = body(mine_->ask("GET", "/v1/tracks?mood=joyful&limit=1"));
    EXPECT_LT(joyful["total"].get<long>(), list["total"].get<long>());
    EXPECT_EQ(joyful["items"].size(), 1U);
    const std::string first = list["items"][0]["track_id"];
    const Json similar = body(mine_->ask("GET", "/v1/tracks/" + first + "/similar?limit=3"));
    EXPECT_EQ(similar["by"], "mood") << "nobody has listened to the starter catalogue";
    EXPECT_EQ(similar["items"].size(), 3U) << similar;
    expect_problem(mine_->ask("GET", "/v1/tracks/nobody/similar"), 404, "not_found", "track_id");
    expect_problem(mine_->ask("GET", "/v1/tracks/" + first + "/similar?limit=0"), 400, "invalid_argument",
                   "limit");
    const Json found = body(mine_->ask("GET", "/v1/tracks?q=%EC%9E%94%EC%9E%94%ED%95%9C+piano&limit=3"));
    ASSERT_EQ(found["items"].size(), 3U) << found;
    EXPECT_THAT(found["items"][0]["reason"].get<std::string>(), testing::HasSubstr("piano in title"));
    EXPECT_GE(found["items"][0]["score"], found["items"][1]["score"]);
    expect_problem(mine_->ask("GET", "/v1/tracks?q=piano&after=x"), 400, "invalid_argument", "after");
    const std::string second = list["items"][1]["track_id"];
    expect_problem(mine_->ask("GET", "/v1/tracks/" + first + "/path?to=nobody"), 404, "not_found", "to");
    expect_problem(mine_->ask("GET", "/v1/tracks/" + first + "/path"), 400, "invalid_argument", "to");
    expect_problem(mine_->ask("GET", "/v1/tracks/" + first + "/path?to=" + second + "&length=2"), 400,
                   "invalid_argument", "length");
    EXPECT_EQ(body(mine_->ask("GET", "/v1/tracks/" + first + "/path?to=" + second))["code"], "unsupported")
        << "nobody has listened to the starter catalogue";
    expect_problem(mine_->ask("GET", "/v1/tracks?mood=happy"), 400, "invalid_argument", "mood");
    expect_problem(mine_->ask("GET", "/v1/tracks?colour=1"), 400, "invalid_argument", "colour");
}

TEST_F(HttpCalls, DeadLettersAreListedShownRetriedAndDropped) {
    let_die("d-1");
    const Json list = body(mine_->ask("GET", "/v1/dead"));
    EXPECT_THAT(list.dump(), testing::HasSubstr("\"d-1\""));
    const Json dead = body(mine_->ask("GET", "/v1/dead/d-1"));
    EXPECT_EQ(dead.value("post_id", ""), "d-1") << dead;
    EXPECT_EQ(body(mine_->ask("GET", "/v1/posts/d-1")).value("state", ""), "dead");
    for (const auto& [method, path] :
         {std::pair("GET", "/v1/dead/d-1"), {"POST", "/v1/dead/d-1/retry"}, {"DELETE", "/v1/dead/d-1"}})
        expect_problem(others_->ask(method, path), 404, "not_found", "post_id");
    EXPECT_EQ(body(others_->ask("GET", "/v1/dead"))["items"].size(), 0U);
    EXPECT_EQ(mine_->ask("POST", "/v1/dead/d-1/retry").status, 200);
    // No better than before.
    EXPECT_TRUE(eventually([&] { return mine_->ask("GET", "/v1/dead/d-1").status == 200; }));
    EXPECT_EQ(mine_->ask("DELETE", "/v1/dead/d-1").status, 200);
    expect_problem(mine_->ask("GET", "/v1/dead/d-1"), 404, "not_found", "post_id");
    EXPECT_TRUE(eventually([] { return rows("dead_posts", "d-1") == 0; }));
}

TEST_F(HttpCalls, ErasureSaysWhatItRemoved) {
    for (const char* id : {"e-1", "e-2", "e-3"})
        deliver(id, std::string(id) == "e-3" ? "stayer" : "leaver");
    const Json one = body(mine_->ask("DELETE", "/v1/posts/e-1"));
    EXPECT_EQ(one.value("picks", -1), 1) << one;
    expect_problem(mine_->ask("GET", "/v1/posts/e-1"), 404, "not_found", "post_id");
    EXPECT_EQ(rows("picks", "e-1") + rows("pick_tracks", "e-1"), 0);
    const Json user = body(mine_->ask("DELETE", "/v1/users/leaver"));
    EXPECT_EQ(user.value("picks", -1), 1) << user;
    EXPECT_EQ(rows("picks", "e-2"), 0);
    EXPECT_EQ(rows("picks", "e-3"), 1);
    EXPECT_EQ(body(mine_->ask("DELETE", "/v1/posts/e-1")).value("picks", -1), 0) << "nothing is left";
}

TEST_F(HttpCalls, AnotherTenantFindsNothingAndErasesNothing) {
    deliver("t-1", "somebody");
    expect_problem(others_->ask("GET", "/v1/posts/t-1"), 404, "not_found", "post_id");
    for (const char* path : {"/v1/posts/t-1", "/v1/users/somebody"}) {
        const auto answer = others_->ask("DELETE", path);
        EXPECT_EQ(answer.status, 200) << answer.body;
        const Json removed = body(answer);
        for (const auto& [what, count] : removed.items())
            EXPECT_TRUE(!count.is_number() || count == 0) << path << " " << what;
    }
    EXPECT_EQ(mine_->ask("GET", "/v1/posts/t-1").status, 200);
    EXPECT_EQ(rows("picks", "t-1"), 1);
    // The same id is another post there.
    EXPECT_EQ(others_->post("/v1/posts", R"({"post_id":"t-1","text":"of another"})").status, 202);
    EXPECT_TRUE(eventually(
        [&] { return others_->ask("GET", "/v1/posts/t-1").body.find("delivered") != std::string::npos; }));
    EXPECT_EQ(others_->ask("DELETE", "/v1/posts/t-1").status, 200);
    EXPECT_EQ(rows("picks", "t-1"), 1) << "the first one's";
    expect_problem(others_->post("/v1/posts", R"({"post_id":"t-2","tenant":"default","text":"t"})"), 403,
                   "forbidden", "tenant");
    const Json feedback{{"post_id", "t-1"},
                        {"track_id", "x"},
                        {"action", "SKIPPED"},
                        {"tenant", "default"},
                        {"happened_at", "2026-11-29T08:00:00Z"}};
    expect_problem(others_->post("/v1/feedback", feedback.dump()), 403, "forbidden", "tenant");
}

}  // namespace
}  // namespace bgm::test
