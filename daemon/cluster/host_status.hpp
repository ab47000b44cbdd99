// How a host does, as it tells the others with each beat, and how `bgmctl status --all` shows all of them.
// Pure.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daemon/store/host_table.hpp"

namespace bgm {

/// What is told is never longer; a longer one is not told.
inline constexpr std::size_t kHostStatusBytesMax = 8'192;

/// Of `status`, what `bgmctl status` shows: version, posts held, workers, and what is missing.
nlohmann::json host_status(const nlohmann::json& status, const std::vector<int>& partitions);

/// What MySQL last said of the hosts, which may be a while ago.
struct HostsSeen {
    std::vector<HostRow> hosts;
    std::chrono::milliseconds ago{0};
    std::string error = {};  // why it says nothing now
};

/// {"hosts": [{"name", "state", "seen_ms", "started_ms", and what it told}]}, and {"mysql": {"silent_ms",
/// "error"}} where MySQL does not answer. A host that was there when it last did is `unknown` once it was not
/// seen for kLiveWithin.
nlohmann::json hosts_json(const HostsSeen& seen);

}  // namespace bgm
