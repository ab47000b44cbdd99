// The process around the encoders: tasks in, results out, heartbeats in between.
//
// This thread talks to bgmd (DEALER) and beats; those of the TaskRunner decode and encode. So a worker that
// is busy with a long video still beats, and one whose decoder hangs still beats too: bgmd's leases find that
// one. Nothing of a task is kept after its answer.
#pragma once

#include <chrono>
#include <string>

#include "schemas/result.hpp"
#include "workers/task_runner.hpp"

namespace bgm {

struct WorkerOptions {
    std::string name;
    std::string endpoint;  // bgmd's ROUTER
    std::chrono::milliseconds heartbeat{1000};
};

/// Serves until bgmd retires the worker or SIGTERM arrives, and finishes the tasks that it holds. SIGTERM
/// must be blocked. `unavailable` where the endpoint cannot be reached at all.
Status run_worker(const WorkerOptions& options, TaskRunner& runner);

}  // namespace bgm
