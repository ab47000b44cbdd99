// The door beside a journal, with the rest of the daemon played by the test: whatever a gateway says that
// strangers have taken over, it gets what its keys are worth, and nothing of another tenant.
#include "daemon/door/door.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/admin/journal_dead_letters.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/door/key_text.hpp"
#include "daemon/gateway_sockets.hpp"
#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/door/asking_gateway.hpp"
#include "tests/daemon/door/key_of.hpp"
#include "tests/daemon/journal/waited_journal.hpp"

namespace bgm {
namespace {

using nlohmann::json;
using testing::AskingGateway;
using testing::done_in;
using testing::key_of;
using testing::RunningLoop;
using testing::ScratchFolder;

// As the connector says it.
const Error kAway{.code = ErrorCode::unavailable,
                  .message = "MySQL: Can't connect to local server through socket '/srv/db.sock' [2002]"};

// What the door handed to its hooks.
struct Told {
    std::vector<std::string> forgotten, erased;
    std::vector<v1::Feedback> feedback;
    std::string catalogue_of;
};

class DoorTest : public ::testing::Test {
 protected:
    void SetUp() override {
        config_.runtime_dir = folder_.path();
        journal_ = testing::open_journal(folder_.path() / "journal.sqlite", metrics_,
                                         {.queue_bytes_max = 1 << 20, .commit_batch = 16});
        ASSERT_NE(journal_, nullptr);
        media_ = std::move(*MediaStore::open(folder_.path() / "media", {}));
        std::vector<ApiKey> keys{key_of("t", "post read feedback admin", "all"),
                                 key_of("t", "post", "post"),
                                 key_of("t", "read", "read"),
                                 key_of("t", "feedback", "feedback"),
                                 key_of("t", "admin", "admin"),
                                 key_of("u", "post read feedback admin", "of u"),
                                 key_of("t", "post read feedback admin", "expired"),
                                 key_of("t", "post read feedback admin", "revoked")};
        keys[6].expires_ms = now_ms() - 1;
        keys[7].revoked_ms = 1;
        keys_ = std::make_unique<KeyRing>(running_.loop(), *journal_, keys, KeyHome{});
        dead_letters_ = std::make_unique<JournalDeadLetters>(
            running_.loop(), *journal_, *media_,
            [this](const std::string& tenant, const std::string& post_id) {
                told_.forgotten.push_back(tenant + "/" + post_id);
            },
            [] {});
        auto opened = Door::open(config_, running_.loop(), messaging_, *journal_, *media_, *dead_letters_,
                                 *keys_, hooks());
        ASSERT_TRUE(opened) << opened.error().to_string();
        door_ = std::move(*opened);
        running_.start();
    }
    void TearDown() override {
        running_.stop();
        door_.reset();
        keys_.reset();
        media_.reset();
        journal_.reset();
    }

    Door::Hooks hooks() {
        return {.status =
                    [] {
                        return json{{"ready", true},
                                    {"mysql", {{"state", "down"}, {"error", kAway.message}}},
                                    {"workers",
                                     {{{"name", "text-0"},
                                       {"last_end", "/srv/bgm-worker cannot be started: No such file"}}}},
                                    {"models", {{"dir", "/srv/models"}, {"image", "/srv/models/clip"}}}};
                    },
                .missing = [] { return std::vector<std::string>{"worker: text"}; },
                .posts = {.analysing = [](std::int64_t) { return false; },
                          .find_pick =
                              [this](const std::string&, const std::string&, std::uint32_t,
                                     const PostLookup::OnPick& done) {
                                  if (store_error_) return done(*store_error_);
                                  done(std::optional<v1::Pick>());
                              }},
                .erase_delivered =
                    [this](const ErasureScope& scope, const auto& done) {
                        told_.erased.push_back(scope.tenant + "/" + scope.post_id + scope.user_id);
                        if (store_error_) return done(*store_error_);
                        done(ErasedRows{.picks = 1});
                    },
                .find_events = find_events_,
                .insert_feedback =
                    [this](const std::vector<v1::Feedback>& feedback, const auto& done) {
                        if (store_error_) return done(*store_error_);
                        told_.feedback.insert(told_.feedback.end(), feedback.begin(), feedback.end());
                        done(feedback.size());
                    },
                .catalogue =
                    [this](const std::string& tenant) {
                        told_.catalogue_of = tenant;
                        Track track;
                        track.track_id = "t-1";
                        return std::make_shared<const Catalogue>(*Catalogue::build({track}));
                    },
                .aside = [](const std::function<void()>& work) { work(); }};
    }

