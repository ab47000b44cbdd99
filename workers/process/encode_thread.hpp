// Runs plain encoders: one thread that takes tasks in order and encodes them, several of one modality at
// once.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "schemas/mutex.hpp"
#include "workers/process/encoder.hpp"
#include "workers/process/task_runner.hpp"
#include "workers/sandbox/cpu_limit.hpp"

namespace bgm {

class EncodeThread final : public TaskRunner {
 public:
    /// `task_cpu_s`: processor time of one task, 0 for no limit.
    explicit EncodeThread(std::vector<std::unique_ptr<Encoder>> encoders, std::int64_t task_cpu_s = 0);
    ~EncodeThread() override;
    EncodeThread(const EncodeThread&) = delete;
    EncodeThread& operator=(const EncodeThread&) = delete;

    void describe(v1::Hello& hello) const override;

 private:
    void queue(QueuedTask task) override;
    std::vector<QueuedTask> take_batch(const std::stop_token& stop);
    std::vector<EncodeResult> encode(const std::vector<QueuedTask>& batch);
    void run(const std::stop_token& stop);

    v1::Hello description_;
    std::map<std::string, std::unique_ptr<Encoder>> encoders_;  // by modality; the thread's own, once it runs
    CpuLimit cpu_;
    Mutex mutex_;
    std::condition_variable_any arrived_;
    std::deque<QueuedTask> tasks_ BGM_GUARDED_BY(mutex_);
    std::jthread thread_;
};

}  // namespace bgm
