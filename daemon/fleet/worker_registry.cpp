#include "daemon/fleet/worker_registry.hpp"

#include <algorithm>

#include "daemon/fleet/remote_door.hpp"
#include "daemon/fleet/worker_plan.hpp"
#include "schemas/ascii.hpp"
#include "schemas/worker_words.hpp"

namespace bgm {
namespace {

constexpr std::size_t kWorkersMax = 256;
constexpr std::size_t kRemoteMax = 192;    // the other places are this host's
constexpr std::size_t kOfOneHostMax = 64;  // nor does one host take all of the others
constexpr int kLieCounts = 100;            // each good answer makes up for a hundredth of a lie
constexpr int kLiesBorne = 200;

// Without the number of the connection.
std::string_view session_of(std::string_view identity) {
    return identity.substr(0, identity.rfind('/'));
}

long number_of(std::string_view identity) {
    return number_from<long>(identity.substr(identity.rfind('/') + 1)).value_or(-1);
}

}  // namespace

KnownWorker KnownWorker::from(const std::string& identity, const v1::Hello& hello) {
    KnownWorker worker{.identity = identity,
                       .name = hello.name(),
                       .pid = hello.pid(),
                       .model = hello.model(),
                       .model_version = hello.model_version(),
                       .modalities = {},
                       .models = {},
                       .batch_max = std::clamp<std::size_t>(hello.batch_max(), 1, most("Hello.batch_max"))};
    for (int i = 0; i < hello.modalities_size(); ++i) {
        const auto modality = modality_from_name(hello.modalities(i));
        if (!modality) continue;
        worker.modalities.insert(*modality);
        worker.models.emplace(*modality, i < hello.models_size() ? hello.models(i) : hello.model());
    }
    return worker;
}

bool WorkerRegistry::full_for(const std::string& identity) const {
    if (workers_.contains(identity)) return false;
    if (!is_remote(identity)) return workers_.size() >= kWorkersMax;
    std::size_t remote = 0;
    std::size_t of_host = 0;
    for (const auto& [other, worker] : workers_) {
        remote += is_remote(other) ? 1 : 0;
        of_host += is_remote(other) && RemoteDoor::host_of(other) == RemoteDoor::host_of(identity) ? 1 : 0;
    }
    return remote >= kRemoteMax || of_host >= kOfOneHostMax;
}

bool WorkerRegistry::taken(const KnownWorker& worker, Time since) const {
    const std::string_view session = session_of(worker.identity);
    return std::any_of(workers_.begin(), workers_.end(), [&](const auto& entry) {
        const auto& [identity, other] = entry;
        return other.name == worker.name && identity != worker.identity && other.last_seen >= since &&
               (session != session_of(identity) || number_of(worker.identity) <= number_of(identity));
    });
}

std::vector<std::string> WorkerRegistry::replaced_by(const KnownWorker& worker) const {
    std::vector<std::string> ended;
    for (const auto& [identity, other] : workers_) {
        const bool same = identity == worker.identity && other.pid == worker.pid;
        if (!same && (identity == worker.identity || other.name == worker.name)) ended.push_back(identity);
    }
    return ended;
}

void WorkerRegistry::add(KnownWorker worker) {
    if (const KnownWorker* known = find(worker.identity); known != nullptr) {
        worker.rss_bytes = known->rss_bytes;
        worker.rss_bytes_at_ready = known->rss_bytes_at_ready;
        worker.cache_hits = known->cache_hits;
        worker.cache_misses = known->cache_misses;
        worker.lies = known->lies;
    }
    seen_.insert(worker.modalities.begin(), worker.modalities.end());
    const std::string identity = worker.identity;
    workers_.insert_or_assign(identity, std::move(worker));
}

void WorkerRegistry::remove(const std::string& identity) {
    const auto node = workers_.extract(identity);
    if (!node.empty()) metrics_.forget_worker(node.mapped().name);
}

bool WorkerRegistry::expects(Modality modality) const {
    return seen_.contains(modality) || worker_count(config_, modality) > 0;
}

KnownWorker* WorkerRegistry::find(const std::string& identity) {
    const auto found = workers_.find(identity);
    return found != workers_.end() ? &found->second : nullptr;
}

const KnownWorker* WorkerRegistry::find_name(const std::string& name) const {
    const auto found = std::find_if(workers_.begin(), workers_.end(),
                                    [&](const auto& entry) { return entry.second.name == name; });
    return found != workers_.end() ? &found->second : nullptr;
}

bool WorkerRegistry::beat(KnownWorker& worker, const v1::Heartbeat& message, std::uint64_t grown_bytes_max) {
    worker.rss_bytes = message.rss_bytes();
    metrics_.set_worker_memory(worker.name, worker.rss_bytes);
    // A worker that starts to count anew would be one of another process, and have another identity.
    if (message.cache_hits() >= worker.cache_hits && message.cache_misses() >= worker.cache_misses &&
        message.cache_hits() + message.cache_misses() > 0) {
        metrics_.count_cache_lookups(*worker.modalities.begin(), message.cache_hits() - worker.cache_hits,
                                     message.cache_misses() - worker.cache_misses);
        worker.cache_hits = message.cache_hits();
        worker.cache_misses = message.cache_misses();
    }
    // What the model takes is no leak, and differs by gigabytes from preset to preset.
    if (worker.rss_bytes_at_ready == 0)
        worker.rss_bytes_at_ready = std::max<std::uint64_t>(worker.rss_bytes, 1);
    return worker.rss_bytes > worker.rss_bytes_at_ready + grown_bytes_max;
}

bool WorkerRegistry::lied(KnownWorker& worker) {
    worker.lies += kLieCounts;
    return worker.lies > kLiesBorne;
}

std::vector<std::string> WorkerRegistry::silent_since(Time since) const {
    std::vector<std::string> silent;
    for (const auto& [identity, worker] : workers_) {
        if (worker.last_seen < since) silent.push_back(identity);
    }
    return silent;
}

}  // namespace bgm
