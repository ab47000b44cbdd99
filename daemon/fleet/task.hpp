// What a worker is asked, and what it answers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/base/messaging.hpp"
#include "daemon/fleet/head_set.hpp"
#include "schemas/modality.hpp"
#include "schemas/result.hpp"
#include "schemas/worker.pb.h"

namespace bgm {

using TaskId = std::uint64_t;  // never 0

struct TaskRequest {
    Modality modality = Modality::text;
    bool backfill = false;
    std::string text;  // text tasks
    std::string lang;
    /// Media tasks: called when a worker is there to take it, on a thread that may wait for a disk.
    std::function<Result<Frame>()> load_media;
    /// How many workers died with it. Whoever submits it again, after any answer, gives the same count: what
    /// kills workers must not get a clean slate.
    std::shared_ptr<int> deaths = std::make_shared<int>(0);
};

struct TaskOutputs {
    std::vector<v1::Output> outputs;
    std::shared_ptr<const HeadSet> heads;  // those of the worker that made them; null where none are known
};
using TaskAnswer = Result<TaskOutputs>;
using OnTaskDone = std::function<void(TaskAnswer)>;

}  // namespace bgm
