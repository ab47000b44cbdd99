// The one loop of intake, dispatch and fusion: sockets, file descriptors, timers, and functions posted by
// other threads.
//
// Everything but post() and stop() belongs to the thread that runs the loop. Handlers must not block.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "daemon/messaging.hpp"

namespace bgm {

class EventLoop {
 public:
    using Clock = std::chrono::steady_clock;
    using Handler = std::function<void()>;

    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// Calls `handler` while the socket has something to read. A handler takes a bounded number of messages a
    /// call.
    void watch(Socket& socket, Handler handler);
    void watch_fd(int fd, Handler handler);
    void unwatch_fd(int fd);

    /// Calls `handler` every `period`, first after one period.
    void every(std::chrono::milliseconds period, Handler handler);

    /// Any thread: runs `function` on the loop's thread, in the order of posting.
    void post(Handler function);
    /// Any thread: run() returns after the current round.
    void stop();

    void run();

 private:
    struct Watch {
        PollItem item;
        Handler handler;
    };
    struct Timer {
        Clock::time_point due;
        std::chrono::milliseconds period;
        Handler handler;
    };

    std::int64_t timeout_ms() const;
    void run_timers();
    void run_posted();

    std::vector<Watch> watches_;
    std::vector<Timer> timers_;
    int wake_fd_;
    std::mutex mutex_;
    std::vector<Handler> posted_;  // guarded by mutex_
    bool stopped_ = false;         // guarded by mutex_
};

}  // namespace bgm
