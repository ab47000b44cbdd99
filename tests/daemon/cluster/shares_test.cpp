// Every host knows by itself which partitions are its own, and few change hands.
#include "daemon/cluster/shares.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace bgm {
namespace {

std::vector<std::string> hosts_of(int count) {
    std::vector<std::string> hosts;
    for (int i = 0; i < count; ++i)
        hosts.push_back("host-" + std::to_string(i));
    return hosts;
}

int moved(const std::vector<std::string>& before, const std::vector<std::string>& after) {
    int count = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
        count += before[i] != after[i] ? 1 : 0;
    return count;
}

TEST(Shares, GiveNoHostTwoPartitionsMoreThanAnother) {
    for (const int partitions : {1, 2, 12, 64, 200}) {
        for (int count = 1; count <= 16; ++count) {
            std::map<std::string, int> taken;
            for (const std::string& host : hosts_of(count))
                taken[host] = 0;
            for (const std::string& owner : share_out(partitions, hosts_of(count)))
                ++taken.at(owner);
            const auto [least, most] =
                std::ranges::minmax_element(taken, {}, [](const auto& each) { return each.second; });
            EXPECT_LE(most->second - least->second, 1) << partitions << " partitions, " << count << " hosts";
        }
    }
}

TEST(Shares, AreTheSameOnEveryHostWhateverTheOrder) {
    std::vector<std::string> hosts = hosts_of(5);
    const auto owners = share_out(12, hosts);
    std::ranges::reverse(hosts);
    hosts.push_back(hosts.front());
    EXPECT_EQ(share_out(12, hosts), owners);
    std::vector<int> together;
    for (const std::string& host : hosts_of(5)) {
        for (const int partition : owned_partitions(12, hosts, host))
            together.push_back(partition);
    }
    std::ranges::sort(together);
    EXPECT_THAT(together, testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
}

// At the least, those move that the newcomer gets, or that the one had who is gone. Evenness may cost a few
// more: no more than as many again and one for each host.
TEST(Shares, MoveFewPartitionsWhenAHostComesOrGoes) {
    for (const int partitions : {12, 48}) {
        for (int count = 1; count <= 12; ++count) {
            const auto fewer = share_out(partitions, hosts_of(count));
            const auto more = share_out(partitions, hosts_of(count + 1));
            const int part = (partitions + count) / (count + 1);
            EXPECT_LE(moved(fewer, more), 2 * part + count)
                << partitions << " partitions, " << count << " hosts";
        }
    }
    EXPECT_EQ(moved(share_out(12, hosts_of(3)), share_out(12, hosts_of(2))), 4);
    EXPECT_EQ(moved(share_out(12, hosts_of(1)), share_out(12, hosts_of(2))), 6);
}

TEST(Shares, AreNobodysWithoutHosts) {
    EXPECT_TRUE(share_out(12, {}).empty());
    EXPECT_TRUE(owned_partitions(12, {"a", "b"}, "c").empty());
    EXPECT_TRUE(share_out(0, {"a"}).empty());
}

}  // namespace
}  // namespace bgm
