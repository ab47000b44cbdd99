// Keys in a real database: what goes in comes out, any change shows in the version, and what somebody wrote
// there by hand is no key.
#include "daemon/store/key_table.hpp"

#include "tests/daemon/store/migrated_database.hpp"

namespace bgm {
namespace {

class KeyTableTest : public test::MigratedDatabase {
 protected:
    void SetUp() override {
        test::MigratedDatabase::SetUp();
        execute("DELETE FROM api_keys");
    }
    ApiKey key(const std::string& id) {
        return {.key_id = id,
                .digest = std::string(kDigestCharacters - 1, 'a') + id.back(),
                .tenant = "상점",
                .scopes = *Scopes::parse("post read"),
                .name = "it's \"quoted\"",
                .created_ms = 1'764'403'200'123,
                .expires_ms = 1'772'179'200'456};
    }
    std::string version() {
        const auto version = keys_.version();
        EXPECT_TRUE(version) << version.error().to_string();
        return version ? *version : "";
    }

    KeyTable keys_{connection_};
};

TEST_F(KeyTableTest, GivesBackWhatItWasGiven) {
    ASSERT_TRUE(keys_.insert(key("k_1")));
    ApiKey endless = key("k_2");
    endless.expires_ms = 0;
    ASSERT_TRUE(keys_.insert(endless));
    const auto all = keys_.all();
    ASSERT_TRUE(all) << all.error().to_string();
    EXPECT_EQ(*all, (std::vector{key("k_1"), endless}));
}

TEST_F(KeyTableTest, TellsEveryChangeByItsVersion) {
    std::vector<std::string> versions{version()};
    const auto changed = [&](const char* what) {
        versions.push_back(version());
        EXPECT_NE(versions.back(), versions[versions.size() - 2]) << what;
        EXPECT_EQ(versions.back(), version());
    };
    ASSERT_TRUE(keys_.insert(key("k_1")));
    changed("insert");
    ASSERT_TRUE(*keys_.revoke("k_1", 7'000));
    changed("revoke");
    execute("UPDATE api_keys SET revoked_at = NULL, expires_at = NULL");
    changed("expires_at");
    execute("UPDATE api_keys SET scopes = 'admin'");
    changed("scopes");
    execute("UPDATE api_keys SET expires_at = created_at, created_at = '2020-01-01'");
    changed("times");
    execute("DELETE FROM api_keys");
    changed("delete");
}

TEST_F(KeyTableTest, RevokesOnce) {
    ASSERT_TRUE(keys_.insert(key("k_1")));
    ASSERT_TRUE(*keys_.revoke("k_1", 7'000));
    ASSERT_TRUE(*keys_.revoke("k_1", 9'000));
    EXPECT_EQ(keys_.all()->front().revoked_ms, 7'000);
    EXPECT_FALSE(*keys_.revoke("k_' OR '1'='1", 9'000));
    EXPECT_FALSE(*keys_.revoke("", 9'000));
}

TEST_F(KeyTableTest, LeavesOutWhatIsNoKey) {
    ASSERT_TRUE(keys_.insert(key("k_1")));
    execute(
        "INSERT INTO api_keys (key_id, digest, tenant, scopes, created_at) VALUES"
        " ('short', 'abc', 't', 'post', NOW()),"
        " ('scope', REPEAT('b', 64), 't', 'post root', NOW()),"
        " ('tenant', REPEAT('c', 64), '', 'post', NOW()),"
        " ('letters', REPEAT('G', 64), 't', 'post', NOW())");
    EXPECT_EQ(keys_.all()->size(), 1U);
}

}  // namespace
}  // namespace bgm
