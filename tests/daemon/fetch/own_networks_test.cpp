#include "daemon/fetch/own_networks.hpp"

#include <gtest/gtest.h>

namespace bgm {
namespace {

bool contain(const OwnNetworks& own, const char* address, std::uint16_t port, bool usual) {
    return own.contain(IpAddress::parse(address).value(), port, usual);
}

TEST(OwnNetworks, NothingIsAmongThemUnlessItIsSaid) {
    const OwnNetworks none = OwnNetworks::parse(" , ").value();
    EXPECT_FALSE(contain(none, "127.0.0.1", 80, true));
    EXPECT_FALSE(none.name_port(80));
}

TEST(OwnNetworks, AnEntryIsANetworkAndItsPorts) {
    const OwnNetworks own = OwnNetworks::parse("10.16.0.0/12, 192.168.7.9/32:9000 fd00:1::/32:8080").value();
    EXPECT_TRUE(contain(own, "10.16.0.0", 443, true));
    EXPECT_TRUE(contain(own, "10.31.255.255", 80, true));
    EXPECT_FALSE(contain(own, "10.32.0.0", 80, true));
    EXPECT_FALSE(contain(own, "10.15.255.255", 80, true));
    EXPECT_FALSE(contain(own, "10.16.0.1", 9000, false)) << "the other entry's port";
    EXPECT_TRUE(contain(own, "192.168.7.9", 9000, false));
    EXPECT_FALSE(contain(own, "192.168.7.9", 80, true)) << "with a port, that one alone";
    EXPECT_FALSE(contain(own, "192.168.7.8", 9000, false));
    EXPECT_TRUE(contain(own, "fd00:1:ffff::1", 8080, false));
    EXPECT_FALSE(contain(own, "fd00:2::1", 8080, false));
    EXPECT_FALSE(contain(own, "::ffff:10.16.0.1", 80, true));
    EXPECT_TRUE(own.name_port(9000));
    EXPECT_FALSE(own.name_port(9001));
}

TEST(OwnNetworks, WhatNobodyOwnsCannotBeOpened) {
    for (const char* networks :
         {"0.0.0.0/0", "::/0", "10.0.0.0/7", "8.8.8.8/32", "169.254.169.254/32", "169.254.0.0/16",
          "fe80::/10", "224.0.0.0/4", "0.0.0.0/8", "100.64.0.0/9", "172.16.0.0/11", "192.168.0.0/15",
          "fc00::/6", "::ffff:10.0.0.0/104", "2001:db8::/32", "240.0.0.0/4", "::/127"}) {
        const auto parsed = OwnNetworks::parse(networks);
        ASSERT_FALSE(parsed) << networks;
        EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument);
    }
    for (const char* networks : {"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12",
                                 "192.168.0.0/16", "::1/128", "fc00::/7"})
        EXPECT_TRUE(OwnNetworks::parse(networks)) << networks;
}

TEST(OwnNetworks, NamesTheOneThatIsNone) {
    for (const char* bad :
         {"10.0.0.0", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/8x", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.1/8",
          "10.0.0.0/8:", "10.0.0.0/8:0", "10.0.0.0/8:65536", "10.0.0.0/8:80x", "store.internal/8", "/8", ":",
          "[fd00::]/8", "fd00::/129", "fd00::1/127"}) {
        const auto parsed = OwnNetworks::parse(std::string("127.0.0.1/32 ") + bad);
        ASSERT_FALSE(parsed) << bad;
        EXPECT_NE(parsed.error().message.find('\'' + std::string(bad) + '\''), std::string::npos) << bad;
    }
}

}  // namespace
}  // namespace bgm
