// Accepted posts that wait in the journal for a place in the window, live before backfill.
//
// They are looked for, and nobody need remember them: what the journal calls `accepted` and is not in the
// window will be found, whatever notification was lost. Belongs to the loop's thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "daemon/base/event_loop.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/pipeline/analysis_window.hpp"

namespace bgm {

class Backlog {
 public:
    using Clock = AnalysisWindow::Clock;

    struct Hooks {
        std::function<bool(bool backfill)> has_room;
        std::function<void(JournalRow)> take;  // into the window
        std::function<Clock::time_point()> now;
    };

    /// What it is given must outlive it.
    Backlog(EventLoop& loop, Journal& journal, const AnalysisWindow& window, Hooks hooks)
        : loop_(loop), journal_(journal), window_(window), hooks_(std::move(hooks)) {}

    /// Posts of this kind may wait already: a new one must not go past them.
    bool waits(bool backfill) const { return waits_.at(backfill ? 1 : 0); }
    /// A post that has just been accepted is left to the journal.
    void leave(bool backfill) { waits_.at(backfill ? 1 : 0) = left_.at(backfill ? 1 : 0) = true; }
    /// Any number of posts of either kind may wait.
    void expect() { waits_ = {true, true}; }

    /// Reads posts from the journal where some may wait and there is room.
    void refill();

 private:
    using Seqs = std::vector<std::int64_t>;
    using Rows = std::vector<JournalRow>;

    void load(const Seqs& waiting, bool all_seen);
    void take(Rows& rows, bool all_seen, bool cut);
    void failed(const Error& error);

    EventLoop& loop_;
    Journal& journal_;
    const AnalysisWindow& window_;
    const Hooks hooks_;
    std::array<bool, 2> waits_{};  // live, backfill: there may be more of them in the journal
    std::array<bool, 2> left_{};   // the same, of those accepted since the last look began
    bool looking_ = false;
    Clock::time_point next_look_;
};

}  // namespace bgm