    /// So far; the hooks write it on the loop's thread.
    Told told() {
        return running_.on_loop([this] { return told_; });
    }
    json ask(const std::string& key, json request) {
        if (!key.empty()) request["key"] = digest_of(key);
        return gateway_.ask(request);
    }
    std::string refusal(const json& answer) {
        return answer.value("ok", true) ? "none" : answer["error"]["code"].get<std::string>();
    }
    void dead(const std::string& tenant, const std::string& post_id, const std::string& user_id = "u-1") {
        v1::Post post;
        post.set_tenant(tenant);
        post.set_post_id(post_id);
        post.set_user_id(user_id);
        EXPECT_TRUE(done_in(*journal_, [&](JournalStore& store) -> Status {
            const auto accepted = store.accept({.tenant = tenant,
                                                .post_id = post_id,
                                                .content_hash = "",
                                                .post = post.SerializeAsString(),
                                                .media = ""},
                                               1);
            if (!accepted) return accepted.error();
            v1::DeadLetter letter;
            letter.set_tenant(tenant);
            letter.set_post_id(post_id);
            letter.set_code("corrupt");
            *letter.mutable_post() = post;
            const auto done = store.set_dead(accepted->seq, 1, letter.SerializeAsString(), 1);
            return done ? ok_status() : Status(done.error());
        }));
    }
    std::string state(const std::string& key, const std::string& post_id) {
        return ask(key, {{"op", "post"}, {"post_id", post_id}})["result"].value("state", "none");
    }

