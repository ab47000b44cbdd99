// Keys: what is given out is kept nowhere, and a key that may not be used any more is refused from then on,
// also after a restart, whoever holds the keys.
#include "daemon/door/key_ring.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "daemon/base/clock.hpp"
#include "daemon/door/key_text.hpp"
#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/journal/waited_journal.hpp"

namespace bgm {
namespace {

using nlohmann::json;
using testing::done_in;
using testing::RunningLoop;
using testing::ScratchFolder;

class KeyRingTest : public ::testing::Test {
 protected:
    void SetUp() override {
        journal_ = testing::open_journal(file(), metrics_, {.queue_bytes_max = 1 << 20, .commit_batch = 16});
        ASSERT_NE(journal_, nullptr);
        running_.start();
        open({});
    }
    void TearDown() override {
        running_.stop();
        journal_.reset();
    }

    std::string file() const { return folder_.path() / "journal.sqlite"; }
    /// As a start does.
    void open(KeyHome home) {
        const std::vector<ApiKey> keys = in_journal();
        running_.on_loop(
            [&] { keys_ = std::make_unique<KeyRing>(running_.loop(), *journal_, keys, std::move(home)); });
    }
    std::vector<ApiKey> in_journal() {
        std::vector<ApiKey> keys;
        EXPECT_TRUE(done_in(*journal_, [&](JournalStore& store) -> Status {
            auto read = store.api_keys();
            if (!read) return read.error();
            keys = std::move(*read);
            return ok_status();
        }));
        return keys;
    }
    Result<json> ask(void (KeyRing::*operation)(const json&, const AdminReply&), const json& request) {
        std::promise<Result<json>> told;
        running_.on_loop([&] {
            (keys_.get()->*operation)(request, [&](const Result<json>& result) { told.set_value(result); });
        });
        return told.get_future().get();
    }
    json created(const json& request) {
        const auto result = ask(&KeyRing::create, request);
        EXPECT_TRUE(result) << result.error().to_string();
        return result ? *result : json();
    }
    bool usable(const std::string& text) {
        return running_.on_loop([&] { return keys_->usable(digest_of(text), now_ms()) != nullptr; });
    }

