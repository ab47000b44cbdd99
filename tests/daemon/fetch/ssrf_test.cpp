// What a stranger may write to make bgmd connect where it must not. Every host is allowed here, so that only
// the checks of URL and address stand in the way; the connector records, and connects nothing.
#include <gtest/gtest.h>

#include "tests/daemon/fetch/fetching.hpp"
#include "tests/daemon/fetch/loopback_server.hpp"

namespace bgm {
namespace {

const std::map<std::string, TableResolver::Answers> kNames{
    {"good.example", {{"93.184.216.34"}}},
    {"localhost", {{"127.0.0.1"}}},
    {"loopback.test", {{"127.0.0.1"}}},
    {"loopback6.test", {{"::1"}}},
    {"private.test", {{"10.1.2.3"}}},
    {"metadata.test", {{"169.254.169.254"}}},
    {"mapped.test", {{"::ffff:127.0.0.1"}}},
    {"mixed.test", {{"93.184.216.34", "127.0.0.1"}}},
    {"mixed6.test", {{"2606:4700::1111", "fc00::1"}}},
    {"nowhere.test", {{}}},
};

constexpr std::array kRefused{
    // loopback in every notation
    "http://127.0.0.1/",
    "http://127.0.0.1:80/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.255.255.254/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0x7f.0x0.0x0.0x1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http://0177.0x0.0.1/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://loc%61lhost/",
    "http://loopback.test/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://loopback6.test/",
    // what wraps an IPv4 address
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:ffff:10.0.0.1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::1]/",
    "http://[2001:0:53aa:64c::1]/",
    "http://mapped.test/",
    // private, link-local, carriers', multicast, reserved
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://metadata.test/",
    "http://100.64.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://[::]/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://198.18.0.1/",
    "http://192.0.2.1/",
    "http://[fe80::1]/",
    "http://[fe80::1%25lo]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://3232235777/",
    "http://private.test/",
    // names with several addresses, one of them bad; with none
    "http://mixed.test/",
    "http://mixed6.test/",
    "http://nowhere.test/",
    "http://unknown.test/",
    // user information and other ways to hide the host
    "http://user@127.0.0.1/",
    "http://good.example@127.0.0.1/",
    "http://127.0.0.1@good.example/",
    "http://good.example:80@127.0.0.1/",
    "http://127.0.0.1#@good.example/",
    "http://127.0.0.1?@good.example/",
    "http://127.0.0.1\\@good.example/",
    "http://good.example\\@127.0.0.1/",
    "http://127.0.0.1%2f@good.example/",
    "http://good.example%00.test/",
    "http://good.example%0d%0aHost:x/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://good.example /",
    "http://good.example\t/",
    "http://\x01good.example/",
    // ports and schemes
    "http://good.example:22/",
    "https://good.example:8443/",
    "http://good.example:443/",
    "ftp://good.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/",
    "dict://127.0.0.1:11211/",
    "ldap://127.0.0.1/",
    "http:///etc/passwd",
    "http:127.0.0.1",
    "//127.0.0.1/",
    "127.0.0.1",
    "",
    "http://",
    "https://",
    "http://:80/",
};

TEST(Ssrf, EveryTrickIsRefusedAndNothingIsDialled) {
    static_assert(kRefused.size() >= 40);
    for (const char* url : kRefused) {
        Dialled dialled;
        MediaFetcher fetcher(FetchRules::parse("*", "").value(), {}, std::make_unique<TableResolver>(kNames),
                             std::make_unique<RecordingConnector>(dialled, 0));
        const auto fetched = fetch_now(fetcher, url);
        ASSERT_FALSE(fetched) << url;
        EXPECT_FALSE(retryable(fetched.error().code)) << url << ": " << fetched.error().to_string();
        EXPECT_EQ(dialled.all(), std::vector<std::string>()) << url;
    }
}

// The table would pass, too, if nothing were ever dialled.
TEST(Ssrf, APublicHostIsDialledAtTheAddressThatWasChecked) {
    Dialled dialled;
    MediaFetcher fetcher(FetchRules::parse("*", "").value(), {.attempts_max = 1},
                         std::make_unique<TableResolver>(kNames),
                         std::make_unique<RecordingConnector>(dialled, 0));
    EXPECT_FALSE(fetch_now(fetcher, "http://good.example/a.jpg"));
    EXPECT_FALSE(fetch_now(fetcher, "http://93.184.216.35/a.jpg"));
    EXPECT_FALSE(fetch_now(fetcher, "http://[2606:4700::1111]/a.jpg"));
    EXPECT_EQ(dialled.all(), (std::vector<std::string>{"93.184.216.34", "93.184.216.35", "2606:4700::1111"}));
}

TEST(Ssrf, ARedirectIsCheckedLikeAPostsUrl) {
    for (const std::string location :
         {"http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://2130706433/", "//127.0.0.1/",
          "file:///etc/passwd", "http://good.example:22/", "gopher://good.example/",
          "http://user@good.example/", "http://private.test/x"}) {
        LoopbackServer server([&](const std::string&) {
            return LoopbackServer::Answer{.bytes = LoopbackServer::redirect(location)};
        });
        Dialled dialled;
        MediaFetcher fetcher(FetchRules::parse("*", "").value(), {}, std::make_unique<TableResolver>(kNames),
                             std::make_unique<RecordingConnector>(dialled, server.port()));
        EXPECT_FALSE(fetch_now(fetcher, "http://good.example/")) << location;
        EXPECT_EQ(dialled.all(), std::vector<std::string>{"93.184.216.34"}) << location;
    }
}

TEST(Ssrf, ARedirectMustBeToAnAllowedHost) {
    LoopbackServer server([](const std::string&) {
        return LoopbackServer::Answer{.bytes = LoopbackServer::redirect("http://other.example/")};
    });
    Dialled dialled;
    MediaFetcher fetcher(FetchRules::parse("good.example", "").value(), {},
                         std::make_unique<TableResolver>(std::map<std::string, TableResolver::Answers>{
                             {"good.example", {{"93.184.216.34"}}}, {"other.example", {{"93.184.216.35"}}}}),
                         std::make_unique<RecordingConnector>(dialled, server.port()));
    EXPECT_FALSE(fetch_now(fetcher, "http://good.example/"));
    EXPECT_EQ(dialled.all(), std::vector<std::string>{"93.184.216.34"});
}

// DNS that changes between two look-ups: the second answer is checked, too, and each hop is dialled at the
// very address that was checked for it.
TEST(Ssrf, ANameThatChangesItsAddressIsCheckedEachTime) {
    LoopbackServer server([](const std::string&) {
        return LoopbackServer::Answer{.bytes = LoopbackServer::redirect("http://rebind.test/again")};
    });
    Dialled dialled;
    MediaFetcher fetcher(FetchRules::parse("*", "").value(), {},
                         std::make_unique<TableResolver>(std::map<std::string, TableResolver::Answers>{
                             {"rebind.test", {{"93.184.216.34"}, {"127.0.0.1"}}}}),
                         std::make_unique<RecordingConnector>(dialled, server.port()));
    const auto fetched = fetch_now(fetcher, "http://rebind.test/");
    ASSERT_FALSE(fetched);
    EXPECT_NE(fetched.error().message.find("loopback"), std::string::npos);
    EXPECT_EQ(dialled.all(), std::vector<std::string>{"93.184.216.34"});
}

// What an operator opens is as narrow as he writes it: that network, that port, and hosts that he names.
TEST(Ssrf, OwnNetworksAreOpenAsWrittenAndNoFurther) {
    const auto rules = [](std::string_view hosts) {
        return FetchRules::parse(hosts, "", OwnNetworks::parse("10.1.2.0/30:9000 fd00:1::/32").value())
            .value();
    };
    const std::map<std::string, TableResolver::Answers> names{{"store.internal", {{"10.1.2.1"}}},
                                                              {"six.internal", {{"fd00:1::7"}}},
                                                              {"beside.internal", {{"10.1.2.4"}}},
                                                              {"both.internal", {{"10.1.2.1", "10.9.9.9"}}},
                                                              {"good.example", {{"93.184.216.34"}}}};
    const std::string named = "*.internal mine=only.test 10.1.2.2 127.0.0.1 169.254.169.254 *";
    struct Case {
        std::string hosts, url;
        std::vector<std::string> dialled;
    };
    const std::vector<Case> cases{
        {named, "http://store.internal:9000/a.jpg", {"10.1.2.1"}},
        {named, "http://10.1.2.2:9000/a.jpg", {"10.1.2.2"}},
        {named, "http://six.internal/a.jpg", {"fd00:1::7"}},
        {named, "http://good.example/a.jpg", {"93.184.216.34"}},
        {named, "http://store.internal/a.jpg", {}},        // another port
        {named, "http://six.internal:9000/a.jpg", {}},     // the port of the other network
        {named, "http://good.example:9000/a.jpg", {}},     // that port is not for public addresses
        {named, "http://beside.internal:9000/a.jpg", {}},  // just outside
        {named, "http://both.internal:9000/a.jpg", {}},    // one address of two
        {named, "http://10.1.2.1:9000/a.jpg", {}},         // only "*" allows it
        {named, "http://127.0.0.1:9000/a.jpg", {}},
        {named, "http://169.254.169.254/", {}},
        {named, "http://[::ffff:10.1.2.2]:9000/", {}},
        {"*", "http://store.internal:9000/a.jpg", {}},                       // anybody can name our address
        {"other=store.internal *", "http://store.internal:9000/a.jpg", {}},  // named for another tenant
    };
    for (const Case& each : cases) {
        Dialled dialled;
        MediaFetcher fetcher(rules(each.hosts), {.attempts_max = 1}, std::make_unique<TableResolver>(names),
                             std::make_unique<RecordingConnector>(dialled, 0));
        EXPECT_FALSE(fetch_now(fetcher, each.url));
        EXPECT_EQ(dialled.all(), each.dialled) << each.hosts << ": " << each.url;
    }
}

TEST(Ssrf, APublicHostMayRedirectToAnOwnNetworkOnlyWhereThatHostIsNamed) {
    for (const bool named : {true, false}) {
        LoopbackServer server([](const std::string& head) {
            const bool first = head.find("Host: good.example") != std::string::npos;
            return LoopbackServer::Answer{.bytes = first ? LoopbackServer::redirect("http://10.1.2.2:9000/x")
                                                         : LoopbackServer::ok("there")};
        });
        Dialled dialled;
        MediaFetcher fetcher(
            FetchRules::parse(named ? "* 10.1.2.2" : "*", "", OwnNetworks::parse("10.1.2.2/32:9000").value())
                .value(),
            {.attempts_max = 1}, std::make_unique<TableResolver>(kNames),
            std::make_unique<RecordingConnector>(dialled, server.port()));
        EXPECT_EQ(fetch_now(fetcher, "http://good.example/").ok(), named);
        EXPECT_EQ(dialled.all().size(), named ? 2 : 1);
    }
}

}  // namespace
}  // namespace bgm
