#include "daemon/fetch/ip_address.hpp"

#include <gtest/gtest.h>

namespace bgm {
namespace {

std::string_view refused(std::string_view text) {
    const auto address = IpAddress::parse(text);
    EXPECT_TRUE(address) << text;
    return refused_range(*address);
}

TEST(IpAddress, ReadsWhatItWrites) {
    for (const char* text : {"192.0.2.1", "2001:db8::1", "::", "255.255.255.255"})
        EXPECT_EQ(IpAddress::parse(text)->text(), text);
    for (const char* text :
         {"", "127.1", "0x7f.0.0.1", "2130706433", "[::1]", "fe80::1%lo", "1.2.3.4.5", "host"})
        EXPECT_FALSE(IpAddress::parse(text)) << text;
}

TEST(IpAddress, PublicOnesAreNotRefused) {
    for (const char* text :
         {"8.8.8.8", "1.1.1.1", "93.184.216.34", "172.15.255.255", "172.32.0.0", "100.63.255.255",
          "100.128.0.0", "192.0.1.1", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111",
          "2a00:1450:4001::200e", "2001:4860:4860::8888", "2400::1"}) {
        EXPECT_EQ(refused(text), "") << text;
    }
}

TEST(IpAddress, EveryRangeIsRefusedFromItsFirstToItsLast) {
    for (const char* text : {"0.0.0.0",
                             "0.255.255.255",
                             "10.0.0.0",
                             "10.255.255.255",
                             "100.64.0.0",
                             "100.127.255.255",
                             "127.0.0.0",
                             "127.255.255.255",
                             "169.254.0.0",
                             "169.254.255.255",
                             "172.16.0.0",
                             "172.31.255.255",
                             "192.0.0.0",
                             "192.0.0.255",
                             "192.0.2.0",
                             "192.0.2.255",
                             "192.88.99.1",
                             "192.168.0.0",
                             "192.168.255.255",
                             "198.18.0.0",
                             "198.19.255.255",
                             "198.51.100.7",
                             "203.0.113.7",
                             "224.0.0.0",
                             "239.255.255.255",
                             "240.0.0.0",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::2",
                             "::ffff:8.8.8.8",
                             "::8.8.8.8",
                             "64:ff9b::808:808",
                             "64:ff9b:1::1",
                             "100::1",
                             "fe80::1",
                             "febf::1",
                             "fec0::1",
                             "fc00::1",
                             "fdff::1",
                             "ff02::1",
                             "2001::1",
                             "2001:1ff::1",
                             "2001:db8::1",
                             "2002:808:808::1",
                             "3fff::1",
                             "4000::1",
                             "1fff::1"}) {
        EXPECT_NE(refused(text), "") << text;
    }
    EXPECT_EQ(refused("127.0.0.1"), "loopback");
    EXPECT_EQ(refused("169.254.169.254"), "link-local");
}

}  // namespace
}  // namespace bgm
