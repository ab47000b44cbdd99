// How much processor time tasks may use before the kernel ends the worker: a decoder that turns in circles
// looks at no clock of ours.
//
// The limit is the process's (RLIMIT_CPU, all threads together), moved on with every task and lifted while
// there is none, so that heartbeats over days do not add up. Any thread may use it.
#pragma once

#include <cstdint>

#include "schemas/mutex.hpp"

namespace bgm {

class CpuLimit {
 public:
    /// Seconds for one task; 0: no limit.
    explicit CpuLimit(std::int64_t seconds) : seconds_(seconds) {}

    /// From construction to destruction, this many tasks are at work on the calling thread.
    class Work {
     public:
        Work(CpuLimit& limit, std::size_t tasks) : limit_(limit) { limit_.begin(tasks); }
        ~Work() { limit_.end(); }
        Work(const Work&) = delete;
        Work& operator=(const Work&) = delete;

     private:
        CpuLimit& limit_;
    };

 private:
    void begin(std::size_t tasks);
    void end();

    const std::int64_t seconds_;
    Mutex mutex_;
    int at_work_ BGM_GUARDED_BY(mutex_) = 0;         // threads
    std::int64_t until_ BGM_GUARDED_BY(mutex_) = 0;  // seconds of processor time
};

}  // namespace bgm
