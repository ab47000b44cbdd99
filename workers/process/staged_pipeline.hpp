// Runs a staged encoder: one thread prepares tasks in order, another encodes them in batches, at the same
// time.
//
//     add() ──► waiting ──► [prepare] ──► ready (at most two batches) ──► [encode] ──► results
//                              └ remembered: straight to the results
//
// A batch goes as soon as it is full, or nothing more is on its way, or the first of it has been ready for
// `batch_delay`. So a post alone never waits for company, and a backlog fills its batches.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "schemas/mutex.hpp"
#include "workers/process/embedding_cache.hpp"
#include "workers/process/staged_encoder.hpp"
#include "workers/process/task_runner.hpp"
#include "workers/sandbox/cpu_limit.hpp"

namespace bgm {

struct PipelineOptions {
    std::chrono::milliseconds batch_delay{5};
    std::size_t cache_entries = 0;
    std::int64_t task_cpu_s = 0;  // processor time of one task; 0: no limit
};

class StagedPipeline final : public TaskRunner {
 public:
    StagedPipeline(std::unique_ptr<StagedEncoder> encoder, PipelineOptions options);
    ~StagedPipeline() override;
    StagedPipeline(const StagedPipeline&) = delete;
    StagedPipeline& operator=(const StagedPipeline&) = delete;

    void describe(v1::Hello& hello) const override;
    CacheCounts cache_counts() const override { return cache_.counts(); }

 private:
    using Clock = std::chrono::steady_clock;
    struct ReadyTask {
        QueuedTask queued;
        std::optional<EmbeddingCache::Key> key;
        std::unique_ptr<PreparedTask> prepared;
        Clock::time_point since;
    };

    void queue(QueuedTask task) override;
    void run_prepare(const std::stop_token& stop);
    void run_encode(const std::stop_token& stop);
    /// The result where there is one already: remembered, or an error. Else the task is ready.
    std::optional<v1::TaskResult> prepare(QueuedTask& queued, ReadyTask& ready);
    std::vector<ReadyTask> take_batch(const std::stop_token& stop);

    const std::unique_ptr<StagedEncoder> encoder_;
    const PipelineOptions options_;
    const std::size_t rows_max_;
    EmbeddingCache cache_;
    CpuLimit cpu_;

    Mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<QueuedTask> waiting_ BGM_GUARDED_BY(mutex_);
    std::deque<ReadyTask> ready_ BGM_GUARDED_BY(mutex_);
    std::size_t ready_rows_ BGM_GUARDED_BY(mutex_) = 0;
    bool preparing_ BGM_GUARDED_BY(mutex_) = false;  // a task is between waiting_ and ready_
    std::jthread prepare_thread_;
    std::jthread encode_thread_;
};

}  // namespace bgm
