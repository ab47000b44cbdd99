// One line at the bottom of a terminal that is drawn over itself; nothing at all where there is no terminal.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>

namespace bgm {

class ProgressLine {
 public:
    /// `out` must outlive it. With `on_terminal` false every call does nothing.
    ProgressLine(std::ostream& out, bool on_terminal) : out_(out), on_terminal_(on_terminal) {}
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// True a few times a second: only then is it worth putting the text together.
    bool due();
    void draw(const std::string& text);
    void clear();

 private:
    std::ostream& out_;
    bool on_terminal_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point next_{};
};

/// "1,234,567"
std::string grouped(std::uint64_t number);

/// "605.2 MB", "12 kB", "7 B": decimal units, as downloads are counted.
std::string size_text(std::uint64_t bytes);

}  // namespace bgm
