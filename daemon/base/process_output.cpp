#include "daemon/base/process_output.hpp"

#include <algorithm>

#include "daemon/base/log.hpp"

namespace bgm {
namespace {

constexpr std::size_t kLastLines = 10;
constexpr std::size_t kLineBytesMax = 2000;
// What may be logged at once, as at a start, and for long.
constexpr double kLinesTogether = 200;
constexpr double kLinesPerSecond = 10;

}  // namespace

ProcessOutput::ProcessOutput(std::string kind, std::string name)
    : kind_(std::move(kind)), name_(std::move(name)), lines_left_(kLinesTogether) {}

void ProcessOutput::take(std::string_view bytes) {
    partial_line_.append(bytes);
    std::size_t begin = 0;
    while (begin < partial_line_.size()) {
        const std::size_t end = partial_line_.find('\n', begin);
        const std::size_t length = std::min(end, partial_line_.size()) - begin;
        if (length > kLineBytesMax) {
            take_line(partial_line_.substr(begin, kLineBytesMax));
            begin += kLineBytesMax;
        } else if (end == std::string::npos) {
            break;
        } else {
            take_line(partial_line_.substr(begin, length));
            begin = end + 1;
        }
    }
    partial_line_.erase(0, begin);
}

void ProcessOutput::finish() {
    if (!partial_line_.empty()) take_line(std::move(partial_line_));
    partial_line_.clear();
    tell_left_out();
}

void ProcessOutput::take_line(std::string line) {
    const auto now = Clock::now();
    const std::chrono::duration<double> passed = now - lines_since_;
    lines_since_ = now;
    lines_left_ = std::min(lines_left_ + passed.count() * kLinesPerSecond, kLinesTogether);
    if (lines_left_ >= 1) {
        lines_left_ -= 1;
        tell_left_out();
        log_info(kind_ + " says", {{kind_, name_}, {"line", line}});
    } else {
        ++lines_left_out_;
    }
    last_lines_.push_back(std::move(line));
    if (last_lines_.size() > kLastLines) last_lines_.pop_front();
}

void ProcessOutput::tell_left_out() {
    if (lines_left_out_ == 0) return;
    log_warn(kind_ + " says more than is logged",
             {{kind_, name_}, {"left_out", std::to_string(lines_left_out_)}});
    lines_left_out_ = 0;
}

}  // namespace bgm
