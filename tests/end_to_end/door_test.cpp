// The door of a real daemon, with the test in the gateway's place: events go on without a gap through
// crashes, a key counts no more within seconds of its revocation, whoever revokes it, and a gateway that
// strangers have taken over posts for nobody whose key it was not shown.
#include <gmock/gmock.h>
#include <openssl/evp.h>

#include <array>
#include <atomic>
#include <csignal>
#include <set>
#include <thread>

#include "schemas/hex.hpp"
#include "tests/daemon/door/asking_gateway.hpp"
#include "tests/end_to_end/conversation.hpp"

namespace bgm::test {
namespace {

std::string digest(const std::string& key) {
    std::array<unsigned char, 32> bytes{};
    EVP_Digest(key.data(), key.size(), bytes.data(), nullptr, EVP_sha256(), nullptr);
    return hex(bytes);
}

class Door : public ::testing::Test {
 protected:
    static void SetUpTestSuite() {
        // Nobody listens there: the door is what bgmd calls, and the test takes the call.
        stack_ = std::make_unique<Stack>(Stack::Options{
            .settings = {"gateway.listen=127.0.0.1:1", "gateway.start=false", "workers.image=0",
                         "workers.audio=0", "workers.video=0", "mysql.batch=7"}});
        gateway_ = std::make_unique<bgm::testing::AskingGateway>(
            "ipc://" + (stack_->folder() / "run" / "gateway-door.sock").string());
    }
    static void TearDownTestSuite() {
        gateway_.reset();
        stack_.reset();
    }
    void SetUp() override { stack_->up(); }

    struct Key {
        std::string id, text;
    };
    static Key make_key(const std::string& scopes = "--scope read", const std::string& tenant = "default") {
        Json made;
        // At its first start the daemon may still be making the table.
        EXPECT_TRUE(eventually([&] {
            const auto output = stack_->bgmctl("keys create --json --tenant " + tenant + " " + scopes);
            made = Json::parse(output.text, nullptr, false);
            return output.exit_code == 0;
        }));
        return {made.value("id", ""), made.value("key", "")};
    }
    /// Again and again while nobody answers.
    static Json ask(const std::string& key, Json request) {
        request["key"] = digest(key);
        std::optional<Json> answer;
        EXPECT_TRUE(eventually([&] {
            answer = gateway_->try_ask(request, std::chrono::milliseconds(500));
            return answer.has_value();
        }));
        return answer.value_or(Json());
    }
    static bool refused(const Key& key) {
        const Json answer = ask(key.text, {{"op", "key"}});
        return !answer.value("ok", true) && answer.at("error").value("code", "") == "unauthenticated";
    }

