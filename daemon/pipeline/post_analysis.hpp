// One post in analysis: what is asked about it in an attempt, and what has come back.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/fetch/media_fetcher.hpp"
#include "daemon/fleet/task.hpp"
#include "daemon/journal/media_store.hpp"
#include "daemon/pipeline/mood_decision.hpp"
#include "daemon/pipeline/post.hpp"
#include "schemas/modality.hpp"
#include "schemas/validate.hpp"

namespace bgm {

struct PostAnalysis {
    using Clock = std::chrono::steady_clock;

    AcceptedPost accepted;
    Clock::time_point accepted_at;
    std::uint32_t attempts = 0;
    Clock::time_point started = {};                 // the attempt
    Clock::time_point answered = {};                // all of it; its mood and tracks are being decided
    Clock::time_point retry_at = {};                // where it waits for another attempt
    std::vector<TaskId> task_ids = {};              // still open
    std::vector<Finding> findings = {};             // in the order of text and assets
    std::vector<std::shared_ptr<int>> deaths = {};  // of workers, by finding; kept from attempt to attempt
    std::size_t open = 0;                           // findings that are not there yet
    bool waiting = false;                           // for retry_at, or for the worker that is away
    std::optional<Modality> worker_away = {};       // one of its tasks found none for this
    std::size_t bytes = 0;

    bool backfill() const { return accepted.post.priority() == v1::BACKFILL; }
};

struct PlannedTask {
    std::size_t finding;
    TaskRequest request;
    const v1::Asset* to_fetch;  // of the post: its media must be fetched first; null where it is at hand
};

/// Begins another attempt: the tasks of the post's text and assets, and a finding for each. What has failed
/// for good keeps its finding and is not asked for again. `media` must outlive the tasks.
std::vector<PlannedTask> plan_attempt(PostAnalysis& analysis, const MediaStore& media,
                                      const PostLimits& limits, std::size_t text_bytes_max);

/// Media of a task that was fetched; `corrupt` where it does not have the digest that the post gives.
std::function<Result<Frame>()> fetched_media(std::string digest, FetchedBytes bytes);

}  // namespace bgm
