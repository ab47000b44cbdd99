// How much processor time one task may still use, so that a hostile file cannot keep a worker busy for ever.
//
// Counts the calling thread's own time, not the wall clock: a busy machine does not turn good files into
// errors. Start it on the thread that does the work. Copies share nothing.
#pragma once

#include <ctime>

namespace bgm {

class CpuBudget {
 public:
    explicit CpuBudget(double seconds_max) : end_s_(now_s() + seconds_max) {}

    bool spent() const { return now_s() >= end_s_; }
    double left_s() const { return end_s_ - now_s(); }

 private:
    static double now_s() {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
    }

    double end_s_;
};

}  // namespace bgm
