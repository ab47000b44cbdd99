#include "ops/bgmctl/console/progress_line.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <ostream>

#include "ops/bgmctl/console/table.hpp"

namespace bgm {
namespace {

constexpr std::chrono::milliseconds kBetweenDrawings{200};

std::size_t terminal_columns() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

bool ProgressLine::due() {
    if (!on_terminal_) return false;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return false;
    next_ = now + kBetweenDrawings;
    return true;
}

void ProgressLine::draw(const std::string& text) {
    if (!on_terminal_) return;
    // One cell stays free: a full line would wrap, and could not be drawn over.
    out_ << "\r\x1b[K" << fit_width(text, terminal_columns() - 1) << std::flush;
    drawn_ = true;
}

void ProgressLine::clear() {
    if (drawn_) out_ << "\r\x1b[K" << std::flush;
    drawn_ = false;
}

std::string size_text(std::uint64_t bytes) {
    if (bytes < 1000) return std::to_string(bytes) + " B";
    if (bytes < 1'000'000) return std::to_string((bytes + 500) / 1000) + " kB";
    const std::uint64_t tenths = bytes / 100'000 + (bytes % 100'000 >= 50'000 ? 1 : 0);
    return grouped(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t i = digits.size(); i > 3; i -= 3) {
        digits.insert(i - 3, 1, ',');
    }
    return digits;
}

}  // namespace bgm
