#include "daemon/store/mark_book.hpp"

#include "schemas/random_bytes.hpp"

namespace bgm {
namespace {

constexpr std::size_t kRemembered = 1'000;

}  // namespace

MarkBook::MarkBook() : instance_(random_bytes(16)) {}

std::uint64_t MarkBook::begin() {
    const MutexLock lock(mutex_);
    begun_.push_back(Clock::now());
    if (begun_.size() > kRemembered) begun_.pop_front();
    return ++last_;
}

std::optional<MarkBook::Clock::time_point> MarkBook::begun_at(std::uint64_t mark) const {
    const MutexLock lock(mutex_);
    if (mark > last_ || last_ - mark >= begun_.size()) return std::nullopt;
    return begun_[begun_.size() - 1 - static_cast<std::size_t>(last_ - mark)];
}

}  // namespace bgm
