#include "daemon/base/event_loop.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace bgm {

EventLoop::EventLoop() : wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (wake_fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    watch_fd(wake_fd_, [this] {
        std::uint64_t count = 0;
        (void)!read(wake_fd_, &count, sizeof count);
    });
}

EventLoop::~EventLoop() {
    close(wake_fd_);
}

void EventLoop::watch(Socket& socket, Priority priority, Handler handler) {
    watches_.push_back(
        {.item = {.socket = socket.handle()}, .priority = priority, .handler = std::move(handler)});
}

void EventLoop::watch_fd(int fd, Handler handler) {
    watches_.push_back({.item = {.fd = fd}, .priority = Priority::urgent, .handler = std::move(handler)});
}

void EventLoop::unwatch_fd(int fd) {
    std::erase_if(watches_,
                  [fd](const Watch& watch) { return watch.item.socket == nullptr && watch.item.fd == fd; });
}

void EventLoop::every(std::chrono::milliseconds period, Handler handler) {
    timers_.push_back({.due = Clock::now() + period, .period = period, .handler = std::move(handler)});
}

void EventLoop::post(Handler function) {
    bool wake = false;
    {
        const MutexLock lock(mutex_);
        wake = posted_.empty() && together_ == 0;
        posted_.push_back(std::move(function));
    }
    if (wake) this->wake();  // else it was woken for the earlier ones, which it has not taken yet, or will be
}

void EventLoop::post_together(const Handler& function) {
    {
        const MutexLock lock(mutex_);
        ++together_;
    }
    function();
    bool wake = false;
    {
        const MutexLock lock(mutex_);
        wake = --together_ == 0 && !posted_.empty();
    }
    if (wake) this->wake();
}

void EventLoop::wake() {
    const std::uint64_t one = 1;
    (void)!write(wake_fd_, &one, sizeof one);
}

void EventLoop::stop() {
    post([this] {
        const MutexLock lock(mutex_);
        stopped_ = true;
    });
}

std::int64_t EventLoop::timeout_ms() const {
    std::int64_t timeout = -1;
    const auto now = Clock::now();
    for (const Timer& timer : timers_) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(timer.due - now).count();
        const auto wait = std::max<std::int64_t>(left, 0);
        timeout = timeout < 0 ? wait : std::min(timeout, wait);
    }
    return timeout;
}

void EventLoop::run_timers() {
    const auto now = Clock::now();
    for (std::size_t i = 0; i < timers_.size(); ++i) {
        if (timers_[i].due > now) continue;
        timers_[i].due = now + timers_[i].period;
        timers_[i].handler();
    }
}

void EventLoop::run_posted() {
    std::vector<Handler> functions;
    {
        const MutexLock lock(mutex_);
        functions.swap(posted_);
    }
    for (const Handler& function : functions)
        function();
}

// True where a socket of this priority had something to read.
bool EventLoop::run_ready(const std::vector<PollItem>& items, Priority priority) {
    bool socket_ran = false;
    for (const PollItem& item : items) {
        if (!item.readable) continue;
        // A handler may add or remove watches: what is called is found again by what it watches.
        const auto found = std::find_if(watches_.begin(), watches_.end(), [&](const Watch& watch) {
            return watch.item.socket == item.socket && watch.item.fd == item.fd;
        });
        if (found == watches_.end() || found->priority != priority) continue;
        socket_ran = socket_ran || item.socket != nullptr;
        const Handler handler = found->handler;
        handler();
    }
    return socket_ran;
}

// Posts that wait for their ack go before posts that wait for their pick: while they keep coming, the answers
// of workers get a share of the time, so that analysis goes on, and its slowness does not reach the clients.
bool EventLoop::normal_may_run(bool urgent_ran) {
    constexpr int kUrgentPerNormal =
        20;  // what follows from an answer, its commit and its delivery, comes on top
    constexpr std::chrono::milliseconds kSharePeriod{100};
    const auto now = Clock::now();
    if (now - shares_since_ > kSharePeriod) {
        urgent_time_ /= 2;
        normal_time_ /= 2;
        shares_since_ = now;
    }
    return !urgent_ran || normal_time_ * kUrgentPerNormal <= urgent_time_;
}

void EventLoop::run() {
    std::vector<PollItem> items;
    while (true) {
        {
            const MutexLock lock(mutex_);
            if (stopped_) return;
        }
        items.clear();
        for (const Watch& watch : watches_)
            items.push_back(watch.item);
        poll(items, timeout_ms());
        const auto begun = Clock::now();
        const bool urgent_ran = run_ready(items, Priority::urgent);
        const auto urgent_done = Clock::now();
        urgent_time_ += urgent_done - begun;
        if (normal_may_run(urgent_ran)) {
            run_ready(items, Priority::normal);
            normal_time_ += Clock::now() - urgent_done;
        }
        run_posted();
        run_timers();
        for (const Handler& handler : at_end_)
            handler();
        if (on_turn_) on_turn_(Clock::now() - begun);
    }
}

}  // namespace bgm
