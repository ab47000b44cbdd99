// Threads that take work where they find a processor, and are not waited for where they do not: on a host
// that is shared a barrier after each step waits for the thread that the scheduler took away, and all others
// with it.
//
// One call at a time, from one thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

#include "schemas/mutex.hpp"

namespace bgm {

class Team {
 public:
    /// With the thread that calls. The others each compute with one thread of OpenMP.
    explicit Team(std::size_t threads);
    ~Team();
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;

    std::size_t threads() const { return helpers_.size() + 1; }

    using Step = std::function<void(std::size_t item, std::size_t step, std::size_t thread)>;
    /// All steps of each item, in order, every one by whichever thread is free. `thread` is below threads().
    /// What a step throws is thrown here, when no other is at work any more.
    void relay(std::size_t items, std::size_t steps, const Step& step);

 private:
    struct Item {
        std::size_t index = 0;
        std::size_t next = 0;
    };

    void help(const std::stop_token& stop, std::size_t thread);
    /// Lets go of the mutex meanwhile.
    void take_turn(std::size_t thread) BGM_REQUIRES(mutex_);

    Mutex mutex_;
    std::condition_variable_any changed_;
    const Step* step_ BGM_GUARDED_BY(mutex_) = nullptr;
    std::size_t steps_ BGM_GUARDED_BY(mutex_) = 0;
    std::deque<Item> ready_ BGM_GUARDED_BY(mutex_);   // nobody is at work on these
    std::size_t held_ BGM_GUARDED_BY(mutex_) = 0;     // on so many somebody is
    std::size_t waiting_ BGM_GUARDED_BY(mutex_) = 0;  // threads
    std::exception_ptr failure_ BGM_GUARDED_BY(mutex_);
    std::vector<std::jthread> helpers_;
};

}  // namespace bgm
