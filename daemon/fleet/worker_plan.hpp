// Which worker processes there are to be, and how each is started.
//
// With `builtin` each modality has processes of its own. With `clip` a video's frames go through the image
// tower, so unless `workers.video` asks for processes of their own, videos go to the first image worker: its
// frames share batches with the photos, and the tower is in memory once.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "daemon/base/child_process.hpp"
#include "daemon/config.hpp"
#include "schemas/modality.hpp"

namespace bgm {

struct WorkerPlan {
    std::string name;  // "worker-image-0"
    std::vector<Modality> modalities;

    bool takes(Modality modality) const;
};

std::vector<WorkerPlan> worker_plans(const Config& config);
/// How many of them take this modality.
std::size_t worker_count(const Config& config, Modality modality);

/// Cores that this process may use.
std::size_t usable_cores();
/// Threads of each clip worker: the configured number, or the cores divided by the workers; never so many
/// that all workers together have more threads than there are cores, and never none.
std::size_t worker_threads(const Config& config, std::size_t cores);

/// `models` as they are to be for this process, with every path filled in.
ProcessCommand worker_command(const Config& config, const Config::Models& models, const WorkerPlan& plan,
                              const std::string& endpoint, pid_t parent);

}  // namespace bgm
