// How a host does, as it tells the others with each beat, and how `bgmctl status --all` shows all of them.
// Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daemon/store/host_table.hpp"

namespace bgm {

/// What is told is never longer; a longer one is not told.
inline constexpr std::size_t kHostStatusBytesMax = 8'192;

/// Of `status`, what `bgmctl status` shows: version, posts held, workers, and what is missing.
nlohmann::json host_status(const nlohmann::json& status, const std::vector<int>& partitions);

/// {"hosts": [{"name", "state", "seen_ms", "started_ms", and what it told}]}
nlohmann::json hosts_json(const std::vector<HostRow>& hosts);

}  // namespace bgm
