#include "daemon/cluster/shares.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include "fusion/stable_hash.hpp"

namespace bgm {

std::vector<std::string> share_out(int partitions, std::vector<std::string> hosts) {
    std::ranges::sort(hosts);
    hosts.erase(std::ranges::unique(hosts).begin(), hosts.end());
    if (hosts.empty() || partitions <= 0) return {};
    struct Pair {
        std::uint64_t weight;
        std::size_t host;
        std::size_t partition;
    };
    const auto count = static_cast<std::size_t>(partitions);
    std::vector<Pair> pairs;
    pairs.reserve(count * hosts.size());
    for (std::size_t host = 0; host < hosts.size(); ++host) {
        for (std::size_t partition = 0; partition < count; ++partition)
            pairs.push_back({mix64(stable_hash(hosts[host]) + partition), host, partition});
    }
    std::ranges::sort(pairs, [](const Pair& left, const Pair& right) {
        return std::tie(left.weight, left.host, left.partition) >
               std::tie(right.weight, right.host, right.partition);
    });
    std::size_t larger = count % hosts.size();  // hosts that may have one more than the others
    const std::size_t part = count / hosts.size();
    std::vector<std::size_t> taken(hosts.size(), 0);
    std::vector<std::string> owners(count);
    for (const Pair& pair : pairs) {
        if (!owners[pair.partition].empty() || taken[pair.host] > part) continue;
        if (taken[pair.host] == part) {
            if (larger == 0) continue;
            --larger;
        }
        ++taken[pair.host];
        owners[pair.partition] = hosts[pair.host];
    }
    return owners;
}

std::vector<int> owned_partitions(int partitions, const std::vector<std::string>& hosts,
                                  const std::string& own) {
    const std::vector<std::string> owners = share_out(partitions, hosts);
    std::vector<int> owned;
    for (std::size_t partition = 0; partition < owners.size(); ++partition) {
        if (owners[partition] == own) owned.push_back(static_cast<int>(partition));
    }
    return owned;
}

}  // namespace bgm
