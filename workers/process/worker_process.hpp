// The process around the encoders: tasks in, results out, heartbeats in between.
//
// This thread talks to bgmd (DEALER) and beats; those of the TaskRunner decode and encode. So a worker that
// is busy with a long video still beats, and one whose decoder hangs still beats too: bgmd's leases find that
// one. Nothing of a task is kept after its answer.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "schemas/result.hpp"
#include "workers/process/task_runner.hpp"

namespace bgm {

struct WorkerOptions {
    std::string name;
    std::string endpoint;  // bgmd's ROUTER
    std::chrono::milliseconds heartbeat{1000};
    /// Called once the connection stands, before the first task: from then on the worker is confined.
    std::function<Status()> confine = {};
};

/// Serves until bgmd retires the worker or SIGTERM arrives, and finishes the tasks that it holds; or until
/// the connection breaks (`unavailable`: whoever started it starts it again). SIGTERM must be blocked.
/// `unavailable` also where the endpoint cannot be reached at all, and the error of `confine`.
Status run_worker(const WorkerOptions& options, TaskRunner& runner);

}  // namespace bgm
