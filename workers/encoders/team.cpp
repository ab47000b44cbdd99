#include "workers/encoders/team.hpp"

#include <omp.h>

#include <utility>

namespace bgm {
namespace {

class OneOpenMpThread {
 public:
    OneOpenMpThread() { omp_set_num_threads(1); }
    ~OneOpenMpThread() { omp_set_num_threads(before_); }
    OneOpenMpThread(const OneOpenMpThread&) = delete;
    OneOpenMpThread& operator=(const OneOpenMpThread&) = delete;

 private:
    const int before_ = omp_get_max_threads();
};

}  // namespace

Team::Team(std::size_t threads) {
    for (std::size_t thread = 1; thread < threads; ++thread)
        helpers_.emplace_back([this, thread](const std::stop_token& stop) { help(stop, thread); });
}

Team::~Team() = default;

void Team::help(const std::stop_token& stop, std::size_t thread) {
    const OneOpenMpThread one;
    MutexLock lock(mutex_);
    while (true) {
        ++waiting_;
        const bool found =
            changed_.wait(lock, stop, [this]() BGM_REQUIRES(mutex_) { return !ready_.empty(); });
        --waiting_;
        if (!found) return;
        take_turn(thread);
    }
}

void Team::take_turn(std::size_t thread) {
    Item item = ready_.front();
    ready_.pop_front();
    ++held_;
    const Step& step = *step_;
    mutex_.unlock();
    std::exception_ptr failure;
    try {
        step(item.index, item.next, thread);
    } catch (...) {
        failure = std::current_exception();
    }
    mutex_.lock();
    --held_;
    if (failure) failure_ = failure;
    if (failure_) {
        ready_.clear();
    } else if (++item.next < steps_) {
        // Behind the others: so all come to their ends together, and nobody has to wait for one of them.
        ready_.push_back(item);
        changed_.notify_one();
        if (waiting_ > 0) {
            // Whoever waits has a processor. This thread may have to share its own, and then loses it here.
            mutex_.unlock();
            std::this_thread::yield();
            mutex_.lock();
        }
    }
    if (held_ == 0 && ready_.empty()) changed_.notify_all();
}

void Team::relay(std::size_t items, std::size_t steps, const Step& step) {
    if (steps == 0) return;
    const OneOpenMpThread one;
    if (items == 1) {
        for (std::size_t i = 0; i < steps; ++i)
            step(0, i, 0);
        return;
    }
    MutexLock lock(mutex_);
    step_ = &step;
    steps_ = steps;
    for (std::size_t i = 0; i < items; ++i)
        ready_.push_back({.index = i});
    for (std::size_t i = 1; i < items && i < threads(); ++i)
        changed_.notify_one();
    while (true) {
        ++waiting_;
        changed_.wait(lock, [this]() BGM_REQUIRES(mutex_) { return held_ == 0 || !ready_.empty(); });
        --waiting_;
        if (ready_.empty()) break;
        take_turn(0);
    }
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

}  // namespace bgm
