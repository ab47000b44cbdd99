// What stands between the worker's connection and its encoders: tasks go in, results come out.
//
// The thread that talks to bgmd calls all of this; the runner's own threads decode and encode. Nothing of a
// task is kept after its result has been taken.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "schemas/mutex.hpp"
#include "schemas/worker.pb.h"
#include "workers/process/encoder.hpp"

namespace bgm {

struct QueuedTask {
    v1::Task task;
    std::shared_ptr<const std::string_view> media;  // null where there is none
    std::chrono::steady_clock::time_point arrived;

    EncodeTask view() const;
};

/// Since the start.
struct CacheCounts {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
};

class TaskRunner {
 public:
    virtual ~TaskRunner() = default;
    /// Fills in what it can do: modalities, models, heads, credits, batch size.
    virtual void describe(v1::Hello& hello) const = 0;
    virtual void add(QueuedTask task) = 0;
    virtual std::vector<v1::TaskResult> take_results() = 0;
    /// Tasks whose result has not been taken yet.
    virtual std::size_t held() const = 0;
    /// Readable while results wait.
    virtual int ready_fd() const = 0;
    virtual CacheCounts cache_counts() const { return {}; }
};

/// Results on their way from the encoding thread to the connection's. Any thread may use it.
class ResultQueue {
 public:
    ResultQueue();
    ~ResultQueue();
    ResultQueue(const ResultQueue&) = delete;
    ResultQueue& operator=(const ResultQueue&) = delete;

    int ready_fd() const { return ready_fd_; }
    void put(std::vector<v1::TaskResult> results);
    std::vector<v1::TaskResult> take();

 private:
    const int ready_fd_;
    Mutex mutex_;
    std::vector<v1::TaskResult> results_ BGM_GUARDED_BY(mutex_);
};

/// The answer to one task. `encoding_time` is the task's share of its batch.
v1::TaskResult task_result(const QueuedTask& task, EncodeResult encoded, std::size_t batch_size,
                           std::chrono::steady_clock::duration queued,
                           std::chrono::steady_clock::duration encoding_time);

}  // namespace bgm
