// Which host takes from which partition of the queue: the same on every host that knows the same others.
//
// Rendezvous hashing (Thaler, Ravishankar: "Using name-based mappings to increase hit rates", 1998): every
// host has a weight for every partition, and the heaviest has it. Taken from the heaviest pair down, no host
// gets more than its part, so that none has two partitions more than another; few move when one joins or
// leaves. Pure.
#pragma once

#include <string>
#include <vector>

namespace bgm {

/// The owner of each partition 0..partitions-1, of `hosts` in any order; empty where there are none.
std::vector<std::string> share_out(int partitions, std::vector<std::string> hosts);

/// Those of `own`, ascending; none where it is not among the hosts.
std::vector<int> owned_partitions(int partitions, const std::vector<std::string>& hosts,
                                  const std::string& own);

}  // namespace bgm
