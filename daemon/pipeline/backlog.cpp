#include "daemon/pipeline/backlog.hpp"

#include <algorithm>
#include <utility>

#include "daemon/base/log.hpp"
#include "schemas/bgm.pb.h"

namespace bgm {
namespace {

constexpr std::size_t kRefill = 256;  // posts read at once: acks wait while they are admitted
constexpr std::chrono::seconds kAfterFailure{1};

}  // namespace

void Backlog::refill() {
    const bool wanted = (waits_[0] && hooks_.has_room(false)) || (waits_[1] && hooks_.has_room(true));
    if (looking_ || !wanted || hooks_.now() < next_look_) return;
    looking_ = true;
    left_ = {false, false};
    const std::size_t limit = window_.size() + kRefill;
    auto waiting = std::make_shared<Seqs>();
    (void)journal_.submit(
        Journal::Urgency::internal, 0,
        [waiting, limit](JournalStore& store) -> Status {
            auto found = store.waiting(limit);
            if (!found) return found.error();
            *waiting = std::move(*found);
            return ok_status();
        },
        [this, waiting, limit](const Status& done) {
            loop_.post([this, waiting, limit, done] {
                if (!done) return failed(done.error());
                load(*waiting, waiting->size() < limit);
            });
        });
}

void Backlog::load(const Seqs& waiting, bool all_seen) {
    auto wanted = std::make_shared<Seqs>();
    for (const std::int64_t seq : waiting) {
        if (!window_.contains(seq)) wanted->push_back(seq);
    }
    // What finds no room would be read for nothing.
    const std::size_t places = window_.posts_max() - std::min(window_.posts_max(), window_.size());
    const bool cut = wanted->size() > places;
    if (cut) wanted->resize(places);
    auto rows = std::make_shared<Rows>();
    (void)journal_.submit(
        Journal::Urgency::internal, 0,
        [wanted, rows](JournalStore& store) -> Status {
            rows->clear();
            for (const std::int64_t seq : *wanted) {
                auto row = store.row(seq);
                if (!row) return row.error();
                if (*row && (*row)->state == PostState::accepted) rows->push_back(std::move(**row));
            }
            return ok_status();
        },
        [this, rows, all_seen, cut](const Status& done) {
            loop_.post([this, rows, all_seen, cut, done] {
                if (!done) return failed(done.error());
                take(*rows, all_seen, cut);
            });
        });
}

void Backlog::take(Rows& rows, bool all_seen, bool cut) {
    looking_ = false;
    // Live posts come first: behind one of backfill there are no others.
    const bool live_cut = cut && (rows.empty() || rows.back().priority != v1::BACKFILL);
    std::array<bool, 2> more{!all_seen || live_cut, !all_seen || cut};
    for (JournalRow& row : rows) {
        if (window_.contains(row.seq)) continue;
        const bool backfill = row.priority == v1::BACKFILL;
        if (hooks_.has_room(backfill)) {
            hooks_.take(std::move(row));
        } else {
            more.at(backfill ? 1 : 0) = true;
        }
    }
    // What was accepted while we were reading is not among the rows.
    waits_ = {more[0] || left_[0], more[1] || left_[1]};
}

// They wait there all the same: it looks again.
void Backlog::failed(const Error& error) {
    log_error("journal cannot be read", {{"error", error.to_string()}});
    looking_ = false;
    next_look_ = hooks_.now() + kAfterFailure;
}

}  // namespace bgm
