// Where a search's words lie among the sounds that tracks are known by, as a text worker says. Belongs to the
// loop's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <string>

#include "daemon/base/event_loop.hpp"
#include "daemon/pipeline/analysts.hpp"
#include "fusion/recommend/match_request.hpp"

namespace bgm {

class TextPlaces {
 public:
    using Clock = std::chrono::steady_clock;
    /// An empty model where no model reads this text among sounds: the built-in ones, or of another language.
    using OnPlace = std::function<void(Result<SoundWish>)>;

    struct Options {
        std::size_t waiting_max = 100;
        std::chrono::milliseconds patience{1000};
        std::function<Clock::time_point()> now = Clock::now;
    };

    /// Of the analysts' hands it uses `submit`, `cancel` and `ready`; what they touch must outlive it.
    TextPlaces(EventLoop& loop, Analysts workers, Options options);
    TextPlaces(EventLoop& loop, Analysts workers) : TextPlaces(loop, std::move(workers), Options{}) {}

    /// `text` is valid UTF-8. `on_place` is called once, at once or later. Errors: `unavailable` (no worker,
    /// none in time, or too many ask), and the worker's own.
    void find(std::string text, OnPlace on_place);

 private:
    struct Waiting {
        TaskId task = 0;
        Clock::time_point until;
        OnPlace on_place;
    };
    void give_up_late();

    Analysts workers_;
    const Options options_;
    std::list<Waiting> waiting_;  // the longest first
};

}  // namespace bgm
