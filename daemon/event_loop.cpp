#include "daemon/event_loop.hpp"

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

void EventLoop::watch(Socket& socket, Handler handler) {
    watches_.push_back({.item = {.socket = socket.handle()}, .handler = std::move(handler)});
}

void EventLoop::watch_fd(int fd, Handler handler) {
    watches_.push_back({.item = {.fd = fd}, .handler = std::move(handler)});
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
        const std::lock_guard lock(mutex_);
        wake = posted_.empty();
        posted_.push_back(std::move(function));
    }
    if (!wake) return;  // the loop has not taken the earlier ones yet: it was woken for them
    const std::uint64_t one = 1;
    (void)!write(wake_fd_, &one, sizeof one);
}

void EventLoop::stop() {
    post([this] {
        const std::lock_guard lock(mutex_);
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
        const std::lock_guard lock(mutex_);
        functions.swap(posted_);
    }
    for (const Handler& function : functions)
        function();
}

void EventLoop::run() {
    std::vector<PollItem> items;
    while (true) {
        {
            const std::lock_guard lock(mutex_);
            if (stopped_) return;
        }
        items.clear();
        for (const Watch& watch : watches_)
            items.push_back(watch.item);
        poll(items, timeout_ms());
        // A handler may add or remove watches: what is called is found again by what it watches.
        for (const PollItem& item : items) {
            if (!item.readable) continue;
            const auto found = std::find_if(watches_.begin(), watches_.end(), [&](const Watch& watch) {
                return watch.item.socket == item.socket && watch.item.fd == item.fd;
            });
            if (found == watches_.end()) continue;
            const Handler handler = found->handler;
            handler();
        }
        run_posted();
        run_timers();
    }
}

}  // namespace bgm
