// The way of posts through analysis: their tasks, what came back, and the decision made durable.
//
// A bounded window of posts is in memory (analysis_window.hpp); the others wait in the journal and are read
// from there as room is made (backlog.hpp). Belongs to the loop's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/config.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/journal/media_store.hpp"
#include "daemon/pipeline/analysis_window.hpp"
#include "daemon/pipeline/analysts.hpp"
#include "daemon/pipeline/backlog.hpp"
#include "daemon/pipeline/post.hpp"
#include "daemon/pipeline/post_analysis.hpp"
#include "schemas/origin.pb.h"
#include "schemas/validate.hpp"

namespace bgm {

class Dispatcher {
 public:
    using Clock = PostAnalysis::Clock;
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

    /// Where a post has come from, for the rows of what becomes of it.
    using OriginOf = std::function<std::optional<v1::Origin>(std::int64_t seq)>;
    void set_origins(OriginOf origin_of) { origin_of_ = std::move(origin_of); }

    /// A post has become durable.
    void accept(AcceptedPost post);
    /// Posts wait in the journal (after a start, an operator's retry, a catalogue's arrival).
    void resume();
    /// Lets no further post into the window.
    void drain() { draining_ = true; }

    std::size_t active() const { return window_.size(); }
    /// Of these, the ones that are with workers now: the others wait for another try.
    std::size_t running() const { return window_.running(); }
    bool holds(std::int64_t seq) const { return window_.contains(seq); }

 private:
    bool room(bool backfill) const;
    void admit(AcceptedPost post, Clock::time_point accepted_at);
    void start(PostAnalysis& analysis);
    void submit(std::int64_t seq, std::uint32_t revision, std::size_t finding, TaskRequest request);
    void fetch(std::int64_t seq, std::uint32_t revision, std::size_t finding, const v1::Asset& asset,
               const std::string& tenant, TaskRequest request);
    void answer(std::int64_t seq, std::uint32_t revision, std::size_t index, TaskAnswer answered);
    void conclude(PostAnalysis& analysis);
    void recommended(std::int64_t seq, std::uint32_t revision, Result<v1::Pick> pick);
    void failed(PostAnalysis& analysis, const Error& error);
    void commit_pick(const PostAnalysis& analysis, v1::Pick pick);
    void commit_dead(const PostAnalysis& analysis, const Error& error);
    void commit(const Decision& decision, std::string bytes, std::string media);
    void refused(const Decision& decision, const Error& error);
    void wait_for_another_try(PostAnalysis& analysis);
    void forget(std::int64_t seq, std::uint32_t revision);
    void refill();
    void take(JournalRow row);
    void retry_due();

    const Config& config_;
    EventLoop& loop_;
    Journal& journal_;
    const MediaStore& media_;
    const Analysts analysts_;
    Metrics& metrics_;
    const OnDecided on_decided_;
    const std::function<Clock::time_point()> now_;
    Pace pace_;
    OriginOf origin_of_;
    const PostLimits limits_;
    const PoolOptions pool_options_;
    AnalysisWindow window_;
    Backlog backlog_;
    bool draining_ = false;
};

}  // namespace bgm
