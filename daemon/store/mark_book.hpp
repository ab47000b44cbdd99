// When this program wrote which mark, by its own clock: so it needs no other one to know how far back a
// replica is at most. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "schemas/mutex.hpp"

namespace bgm {

class MarkBook {
 public:
    using Clock = std::chrono::steady_clock;

    MarkBook();

    /// 16 bytes, of this run.
    const std::string& instance() const { return instance_; }
    /// The next mark; it is written from now on.
    std::uint64_t begin();
    /// A replica that shows this mark has all that was committed before this; nothing where it is too long
    /// ago to be remembered, or no mark of this run.
    std::optional<Clock::time_point> begun_at(std::uint64_t mark) const;

 private:
    const std::string instance_;
    mutable Mutex mutex_;
    std::uint64_t last_ BGM_GUARDED_BY(mutex_) = 0;
    std::deque<Clock::time_point> begun_ BGM_GUARDED_BY(mutex_);  // the newest at the end
};

}  // namespace bgm
