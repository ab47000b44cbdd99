// The ids of events: microseconds of the clock, made strictly increasing. Whoever writes events has one, and
// gives an id to each as it writes it, so that the order of the ids is that of the commits.
//
// Belongs to one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace bgm {

class EventIds {
 public:
    /// No id so small will be given again: what an earlier process wrote, or a clock that has stepped back.
    void continue_above(std::uint64_t last) { last_ = std::max(last_, last); }

    std::uint64_t next() {
        using namespace std::chrono;
        const auto now = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
        last_ = std::max(last_ + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(now, 0)));
        return last_;
    }

 private:
    std::uint64_t last_ = 0;
};

}  // namespace bgm