    ScratchFolder folder_;
    Config config_;
    Metrics metrics_;
    Messaging messaging_;
    RunningLoop running_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<MediaStore> media_;
    std::unique_ptr<KeyRing> keys_;
    std::unique_ptr<DeadLetters> dead_letters_;
    std::unique_ptr<Door> door_;
    Told told_;
    std::optional<Error> store_error_;  // what MySQL's hooks say; touched on the loop's thread
    EventPages::Find find_events_;
    AskingGateway gateway_{"ipc://" + (folder_.path() / kGatewayDoorSocket).string()};
};

struct Call {
    json request;
    std::string scope;  // that it needs; empty: any key
};
const std::vector<Call>& calls() {
    static const std::vector<Call> list{
        {{{"op", "key"}}, ""},
        {{{"op", "post"}, {"post_id", "p"}}, "read"},
        {{{"op", "erase"}, {"post_id", "p"}}, "post"},
        {{{"op", "erase"}, {"user_id", "u-1"}}, "admin"},
        {{{"op", "tracks"}}, "read"},
        {{{"op", "events"}}, "read"},
        {{{"op", "feedback"},
          {"items",
           {{{"post_id", "p"},
             {"track_id", "t-1"},
             {"action", "LIKED"},
             {"happened_at", "2026-11-29T08:00:00Z"}}}}},
         "feedback"},
        {{{"op", "dead.list"}}, "admin"},
        {{{"op", "dead.show"}, {"post_id", "p"}}, "admin"},
        {{{"op", "dead.retry"}, {"post_id", "p"}}, "admin"},
        {{{"op", "dead.drop"}, {"post_id", "p"}}, "admin"},
        {{{"op", "status"}}, "admin"},
    };
    return list;
}

// Every call with no key, one that was made up, one that has expired, one that is revoked.
TEST_F(DoorTest, RefusesEveryCallWithoutAKeyThatMayBeUsed) {
    dead("t", "p");
    for (const Call& call : calls()) {
        for (const std::string key : {"", "made up", "expired", "revoked"}) {
            const json answer = ask(key, call.request);
            EXPECT_EQ(refusal(answer), "unauthenticated") << call.request << " with '" << key << "'";
            EXPECT_EQ(answer["error"].value("field", ""), "key");
        }
        json with_text = call.request;
        for (const json& lie : {json("all"), json(7), json(nullptr), json(json::array({digest_of("all")}))}) {
            with_text["key"] = lie;
            EXPECT_EQ(refusal(gateway_.ask(with_text)), "unauthenticated") << with_text;
        }
    }
    EXPECT_EQ(state("all", "p"), "dead") << "nothing was done";
    EXPECT_TRUE(told().erased.empty() && told().forgotten.empty());
}

// Every call with every single scope: just the one that it needs will do.
TEST_F(DoorTest, AsksForTheScopeOfEachCall) {
    for (const Call& call : calls()) {
        for (const Scope scope : kScopes) {
            dead("t", "p");
            const bool enough = call.scope.empty() || call.scope == name(scope);
            const json answer = ask(std::string(name(scope)), call.request);
            EXPECT_EQ(refusal(answer), enough ? "none" : "forbidden")
                << call.request << " with the scope " << name(scope) << ": " << answer;
        }
    }
}

// Every call with the key of another tenant, which names the first one's tenant in all ways that there are.
TEST_F(DoorTest, ShowsAndTouchesNothingOfAnotherTenant) {
    dead("t", "p");
    for (const Call& call : calls()) {
        json request = call.request;
        request["tenant"] = "t";
        const std::string answer = ask("of u", request).dump();
        EXPECT_EQ(answer.find("corrupt"), std::string::npos) << request << " shows " << answer;
        EXPECT_EQ(state("all", "p"), "dead") << request;
    }
    json all{{"op", "dead.drop"}, {"all", true}, {"tenant", "t"}};
    EXPECT_EQ(ask("of u", all)["result"]["count"], 0);
    all.erase("tenant");
    EXPECT_EQ(ask("of u", all)["result"]["count"], 0);
    EXPECT_EQ(state("all", "p"), "dead");
    const Told at_the_end = told();
    for (const std::string& erased : at_the_end.erased)
        EXPECT_TRUE(erased.starts_with("u/")) << erased;
    EXPECT_EQ(ask("admin", all)["result"]["count"], 1);
}

TEST_F(DoorTest, SaysWhoseAKeyIs) {
    EXPECT_EQ(ask("read", {{"op", "key"}})["result"],
              json({{"id", "k_read"}, {"tenant", "t"}, {"scopes", {"read"}}, {"expires_ms", 0}}));
}

TEST_F(DoorTest, SaysWithoutAKeyWhetherTheDaemonIsReady) {
    EXPECT_EQ(ask("", {{"op", "health"}})["result"]["missing"], json({"worker: text"}));
}

TEST_F(DoorTest, NamesNoFolderOfThisHost) {
    const json status = ask("admin", {{"op", "status"}})["result"];
    EXPECT_EQ(status["models"], json({{"image", "clip"}}));
    EXPECT_EQ(status["mysql"], json({{"state", "down"}}));
    EXPECT_EQ(status["workers"][0]["last_end"], "bgm-worker cannot be started: No such file");
    EXPECT_EQ(status.dump().find("/srv"), std::string::npos) << status;
}

// Where MySQL listens, as whom bgmd logs in and what its tables are called is the log's and nobody else's.
class DoorOutageTest : public DoorTest {
 protected:
    DoorOutageTest() {
        find_events_ = [this](const std::string&, std::uint64_t, std::size_t, const auto& done) {
            done(*store_error_);
        };
    }
};

TEST_F(DoorOutageTest, TellsNothingOfWhatTheServerSays) {
    struct Case {
        Error error;
        std::string code;
    };
    const std::vector<Case> cases{
        {kAway, "unavailable"},
        {{.code = ErrorCode::invalid_argument,
          .message = "MySQL: Access denied for user 'bgm'@'db.internal' (using password: YES) [1045]",
          .field = "mysql.user"},
         "unavailable"},
        {{.code = ErrorCode::invalid_argument,
          .message = "MySQL: Data too long for column 'user_id' at row 1 [1406]",
          .field = "user_id"},
         "internal"},
        {{.code = ErrorCode::too_large, .message = "MySQL: Got a packet [1153]; raise max_allowed_packet"},
         "internal"},
        {{.code = ErrorCode::internal, .message = "MySQL: something about /srv/db.sock"}, "internal"},
        {{.code = ErrorCode::resource_exhausted, .message = "MySQL: Lock wait timeout [1205]"},
         "resource_exhausted"},
    };
    std::set<std::string> logged;
    for (const Case& each : cases) {
        running_.on_loop([&] { store_error_ = each.error; });
        for (const Call& call : calls()) {
            if (call.request["op"] != "post" && call.request["op"] != "erase" &&
                call.request["op"] != "events" && call.request["op"] != "feedback")
                continue;
            ::testing::internal::CaptureStdout();
            const json answer = ask("all", call.request);
            const std::string log = ::testing::internal::GetCapturedStdout();
            EXPECT_EQ(refusal(answer), each.code) << call.request;
            EXPECT_EQ(answer["error"]["field"], "") << call.request;
            for (const char* inside : {"MySQL", "sock", "srv", "bgm'", "column", "packet", "["})
                EXPECT_EQ(answer["error"]["message"].get<std::string>().find(inside), std::string::npos)
                    << answer;
            EXPECT_FALSE(answer["error"]["message"].get<std::string>().empty());
            if (logged.insert(call.request["op"].get<std::string>() + each.code).second) {
                EXPECT_NE(log.find(each.error.message.substr(0, 20)), std::string::npos) << log;
            }
        }
    }
}

// Whoever asks again and again while MySQL is away fills no disk.
TEST_F(DoorOutageTest, SaysTheSameInTheLogOnlyOnce) {
    running_.on_loop([&] { store_error_ = kAway; });
    ::testing::internal::CaptureStdout();
    for (int i = 0; i < 20; ++i)
        ask("read", {{"op", "events"}});
    const std::string log = ::testing::internal::GetCapturedStdout();
    EXPECT_EQ(std::ranges::count(log, '\n'), 1) << log;
    EXPECT_NE(log.find("db.sock"), std::string::npos) << log;
}

TEST_F(DoorTest, AnswersAnErasureOnceHoweverManyPagesItTakes) {
    constexpr int kPosts = 2'100;  // more than a page
    ASSERT_TRUE(done_in(*journal_, [&](JournalStore& store) -> Status {
        v1::Post post;
        post.set_tenant("t");
        post.set_user_id("u-2");
        for (int i = 0; i < kPosts; ++i) {
            const auto accepted = store.accept({.tenant = "t",
                                                .post_id = std::to_string(i),
                                                .content_hash = "",
                                                .post = post.SerializeAsString(),
                                                .media = ""},
                                               1);
            if (!accepted) return accepted.error();
        }
        return ok_status();
    }));
    const json erased = ask("admin", {{"op", "erase"}, {"user_id", "u-2"}})["result"];
    EXPECT_EQ(erased["journal_posts"], kPosts);
    EXPECT_EQ(erased["picks"], 1);
    EXPECT_FALSE(erased.contains("next"));
}

TEST_F(DoorTest, AnswersWhatIsNoQuestion) {
    for (const std::string bytes :
         {"", "{", "[]", "7", "null", "{\"op\":7}", "{\"op\":\"nothing\"}", "\xff"}) {
        gateway_.send({"12345678", "", "BGM1/door", bytes});
        const auto frames = gateway_.receive();
        ASSERT_EQ(frames.size(), 4U);
        EXPECT_EQ(refusal(json::parse(frames[3])), "invalid_argument") << bytes;
    }
    gateway_.send({"12345678", "", "BGM1/admin", R"({"op":"status"})"});
    EXPECT_EQ(refusal(json::parse(gateway_.receive().back())), "invalid_argument");
    gateway_.send({"12345678", "", "BGM1/door", "{}", "more"});
    EXPECT_EQ(refusal(json::parse(gateway_.receive().back())), "invalid_argument");
}

TEST_F(DoorTest, TakesFeedbackForTheTenantOfTheKey) {
    const json item{{"post_id", "p"},
                    {"track_id", "t-1"},
                    {"action", "LIKED"},
                    {"user_id", "u-7"},
                    {"happened_at", "2026-11-29T08:00:00Z"}};
    EXPECT_EQ(ask("of u", {{"op", "feedback"}, {"items", {item, item}}})["result"]["stored"], 2);
    const std::vector<v1::Feedback> stored = told().feedback;
    ASSERT_EQ(stored.size(), 2U);
    EXPECT_EQ(stored[0].tenant(), "u");
    EXPECT_EQ(stored[0].action(), v1::Feedback::LIKED);
    const auto field = [&](const std::string& name, const json& value) {
        json bad = item;
        bad[name] = value;
        if (value.is_null()) bad.erase(name);
        return ask("feedback", {{"op", "feedback"}, {"items", {item, bad}}})["error"].value("field", "none");
    };
    EXPECT_EQ(field("tenant", "u"), "items[1].tenant") << "it is the key's or left out";
    EXPECT_EQ(field("tenant", 7), "items[1].tenant");
    for (const char* id : {"post_id", "track_id", "user_id"}) {
        for (const json& wrong : {json("a\nb"), json(" a"), json("a "), json(std::string("a\0b", 3)),
                                  json("\x7f"), json(7), json(json::array()), json(std::string(129, 'a'))})
            EXPECT_EQ(field(id, wrong), "items[1]." + std::string(id)) << wrong;
    }
    for (const json& time : {json(json::object()), json(1764403200), json("now"), json(""),
                             json(json::array()), json("2026-02-30T00:00:00Z")})
        EXPECT_EQ(field("happened_at", time), "items[1].happened_at") << time;
    for (const json& action :
         {json(), json("ACTION_UNSPECIFIED"), json(0), json(9), json("liked"), json(true)})
        EXPECT_EQ(field("action", action), "items[1].action") << action;
    EXPECT_EQ(field("post_id", nullptr), "items[1].post_id");
    EXPECT_EQ(field("track_id", ""), "items[1].track_id");
    EXPECT_EQ(field("happened_at", nullptr), "items[1].happened_at");
    EXPECT_EQ(field("surprise", 1), "items[1].surprise");
    EXPECT_EQ(field("postId", "p"), "items[1].post_id") << "twice, in two spellings";
    for (const json& items :
         {json(), json::array(), json("x"), json::array({7}), json(std::vector<json>(1001, item))})
        EXPECT_TRUE(ask("feedback", {{"op", "feedback"}, {"items", items}})["error"]
                        .value("field", "")
                        .starts_with("items"));
    EXPECT_EQ(told().feedback.size(), 2U) << "all of a request or nothing";
    json own = item;
    own["tenant"] = "t";
    EXPECT_EQ(ask("feedback", {{"op", "feedback"}, {"items", {own}}})["result"]["stored"], 1);
    own["tenant"] = "u";
    EXPECT_EQ(refusal(ask("feedback", {{"op", "feedback"}, {"items", {own}}})), "forbidden");
}

TEST_F(DoorTest, ShowsTheTracksThatServeTheTenant) {
    EXPECT_EQ(ask("of u", {{"op", "tracks"}, {"tenant", "t"}})["result"]["total"], 1);
    EXPECT_EQ(told().catalogue_of, "u");
}

// Without MySQL the journal keeps the events, in the order in which they were decided.
TEST_F(DoorTest, ReadsTheEventsOfTheJournalBehindAnyOfThem) {
    const auto decide = [&](const std::string& tenant, const std::string& post_id, bool well) {
        EXPECT_TRUE(done_in(*journal_, [&](JournalStore& store) -> Status {
            if (const Status kept = store.keep_events(); !kept) return kept;
            const auto accepted = store.accept(
                {.tenant = tenant, .post_id = post_id, .content_hash = "", .post = "", .media = ""}, 1);
            if (!accepted) return accepted.error();
            v1::Pick pick;
            pick.set_tenant(tenant);
            pick.set_post_id(post_id);
            v1::DeadLetter letter;
            letter.set_post_id(post_id);
            const auto done =
                well ? store.set_picked(accepted->seq, 1, pick.SerializeAsString(), PostState::delivered, 1)
                     : store.set_dead(accepted->seq, 1, letter.SerializeAsString(), 1);
            return done ? ok_status() : Status(done.error());
        }));
    };
    EXPECT_EQ(ask("read", {{"op", "events"}})["result"], json({{"items", json::array()}, {"last", "0"}}));
    decide("t", "a", true);
    decide("u", "of u", true);
    decide("t", "b", false);
    decide("t", "c", true);
    const json all = ask("read", {{"op", "events"}})["result"];
    ASSERT_EQ(all["items"].size(), 3U) << all;
    EXPECT_EQ(all["items"][0]["data"]["post_id"], "a");
    EXPECT_EQ(all["items"][0]["kind"], "pick");
    EXPECT_EQ(all["items"][1]["data"]["post_id"], "b");
    EXPECT_EQ(all["items"][1]["kind"], "dead");
    EXPECT_EQ(all["items"][2]["event_id"], all["last"]);
    EXPECT_EQ(all["items"][2]["data"]["event_id"], all["last"]);
    std::string after = "0";
    for (const char* post_id : {"a", "b", "c"}) {
        const json page = ask("read", {{"op", "events"}, {"after", after}, {"limit", 1}})["result"];
        ASSERT_EQ(page["items"].size(), 1U);
        EXPECT_EQ(page["items"][0]["data"]["post_id"], post_id);
        EXPECT_EQ(page["last"], all["last"]);
        after = page["items"][0]["event_id"];
    }
    EXPECT_TRUE(ask("read", {{"op", "events"}, {"after", after}})["result"]["items"].empty());
    for (const json& wrong : {json(-1), json("7x"), json(1.5), json::array()})
        EXPECT_EQ(ask("read", {{"op", "events"}, {"after", wrong}})["error"]["field"], "after") << wrong;
    EXPECT_EQ(ask("read", {{"op", "events"}, {"limit", 1001}})["error"]["field"], "limit");
}

// As deep as a request can be nested.
TEST_F(DoorTest, SurvivesDeepNesting) {
    const std::string deep(500'000, '[');
    gateway_.send({"12345678", "", "BGM1/door", deep});
    EXPECT_EQ(refusal(json::parse(gateway_.receive().back())), "invalid_argument");
    gateway_.send({"12345678", "", "BGM1/door",
                   R"({"op":"key","x":)" + std::string(300'000, '[') + std::string(300'000, ']') + "}"});
    EXPECT_EQ(refusal(json::parse(gateway_.receive().back())), "unauthenticated");
    // With a key that is good the request is copied, too.
    gateway_.send({"12345678", "", "BGM1/door",
                   R"({"op":"key","key":")" + digest_of("read") + R"(","x":)" + std::string(400'000, '[') +
                       std::string(400'000, ']') + "}"});
    EXPECT_EQ(refusal(json::parse(gateway_.receive().back())), "none");
}

}  // namespace
}  // namespace bgm