    ScratchFolder folder_;
    Metrics metrics_;
    RunningLoop running_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<KeyRing> keys_;
};

TEST(KeyText, HoldsRandomBitsInAShapeOfItsOwn) {
    std::set<std::string> texts;
    for (int i = 0; i < 1000; ++i) {
        const std::string text = new_key_text();
        EXPECT_EQ(text.size(), kApiKeyPrefix.size() + kApiKeyCharacters);
        EXPECT_TRUE(text.starts_with(kApiKeyPrefix));
        EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"),
                  std::string::npos);
        texts.insert(text);
    }
    EXPECT_EQ(texts.size(), 1000U);
    EXPECT_EQ(digest_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(KeyRingTest, GivesAKeyOutOnceAndKeepsADigest) {
    const json key = created({{"tenant", "shop"}, {"scopes", {"read", "post"}}, {"name", "훅"}});
    const std::string text = key["key"];
    EXPECT_TRUE(usable(text));
    EXPECT_EQ(key["scopes"], json({"post", "read"}));
    ASSERT_EQ(in_journal().size(), 1U);
    EXPECT_EQ(in_journal()[0].digest, digest_of(text));
    const json list = (*ask(&KeyRing::list, json::object()));
    EXPECT_EQ(list["items"][0]["id"], key["id"]);
    EXPECT_EQ(list.dump().find(text), std::string::npos);
    EXPECT_EQ(list.dump().find(digest_of(text)), std::string::npos);
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
        std::stringstream bytes;
        bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
        EXPECT_EQ(bytes.str().find(text), std::string::npos) << entry.path();
    }
}

TEST_F(KeyRingTest, RefusesARevokedKeyAtOnceAndAfterARestart) {
    const json key = created({{"tenant", "shop"}, {"scopes", {"post"}}});
    const auto revoked = ask(&KeyRing::revoke, {{"key_id", key["id"]}});
    ASSERT_TRUE(revoked);
    EXPECT_EQ((*revoked)["state"], "revoked");
    EXPECT_FALSE(usable(key["key"].get<std::string>()));
    EXPECT_EQ((*ask(&KeyRing::revoke, {{"key_id", key["id"]}}))["revoked_ms"], (*revoked)["revoked_ms"]);
    open({});
    EXPECT_FALSE(usable(key["key"].get<std::string>()));
    EXPECT_EQ(ask(&KeyRing::revoke, {{"key_id", "k_none"}}).error().code, ErrorCode::not_found);
}

TEST_F(KeyRingTest, RefusesAKeyWhoseTimeIsOver) {
    const json key = created({{"tenant", "shop"}, {"scopes", {"post"}}, {"expires_in_s", 60}});
    const std::string digest = digest_of(key["key"].get<std::string>());
    running_.on_loop([&] {
        EXPECT_NE(keys_->usable(digest, now_ms() + 50'000), nullptr);
        EXPECT_EQ(keys_->usable(digest, now_ms() + 61'000), nullptr);
    });
}

TEST_F(KeyRingTest, NamesTheFieldOfAnImpossibleKey) {
    const json good{{"tenant", "shop"}, {"scopes", {"post"}}};
    for (const auto& [field, value] :
         std::vector<std::pair<std::string, json>>{{"tenant", ""},
                                                   {"tenant", "with space "},
                                                   {"tenant", std::string(129, 'a')},
                                                   {"tenant", "\xff"},
                                                   {"scopes", nullptr},
                                                   {"scopes", json::array()},
                                                   {"scopes", {"root"}},
                                                   {"scopes", {7}},
                                                   {"scopes", {""}},
                                                   {"scopes", "post"},
                                                   {"name", std::string(129, 'n')},
                                                   {"name", "two\nlines"},
                                                   {"expires_in_s", 0},
                                                   {"expires_in_s", -1},
                                                   {"expires_in_s", "30d"},
                                                   {"expires_in_s", 1.5},
                                                   {"expires_in_s", 18'446'744'073'709'551'615ULL}}) {
        json request = good;
        request[field] = value;
        const auto result = ask(&KeyRing::create, request);
        ASSERT_FALSE(result) << field;
        EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(result.error().field, field) << result.error().to_string();
    }
    EXPECT_TRUE(in_journal().empty());
}

// MySQL away: no key is made, and none is said to be revoked that MySQL would bring back.
TEST_F(KeyRingTest, LeavesTheLastWordToMySql) {
    Status answer = ok_status();
    std::vector<ApiKey> in_mysql;
    open({.insert =
              [&](const ApiKey& key, const auto& done) {
                  if (answer) in_mysql.push_back(key);
                  done(answer);
              },
          .revoke =
              [&](const std::string&, std::int64_t, const auto& done) {
                  done(answer ? Result<bool>(true) : Result<bool>(answer.error()));
              }});
    const json key = created({{"tenant", "shop"}, {"scopes", {"post"}}});
    ASSERT_EQ(in_mysql.size(), 1U);
    answer = Error{.code = ErrorCode::unavailable, .message = "away"};
    EXPECT_EQ(ask(&KeyRing::create, {{"tenant", "shop"}, {"scopes", {"post"}}}).error().code,
              ErrorCode::unavailable);
    EXPECT_EQ(ask(&KeyRing::revoke, {{"key_id", key["id"]}}).error().code, ErrorCode::unavailable);
    EXPECT_TRUE(usable(key["key"].get<std::string>())) << "the last known ones hold";
    EXPECT_EQ(in_journal().size(), 1U);
    in_mysql[0].revoked_ms = 5;
    running_.on_loop([&] { keys_->refreshed(in_mysql); });
    EXPECT_FALSE(usable(key["key"].get<std::string>()));
    running_.on_loop([&] { keys_->refreshed({}); });
    EXPECT_FALSE(usable(key["key"].get<std::string>()));
    EXPECT_TRUE(in_journal().empty()) << "the copy follows";
}

}  // namespace
}  // namespace bgm
