// The gateway's one loop, around Boost.Asio: descriptors that become ready, timers, and functions that other
// threads hand over. No Boost for the includer.
//
// Everything but post() belongs to the thread that runs the loop. Unlike EventLoop, which asks poll() about
// every descriptor each turn, it costs nothing for the thousands of connections that say nothing.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace bgm::gateway {

class Reactor {
 public:
    using Handler = std::function<void()>;

    Reactor();
    ~Reactor();
    Reactor(const Reactor&) = delete;
    Reactor& operator=(const Reactor&) = delete;

    /// Calls `handler` every `period`, for as long as the loop runs.
    void every(std::chrono::milliseconds period, Handler handler);
    /// Any thread: runs `handler` on the loop's thread, later.
    void post(Handler handler);
    void run();
    /// Any thread: run() returns soon.
    void stop();

 private:
    friend class Descriptor;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// A descriptor that is watched. Owns it.
class Descriptor {
 public:
    using Handler = Reactor::Handler;

    Descriptor(Reactor& reactor, int fd);
    /// Closes. Handlers that wait are dropped uncalled.
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int fd() const;
    /// Calls `handler` once: when there is something to read, the peer has finished, or has gone.
    void when_readable(Handler handler);
    /// Calls `handler` once, when there is room to write.
    void when_writable(Handler handler);

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bgm::gateway
