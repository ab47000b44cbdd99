// The process around the encoders: tasks in, results out, heartbeats in between.
//
// One thread talks to bgmd (DEALER) and beats; another decodes and encodes. So a worker that is busy with a
// long video still beats, and one whose decoder hangs still beats too: bgmd's leases find that one. Nothing
// of a task is kept after its answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "schemas/result.hpp"
#include "workers/encoder.hpp"

namespace bgm {

/// Since the start.
struct CacheCounts {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
};

struct WorkerOptions {
    std::string name;
    std::string endpoint;  // bgmd's ROUTER
    std::chrono::milliseconds heartbeat{1000};
    std::function<CacheCounts()> cache_counts;  // called by the thread that beats; empty: there is no cache
};

/// Serves until bgmd retires the worker or SIGTERM arrives, and finishes the tasks that it holds. SIGTERM
/// must be blocked. `unavailable` where the endpoint cannot be reached at all.
Status run_worker(const WorkerOptions& options, std::vector<std::unique_ptr<Encoder>> encoders);

}  // namespace bgm
