// How much memory all connections together may use for what strangers send and have not yet read.
//
// Bodies, heads, and answers that wait for a slow reader all come out of one purse: whoever would take more
// than is left is refused, whatever he asks for. Thread-safe: the frames of a post are given back by ZeroMQ's
// own thread. The budget must outlive what is held of it.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace bgm::gateway {

class MemoryBudget {
 public:
    explicit MemoryBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    bool take(std::size_t bytes) {
        std::size_t held = held_.load(std::memory_order_relaxed);
        do {
            if (bytes > bytes_max_ - held) return false;
        } while (!held_.compare_exchange_weak(held, held + bytes, std::memory_order_relaxed));
        return true;
    }
    void give_back(std::size_t bytes) { held_.fetch_sub(bytes, std::memory_order_relaxed); }
    std::size_t held() const { return held_.load(std::memory_order_relaxed); }

    /// A part of the budget that grows and shrinks with a buffer, and goes with it.
    class Share {
     public:
        explicit Share(MemoryBudget& budget) : budget_(&budget) {}
        ~Share() { (void)resize(0); }
        Share(Share&& other) noexcept : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
        Share& operator=(Share&&) = delete;
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;

        /// False where the budget does not hold so much more; nothing has changed then.
        [[nodiscard]] bool resize(std::size_t bytes) {
            if (bytes > bytes_ && !budget_->take(bytes - bytes_)) return false;
            if (bytes < bytes_) budget_->give_back(bytes_ - bytes);
            bytes_ = bytes;
            return true;
        }

     private:
        MemoryBudget* budget_;
        std::size_t bytes_ = 0;
    };

 private:
    const std::size_t bytes_max_;
    std::atomic<std::size_t> held_{0};
};

}  // namespace bgm::gateway
