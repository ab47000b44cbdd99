// When a process that ended by itself may start again: after a delay that doubles up to a limit, and falls
// back once a process has lived for a while.
#pragma once

#include <algorithm>
#include <chrono>

namespace bgm {

class RestartDelay {
 public:
    using Time = std::chrono::steady_clock::time_point;

    RestartDelay(std::chrono::milliseconds least, std::chrono::milliseconds most)
        : least_(least), most_(most) {}

    void started(Time now) { started_ = now; }
    /// What it was given explains its end: the next process is as good as the last one was. There are no
    /// more starts than one in `least` all the same.
    Time due_after_explained_end(Time now) const { return std::max(started_ + least_, now); }
    Time due_after_end(Time now) {
        const bool stable = now - started_ > kStableAfter;
        delay_ = stable || delay_.count() == 0 ? least_ : std::min(delay_ * 2, most_);
        return now + delay_;
    }
    /// Its program is not there, or there is no room for it.
    Time due_after_failure(Time now) const { return now + most_; }

 private:
    static constexpr std::chrono::seconds kStableAfter{30};

    std::chrono::milliseconds least_;
    std::chrono::milliseconds most_;
    std::chrono::milliseconds delay_{0};
    Time started_;
};

}  // namespace bgm
