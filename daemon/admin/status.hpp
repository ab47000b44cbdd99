// What `bgmctl status` shows, as JSON (docs/admin.md). Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daemon/base/metrics.hpp"
#include "daemon/cluster/replica_watch.hpp"
#include "daemon/config.hpp"
#include "daemon/fleet/supervisor.hpp"
#include "daemon/fleet/worker_pool.hpp"
#include "daemon/journal/journal_store.hpp"

namespace bgm {

/// The state of the daemon's parts at one moment.
struct StatusReadings {
    std::string version;
    double uptime_s = 0;
    std::vector<std::string> missing;  // until it is ready
    JournalCounts journal;
    std::size_t analysing = 0;
    std::vector<Supervisor::Child> children;
    std::vector<WorkerStatus> connected;
    Config::Models models;
    bool swapping = false;
    bool mysql = false;
    std::string mysql_error;  // empty: it works
    std::vector<ReplicaWatch::Report> replicas = {};
    std::size_t tracks = 0;
    std::string catalogue_version;
    std::size_t listeners = 0;  // of whom it is kept what they like
    Metrics::Totals posts{};
};

nlohmann::json status_json(const StatusReadings& readings);

/// Which models serve.
nlohmann::json models_json(const Config::Models& current, bool swapping);

}  // namespace bgm
