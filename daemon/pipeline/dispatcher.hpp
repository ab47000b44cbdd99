// Posts in analysis: which are let in, their tasks, what came back, and the decision made durable.
//
// A bounded window of posts is in memory; the others wait in the journal and are read from there, live before
// backfill, as room is made. So nothing depends on a notification that could get lost: what the journal calls
// `accepted` and is not in the window will be found. Belongs to the loop's thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/config.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/journal/media_store.hpp"
#include "daemon/pipeline/analysts.hpp"
#include "daemon/pipeline/post.hpp"
#include "schemas/validate.hpp"

namespace bgm {

class Dispatcher {
 public:
    using Clock = std::chrono::steady_clock;
    using OnDecided = std::function<void(Decision)>;

    /// What it is given must outlive it. Nothing is dispatched before there is a catalogue.
    Dispatcher(const Config& config, EventLoop& loop, Journal& journal, const MediaStore& media,
               Analysts analysts, Metrics& metrics, OnDecided on_decided,
               std::function<Clock::time_point()> now = Clock::now);

    /// Whether decisions about these posts will be taken: a pick that nobody takes yet is put into the
    /// journal and read back, and that costs as much as making it. Until then posts wait in the journal,
    /// which they are in.
    using Pace = std::function<bool(bool backfill, std::size_t posts)>;
    void set_pace(Pace pace) { pace_ = std::move(pace); }

    /// A post has become durable.
    void accept(AcceptedPost post);
    /// Posts wait in the journal (after a start, an operator's retry, a catalogue's arrival).
    void resume();
    /// Lets no further post into the window.
    void drain() { draining_ = true; }

    std::size_t active() const { return active_.size(); }
    /// Of these, the ones that are with workers now: the others wait for another try.
    std::size_t running() const;
    bool holds(std::int64_t seq) const { return active_.contains(seq); }

 private:
    struct Analysis {
        AcceptedPost accepted;
        Clock::time_point accepted_at;
        Clock::time_point started;
        Clock::time_point answered;                // all of it; its mood and tracks are being decided
        Clock::time_point retry_at;                // where it waits for another try
        std::vector<std::uint64_t> task_ids;       // still open
        std::vector<Finding> findings;             // in the order of text and assets
        std::vector<std::shared_ptr<int>> deaths;  // of workers, by finding; kept from attempt to attempt
        std::size_t open = 0;
        std::uint32_t attempts = 0;
        bool waiting = false;                 // for retry_at, or for the worker that is away
        std::optional<Modality> worker_away;  // one of its tasks found none for this
        std::size_t bytes = 0;
    };

    std::size_t window() const;
    bool room(bool backfill) const;
    void admit(AcceptedPost post, Clock::time_point accepted_at);
    void start(std::int64_t seq, Analysis& analysis);
    void submit(std::int64_t seq, std::uint32_t revision, std::size_t finding, TaskRequest request);
    void fetch(std::int64_t seq, std::uint32_t revision, std::size_t finding, const v1::Asset& asset,
               const std::string& tenant, TaskRequest request);
    void answer(std::int64_t seq, std::uint32_t revision, std::size_t index, TaskAnswer answered);
    void conclude(std::int64_t seq, Analysis& analysis);
    void recommended(std::int64_t seq, std::uint32_t revision, Result<v1::Pick> pick);
    void failed(std::int64_t seq, Analysis& analysis, const Error& error);
    void commit_pick(const Analysis& analysis, v1::Pick pick);
    void commit_dead(const Analysis& analysis, const Error& error);
    void commit(const Decision& decision, std::string bytes, std::string media);
    void refused(const Decision& decision, const Error& error);
    void wait_for_another_try(Analysis& analysis);
    void forget(std::int64_t seq, std::uint32_t revision);
    void refill();
    void load(const std::vector<std::int64_t>& waiting, bool all_seen);
    void scan_failed(const Error& error);
    void bury(AcceptedPost accepted, const JournalRow& row);
    void retry_due();
    std::function<Result<Frame>()> media_loader(const AcceptedPost& accepted, const v1::Asset& asset) const;

    const Config& config_;
    EventLoop& loop_;
    Journal& journal_;
    const MediaStore& media_;
    const Analysts analysts_;
    Metrics& metrics_;
    const OnDecided on_decided_;
    const std::function<Clock::time_point()> now_;
    Pace pace_;
    const PostLimits limits_;
    std::unordered_map<std::int64_t, Analysis> active_;  // by seq
    std::size_t active_bytes_ = 0;
    std::array<bool, 2> backlog_{};  // live, backfill: more of them wait in the journal
    std::array<bool, 2> missed_{};   // the same, of those accepted since the last look into the journal began
    std::size_t waiting_ = 0;        // of active_: for another try
    bool scanning_ = false;
    Clock::time_point next_scan_;
    bool draining_ = false;
};

}  // namespace bgm
