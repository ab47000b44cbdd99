// From moods to tracks, on a thread of its own: looking through a large catalogue takes milliseconds that
// nobody who waits for an ack should notice.
//
// Everything belongs to the loop's thread and comes back to it. Posts that are asked for in one turn of the
// loop wake the thread once, and so does what it found the loop; live posts go before backfill. What waits is
// bounded by the dispatcher's window, since each of its posts asks once at a time. Posts that are with the
// thread when it ends are nobody's: the journal calls them accepted, and the next start finds them.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "daemon/base/event_loop.hpp"
#include "daemon/pipeline/listeners.hpp"
#include "daemon/pipeline/mood_decision.hpp"
#include "fusion/catalogue/catalogue_set.hpp"
#include "fusion/recommend/match_settings.hpp"
#include "fusion/recommend/matcher.hpp"
#include "schemas/mutex.hpp"

namespace bgm {

/// The pick with its tracks, or why its rows would not fit the tables. Pure but for the clock in `picked_at`.
Result<v1::Pick> recommend(const Catalogue& catalogue, const MatchRequest& request, DecidedMood&& decided);

/// What the post asks for; `tracks_default` where it does not say how many.
MatchRequest match_request(const v1::Post& post, std::uint32_t tracks_default,
                           const MatchSettings& settings = {});

class Recommender {
 public:
    using Clock = std::chrono::steady_clock;
    using OnPick = std::function<void(Result<v1::Pick>)>;

    struct Options {
        std::uint32_t tracks_default = 5;
        MatchSettings matching = {};
        std::int64_t repeat_after_ms = 0;
        int nice = 0;  // how far its thread stands back behind the loop
        std::function<Clock::time_point()> now = Clock::now;
        std::function<Result<v1::Pick>(const Catalogue&, const MatchRequest&, DecidedMood&&)> recommend =
            bgm::recommend;
    };

    Recommender(EventLoop& loop, Options options);
    /// Ends after the post in hand; calls nothing any more. The loop must have ended before.
    ~Recommender();
    Recommender(const Recommender&) = delete;
    Recommender& operator=(const Recommender&) = delete;

    void set_catalogues(std::shared_ptr<const CatalogueSet> catalogues);
    /// Null before the first.
    const std::shared_ptr<const CatalogueSet>& catalogues() const { return catalogues_; }

    struct Question {
        std::int64_t seq;
        bool backfill;
        MatchRequest request;
        DecidedMood decided;
        KnownListener known;
        OnPick on_pick;
    };
    Question question(std::int64_t seq, const v1::Post& post, DecidedMood decided, OnPick on_pick) const;
    /// Needs catalogues. `on_pick` runs on the loop's thread, in a later turn.
    void ask(Question question);
    void ask(std::int64_t seq, const v1::Post& post, DecidedMood decided, OnPick on_pick) {
        ask(question(seq, post, std::move(decided), std::move(on_pick)));
    }
    /// Forgets what waits for this post. It may be in hand already, and `on_pick` hears of it then.
    void drop(std::int64_t seq);

 private:
    struct Answer {
        Result<v1::Pick> pick;
        OnPick on_pick;
    };

    void run(const std::stop_token& stop);
    Result<v1::Pick> answer(const Catalogue& catalogue, Question& question) const;
    void hand_over(std::vector<Answer> answers);

    EventLoop& loop_;
    const Options options_;
    std::shared_ptr<const CatalogueSet> catalogues_;  // written on the loop's thread under mutex_
    bool asked_ = false;                              // in this turn
    Mutex mutex_;
    std::condition_variable_any arrived_;
    std::array<std::deque<Question>, 2> waiting_ BGM_GUARDED_BY(mutex_);  // live, backfill
    std::jthread thread_;                                                 // last: it uses all of the above
};

}  // namespace bgm
