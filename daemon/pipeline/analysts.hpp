// What others do for the posts in analysis, as the dispatcher asks for it: tests play all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "daemon/fetch/media_fetcher.hpp"
#include "daemon/fleet/task.hpp"
#include "daemon/pipeline/mood_decision.hpp"
#include "schemas/modality.hpp"

namespace bgm {

class Listeners;
class Recommender;
class WorkerPool;

/// Called on the loop's thread. Answers come there, once and later, but for those of `fetch`, which may come
/// on any thread.
struct Analysts {
    using OnPick = std::function<void(Result<v1::Pick>)>;

    std::function<TaskId(TaskRequest, OnTaskDone)> submit;  // to a worker
    std::function<void(TaskId)> cancel;                     // its answer will not come
    std::function<std::size_t(Modality)> ready;             // workers

    std::function<void(FetchRequest, MediaFetcher::Done)> fetch;

    std::function<void(const v1::Post&)> expect = {};  // it is in analysis; may be empty
    std::function<bool()> has_catalogue;               // nothing is recommended before
    std::function<void(std::int64_t seq, const v1::Post&, DecidedMood, OnPick)> recommend;
    std::function<void(std::int64_t seq)> drop;  // what is to be recommended; it may come all the same
};

/// They must outlive it. `listeners` may be null: nothing is known of anybody.
Analysts analysts(WorkerPool& pool, MediaFetcher& fetcher, Recommender& recommender,
                  Listeners* listeners = nullptr);

}  // namespace bgm
