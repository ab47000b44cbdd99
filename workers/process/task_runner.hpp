// What stands between the worker's connection and its encoders: tasks go in, results come out.
//
// The thread that talks to bgmd calls all of this; the runner's own threads decode and encode. Nothing of a
// task is kept after its result has been taken.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
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

/// Results on their way from the encoding thread to the connection's. Any thread may use it.
class ResultQueue {
 public:
    ResultQueue();
    ~ResultQueue();
    ResultQueue(const ResultQueue&) = delete;
    ResultQueue& operator=(const ResultQueue&) = delete;

    int ready_fd() const { return ready_fd_; }
    /// There is a task more whose result is to come.
    void expect();
    void put(std::vector<v1::TaskResult> results);
    std::vector<v1::TaskResult> take();
    /// Expected and not taken yet.
    std::size_t held() const;

 private:
    const int ready_fd_;
    mutable Mutex mutex_;
    std::vector<v1::TaskResult> results_ BGM_GUARDED_BY(mutex_);
    std::size_t held_ BGM_GUARDED_BY(mutex_) = 0;
};

class TaskRunner {
 public:
    virtual ~TaskRunner() = default;
    /// Fills in what it can do: modalities, models, heads, credits, batch size.
    virtual void describe(v1::Hello& hello) const = 0;
    void add(QueuedTask task);
    std::vector<v1::TaskResult> take_results() { return results_.take(); }
    /// Tasks whose result has not been taken yet.
    std::size_t held() const { return results_.held(); }
    /// Readable while results wait.
    int ready_fd() const { return results_.ready_fd(); }
    virtual CacheCounts cache_counts() const { return {}; }

 protected:
    virtual void queue(QueuedTask task) = 0;

    ResultQueue results_;
};

/// What a library's exception means for the task in which it was thrown.
Error error_of(const std::exception& thrown);

/// What `encode` returns for so many tasks; where it throws, or has lost one, an error for each.
std::vector<EncodeResult> encode_batch(std::size_t tasks,
                                       const std::function<std::vector<EncodeResult>()>& encode);

/// The answer to one task. `encoding_time` is the task's share of its batch.
v1::TaskResult task_result(const QueuedTask& task, EncodeResult encoded, std::size_t batch_size,
                           std::chrono::steady_clock::duration queued,
                           std::chrono::steady_clock::duration encoding_time);

}  // namespace bgm
