#include "daemon/fetch/fetch_rules.hpp"

#include <gtest/gtest.h>

namespace bgm {
namespace {

FetchRules rules(std::string_view hosts, std::string key = {}) {
    return FetchRules::parse(hosts, std::move(key)).value();
}

bool allows(const FetchRules& rules, std::string_view url, std::string_view tenant = "default") {
    return rules.allow(WebUrl::parse(url).value(), tenant).ok();
}

TEST(FetchRules, WithoutHostsNothingIsFetched) {
    EXPECT_FALSE(rules("").enabled());
    EXPECT_FALSE(allows(rules(" , "), "https://media.example/a.jpg"));
}

TEST(FetchRules, AHostIsThatHostAndAStarWhatLiesBelow) {
    const FetchRules two = rules("media.example, *.cdn.example");
    EXPECT_TRUE(allows(two, "https://media.example/a.jpg"));
    EXPECT_TRUE(allows(two, "http://MEDIA.example./a.jpg"));
    EXPECT_TRUE(allows(two, "https://a.b.cdn.example/a.jpg"));
    EXPECT_FALSE(allows(two, "https://cdn.example/a.jpg"));
    EXPECT_FALSE(allows(two, "https://evilcdn.example/a.jpg"));
    EXPECT_FALSE(allows(two, "https://media.example.evil.test/a.jpg"));
    EXPECT_FALSE(allows(two, "https://xmedia.example/a.jpg"));
    EXPECT_TRUE(allows(rules("*"), "https://anything.test/"));
}

TEST(FetchRules, APatternMayBelongToOneTenant) {
    const FetchRules mine = rules("shop=media.example");
    EXPECT_TRUE(allows(mine, "https://media.example/", "shop"));
    EXPECT_FALSE(allows(mine, "https://media.example/", "default"));
}

TEST(FetchRules, OnlyTheUsualPorts) {
    EXPECT_TRUE(allows(rules("*"), "http://a.test:80/"));
    EXPECT_TRUE(allows(rules("*"), "https://a.test:443/"));
    EXPECT_FALSE(allows(rules("*"), "http://a.test:443/"));
    EXPECT_FALSE(allows(rules("*"), "https://a.test:22/"));
}

TEST(FetchRules, NamesThePatternThatIsNone) {
    for (const char* hosts :
         {"a.test b/c", "=a.test", "*.", "A.TEST", "a.*.test", "https://a.test", "shop="}) {
        const auto parsed = FetchRules::parse(hosts, "");
        ASSERT_FALSE(parsed) << hosts;
        EXPECT_NE(parsed.error().message.find('\''), std::string::npos);
    }
}

TEST(FetchRules, SignaturesWhereAKeyIsGiven) {
    // HMAC-SHA256 with the key "key", computed with `openssl dgst -sha256 -hmac key`.
    const std::string base = "https://media.example/a.jpg?w=1";
    const std::string digest = "b091643f479da1f8253817447ab55f5f3e540ea9d288140eeff3725fc53d113d";
    const FetchRules with_key = rules("*", "key");
    EXPECT_TRUE(with_key.check_signature(base + "&bgm_sig=" + digest));
    EXPECT_FALSE(with_key.check_signature(base));
    EXPECT_FALSE(with_key.check_signature(base + "&bgm_sig="));
    EXPECT_FALSE(with_key.check_signature(base + "&bgm_sig=" + digest.substr(1)));
    EXPECT_FALSE(with_key.check_signature(base + "0&bgm_sig=" + digest));
    EXPECT_FALSE(with_key.check_signature(base + "&bgm_sig=" + digest + "&x=1"));
    EXPECT_FALSE(with_key.check_signature("bgm_sig=" + digest));
    EXPECT_TRUE(rules("*").check_signature(base));
}

}  // namespace
}  // namespace bgm
