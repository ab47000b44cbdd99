// The one loop of intake, dispatch and fusion: sockets, file descriptors, timers, and functions posted by
// other threads.
//
// Everything but post() and stop() belongs to the thread that runs the loop. Handlers must not block.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "daemon/base/messaging.hpp"
#include "schemas/mutex.hpp"

namespace bgm {

class EventLoop {
 public:
    using Clock = std::chrono::steady_clock;
    using Handler = std::function<void()>;

    enum class Priority {
        urgent,  // always served
        normal   // yields while urgent sockets keep having something to read, down to a share of the time
    };

    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// Calls `handler` while the socket has something to read. A handler takes a bounded number of messages a
    /// call.
    void watch(Socket& socket, Priority priority, Handler handler);
    void watch_fd(int fd, Handler handler);
    void unwatch_fd(int fd);

    /// Calls `handler` every `period`, first after one period.
    void every(std::chrono::milliseconds period, Handler handler);

    /// Calls `handler` at the end of each turn, before the loop waits again: one wake-up of another thread
    /// serves whatever the turn has gathered for it.
    void at_end_of_turn(Handler handler) { at_end_.push_back(std::move(handler)); }

    /// Calls `handler` after each turn with the time that it took: from what poll() found to the next poll().
    /// That long everything else waited.
    void observe_turns(std::function<void(std::chrono::duration<double>)> handler) {
        on_turn_ = std::move(handler);
    }

    /// Any thread: runs `function` on the loop's thread, in the order of posting.
    void post(Handler function);
    /// Any thread: calls `function` here and now; what is posted meanwhile wakes the loop once, at the end.
    void post_together(const Handler& function);
    /// Any thread: run() returns after the current round.
    void stop();

    void run();

 private:
    struct Watch {
        PollItem item;
        Priority priority = Priority::normal;
        Handler handler;
    };
    struct Timer {
        Clock::time_point due;
        std::chrono::milliseconds period;
        Handler handler;
    };

    void wake();
    std::int64_t timeout_ms() const;
    bool run_ready(const std::vector<PollItem>& items, Priority priority);
    bool normal_may_run(bool urgent_ran);
    void run_timers();
    void run_posted();

    std::vector<Watch> watches_;
    std::deque<Timer> timers_;  // a handler may add one: those that are there must not move
    std::vector<Handler> at_end_;
    std::function<void(std::chrono::duration<double>)> on_turn_;
    int wake_fd_;
    Clock::duration urgent_time_{};  // both halved now and then: what counts is the recent past
    Clock::duration normal_time_{};
    Clock::time_point shares_since_ = Clock::now();
    Mutex mutex_;
    std::vector<Handler> posted_ BGM_GUARDED_BY(mutex_);
    int together_ BGM_GUARDED_BY(mutex_) = 0;  // calls of post_together() under way
    bool stopped_ BGM_GUARDED_BY(mutex_) = false;
};

}  // namespace bgm