    static std::unique_ptr<Stack> stack_;
    static std::unique_ptr<bgm::testing::AskingGateway> gateway_;
};
std::unique_ptr<Stack> Door::stack_;
std::unique_ptr<bgm::testing::AskingGateway> Door::gateway_;

// One reader goes on behind the last event that it saw, while the daemon and the database are killed: each
// post comes, and in the order of the ids.
TEST_F(Door, EventsGoOnWithoutAGapWhateverIsKilled) {
    const Key key = make_key();
    std::atomic<bool> posted = false;
    std::set<std::string> seen;
    std::string last = "0";
    constexpr int kRounds = 6;
    constexpr int kPosts = 60;  // a round
    const auto read = [&] {
        const Json page = ask(key.text, {{"op", "events"}, {"after", last}, {"limit", 50}});
        if (!page.value("ok", false)) return;  // MySQL is away
        for (const Json& item : page["result"]["items"]) {
            const std::string id = item["event_id"];
            EXPECT_GT(std::stoull(id), std::stoull(last));
            EXPECT_EQ(item["data"]["event_id"], id);
            last = id;
            seen.insert(item["data"]["post_id"].get<std::string>());
        }
    };
    std::jthread posting([&] {
        for (int round = 0; round < kRounds; ++round) {
            {
                Conversation client(*stack_);
                for (int i = 0; i < kPosts; ++i)
                    (void)client.post({{"post_id", std::to_string(round) + "-" + std::to_string(i)},
                                       {"text", "wave " + std::to_string(i)}});
            }
            // Right now some of them are with MySQL, and not with the journal yet.
            stack_->signal(round % 3 == 2 ? "mariadb" : "bgmd", SIGKILL);
            stack_->up();
        }
        posted = true;
    });
    EXPECT_TRUE(eventually(
        [&] {
            read();
            return posted && seen.size() == static_cast<std::size_t>(kRounds) * kPosts;
        },
        std::chrono::seconds(180)));
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(kRounds) * kPosts);
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM picks WHERE event_id = 0"), 0);
    EXPECT_EQ(stack_->count("SELECT COUNT(*) - COUNT(DISTINCT event_id) FROM picks"), 0);
}

TEST_F(Door, AKeyCountsNoMoreOnceItIsRevokedByAnybody) {
    const Key by_bgmctl = make_key();
    const Key by_sql = make_key();
    const Key deleted = make_key();
    EXPECT_FALSE(refused(by_bgmctl));
    EXPECT_EQ(stack_->bgmctl("keys revoke " + by_bgmctl.id).exit_code, 0);
    EXPECT_TRUE(refused(by_bgmctl));
    EXPECT_FALSE(refused(by_sql) || refused(deleted));
    stack_->sql("UPDATE api_keys SET revoked_at = UTC_TIMESTAMP(6) WHERE key_id = '" + by_sql.id + "'");
    stack_->sql("DELETE FROM api_keys WHERE key_id = '" + deleted.id + "'");
    EXPECT_TRUE(eventually([&] { return refused(by_sql) && refused(deleted); }));
}

// The last known keys hold while MySQL is away, also through a restart; and one that was revoked stays so.
TEST_F(Door, TheLastKnownKeysHoldWhileTheDatabaseIsAway) {
    const Key good = make_key();
    const Key revoked = make_key();
    EXPECT_EQ(stack_->bgmctl("keys revoke " + revoked.id).exit_code, 0);
    ASSERT_TRUE(stack_->signal("mariadb", SIGKILL));
    EXPECT_NE(stack_->bgmctl("keys create --tenant default --scope read").exit_code, 0);
    EXPECT_FALSE(refused(good));
    EXPECT_TRUE(refused(revoked));
}

TEST_F(Door, APostIsOfTheTenantOfItsKey) {
    const Key of_cafe = make_key("--scope post", "cafe");
    const Key of_bar = make_key("--scope read --scope feedback --scope admin", "bar");
    const Key expired = make_key("--scope post --expires 1s", "cafe");
    const Key revoked = make_key("--scope post", "cafe");
    EXPECT_EQ(stack_->bgmctl("keys revoke " + revoked.id).exit_code, 0);
    EXPECT_TRUE(eventually([&] { return refused(expired); }));
    bgm::testing::AskingGateway posts("ipc://" + (stack_->folder() / "run" / "gateway-posts.sock").string());
    const auto post = [&](const std::vector<std::string>& behind_header) {
        std::vector<std::string> frames{"12345678", "", "BGM1/json"};
        frames.insert(frames.end(), behind_header.begin(), behind_header.end());
        posts.send(frames);
        const Json ack = Json::parse(posts.receive().back());
        return ack.value("status", "") == "REJECTED"
                   ? ack["error"]["code"].get<std::string>() + " " + ack["error"]["field"].get<std::string>()
                   : ack.value("status", "");
    };
    const std::string plain = R"({"post_id":"keyed","text":"a calm evening by the sea"})";
    const std::string of_default = R"({"post_id":"stolen","text":"not mine","tenant":"default"})";
    EXPECT_EQ(post({plain}), "unauthenticated key");
    EXPECT_EQ(post({digest("bgm_nobody's"), of_default}), "unauthenticated key");
    EXPECT_EQ(post({digest(expired.text), plain}), "unauthenticated key");
    EXPECT_EQ(post({digest(revoked.text), plain}), "unauthenticated key");
    EXPECT_EQ(post({digest(of_bar.text), plain}), "forbidden key") << "it may all but post";
    EXPECT_EQ(post({digest(of_cafe.text), of_default}), "forbidden tenant");
    EXPECT_EQ(post({digest(of_cafe.text), plain}), "ACCEPTED");
    EXPECT_TRUE(eventually([&] {
        return stack_->count("SELECT COUNT(*) FROM picks WHERE tenant = 'cafe' AND post_id = 'keyed'") == 1;
    }));
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM picks WHERE post_id IN ('keyed', 'stolen')"), 1);
}

TEST_F(Door, NoKeyIsInTheDatabaseOrInAnyFile) {
    const Key key = make_key();
    EXPECT_FALSE(refused(key));
    EXPECT_EQ(stack_->sql("SELECT * FROM api_keys WHERE key_id = '" + key.id + "'").at(0).at(1),
              digest(key.text));
    EXPECT_EQ(stack_->bgmctl("keys list --json").text.find(key.text), std::string::npos);
    const std::string found =
        "grep -rlF " + key.text + " '" + stack_->folder().string() + "' >/dev/null 2>&1";
    EXPECT_NE(std::system(found.c_str()), 0) << "a file of the stack holds the key";
}

}  // namespace
}  // namespace bgm::test
