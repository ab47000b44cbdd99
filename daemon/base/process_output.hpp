// What a process of ours writes, as lines for the log. Of one that writes without end a part is logged, and
// how many lines were left out; the last ones are remembered, to explain its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace bgm {

class ProcessOutput {
 public:
    ProcessOutput(std::string kind, std::string name);

    void take(std::string_view bytes);
    /// There will be no more: it may have ended in mid-sentence.
    void finish();

    /// Oldest first.
    const std::deque<std::string>& last_lines() const { return last_lines_; }

 private:
    using Clock = std::chrono::steady_clock;

    void take_line(std::string line);
    void tell_left_out();

    std::string kind_;  // "worker"
    std::string name_;
    std::string partial_line_;
    std::deque<std::string> last_lines_;
    double lines_left_;  // that may be logged now
    Clock::time_point lines_since_ = Clock::now();
    std::uint64_t lines_left_out_ = 0;
};

}  // namespace bgm
