// Rests between the pages that a lesson reads, each time as long as the page took: half of the time at least
// the database has for the posts that are delivered meanwhile.
//
// Not thread-safe.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>
#include <utility>

namespace bgm {

class PageRest {
 public:
    using Clock = std::chrono::steady_clock;
    using Now = std::function<Clock::time_point()>;
    using Sleep = std::function<void(Clock::duration)>;
    /// Ctrl-C waits for no longer than this.
    static constexpr std::chrono::milliseconds kMax{100};

    /// The first page begins now.
    explicit PageRest(
        Now now = Clock::now, Sleep sleep = [](Clock::duration time) { std::this_thread::sleep_for(time); })
        : now_(std::move(now)), sleep_(std::move(sleep)), page_begun_(now_()) {}

    /// A page has ended; when this returns, the next one begins.
    void operator()() {
        sleep_(std::min<Clock::duration>(now_() - page_begun_, kMax));
        page_begun_ = now_();
    }

 private:
    Now now_;
    Sleep sleep_;
    Clock::time_point page_begun_;
};

}  // namespace bgm
