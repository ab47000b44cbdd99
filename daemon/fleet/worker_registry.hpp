// The workers that have said Hello, whether bgmd started their processes or not: who they are, what they run,
// which heads read what they answer, and how they are; and whom to expect. Whoever asks whether a worker is
// there asks here, and not the supervisor, who knows its own alone. Knows nothing of tasks or of sockets; the
// time is handed in. Belongs to one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/base/metrics.hpp"
#include "daemon/config.hpp"
#include "daemon/fleet/head_set.hpp"
#include "schemas/modality.hpp"
#include "schemas/worker.pb.h"

namespace bgm {

struct KnownWorker {
    /// What a Hello says.
    static KnownWorker from(const std::string& identity, const v1::Hello& hello);

    std::string identity;  // of its connection
    std::string name;
    std::uint64_t pid = 0;  // as it says
    std::string model;
    std::string model_version;  // a hash of its files; empty where the worker does not say
    std::set<Modality> modalities;
    std::set<std::pair<Modality, std::string>> models;
    std::size_t batch_max = 1;
    std::shared_ptr<const HeadSet> heads = nullptr;
    std::chrono::steady_clock::time_point last_seen{};
    std::uint64_t rss_bytes = 0;
    std::uint64_t rss_bytes_at_ready = 0;  // 0: no heartbeat yet
    std::uint64_t cache_hits = 0;
    std::uint64_t cache_misses = 0;
    int lies = 0;  // in hundredths
};

class WorkerRegistry {
 public:
    using Time = std::chrono::steady_clock::time_point;

    WorkerRegistry(const Config& config, Metrics& metrics) : config_(config), metrics_(metrics) {}

    /// Each has labels of its own, so there is an end.
    bool full_for(const std::string& identity) const;
    /// Identities of processes that are not there any more, now that this one is.
    std::vector<std::string> replaced_by(const KnownWorker& worker) const;
    /// Whether another one of its name was heard since, over a connection that is not an earlier one of its
    /// own process. For workers on other hosts, whose routing ids are "NAME/PID/SECRET/NUMBER": the secret is
    /// the process's, and a later connection has a larger number.
    bool taken(const KnownWorker& worker, Time since) const;
    /// One that was known keeps what is known of its health.
    void add(KnownWorker worker);
    void remove(const std::string& identity);

    /// Whether workers of this modality may be waited for: bgmd is to run some, or one of somebody else's has
    /// been here since bgmd started. It may be between two lives, as ours are.
    bool expects(Modality modality) const;

    KnownWorker* find(const std::string& identity);
    const KnownWorker* find_name(const std::string& name) const;
    /// By identity.
    const std::map<std::string, KnownWorker>& all() const { return workers_; }

    /// True where it has grown by more than `grown_bytes_max` since it was ready.
    bool beat(KnownWorker& worker, const v1::Heartbeat& message, std::uint64_t grown_bytes_max);
    /// True where it lies too often: nothing that it says can be trusted.
    bool lied(KnownWorker& worker);
    void spoke_truth(KnownWorker& worker) { worker.lies -= worker.lies > 0 ? 1 : 0; }
    /// Those that have said nothing since.
    std::vector<std::string> silent_since(Time since) const;

 private:
    const Config& config_;
    Metrics& metrics_;
    std::set<Modality> seen_;                     // offered by somebody, once
    std::map<std::string, KnownWorker> workers_;  // by identity
};

}  // namespace bgm
