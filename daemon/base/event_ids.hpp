// The ids of events: microseconds of the clock, made strictly increasing. Whoever writes events has one, and
// gives an id to each as it writes it, so that the order of the ids is that of the commits. Where several
// write into one table, each has a number, and gives only ids that no other one gives: then its ids run ahead
// of the clock where there are many.
//
// Belongs to one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace bgm {

class EventIds {
 public:
    /// No id so small will be given again: what an earlier process wrote, or a clock that has stepped back.
    void continue_above(std::uint64_t last) { last_ = std::max(last_, last); }

    /// Numbers that are alike modulo this are taken for the same.
    static constexpr std::uint64_t kWritersMax = 1024;

    /// From now on it gives ids that are `number` modulo kWritersMax.
    void number(std::uint64_t number) { number_ = number % kWritersMax; }

    std::uint64_t next() {
        using namespace std::chrono;
        const auto now = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
        last_ = std::max(last_ + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(now, 0)));
        if (number_) last_ += (*number_ + kWritersMax - last_ % kWritersMax) % kWritersMax;
        return last_;
    }

 private:
    std::uint64_t last_ = 0;
    std::optional<std::uint64_t> number_;
};

}  // namespace bgm
