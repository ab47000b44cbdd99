#include "daemon/journal/journal.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/base/this_thread.hpp"

namespace bgm {
namespace {

constexpr std::chrono::seconds kHousekeepingPeriod{1};
constexpr std::size_t kManyOperations = 4;  // in one commit: the daemon is busy
constexpr std::chrono::milliseconds kGatherFor{20};
constexpr std::int64_t kForgetAtOnce = 1000;  // acks wait while rows are forgotten

std::int64_t disk_bytes(const std::filesystem::path& folder) {
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    return folder.empty() || error ? INT64_MAX : static_cast<std::int64_t>(space.available);
}

}  // namespace

Journal::Journal(std::unique_ptr<JournalStore> store, const Options& options, Metrics& metrics)
    : store_(std::move(store)),
      options_(options),
      metrics_(metrics),
      counts_(store_->counts()),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Journal::~Journal() {
    thread_.request_stop();
    thread_.join();
}

bool Journal::submit(Urgency urgency, std::size_t bytes, Operation operation, Done done) {
    {
        const MutexLock lock(mutex_);
        if (urgency == Urgency::intake && queue_bytes_ + bytes > options_.queue_bytes_max) return false;
        queue_bytes_ += bytes;
        intake_ += urgency == Urgency::intake ? 1 : 0;
        queue_.push_back({urgency, bytes, std::move(operation), std::move(done)});
        if (gathering_ && urgency == Urgency::internal && queue_.size() < options_.commit_batch) return true;
    }
    arrived_.notify_one();
    return true;
}

JournalCounts Journal::counts() const {
    const MutexLock lock(mutex_);
    return counts_;
}

std::size_t Journal::queued() const {
    const MutexLock lock(mutex_);
    return queue_.size();
}

std::vector<Journal::Entry> Journal::take(const std::stop_token& stop,
                                          std::chrono::steady_clock::time_point until) {
    MutexLock lock(mutex_);
    arrived_.wait_until(lock, stop, until, [this]() BGM_REQUIRES(mutex_) { return !queue_.empty(); });
    if (last_batch_ >= kManyOperations && !queue_.empty() && intake_ == 0) {
        gathering_ = true;
        arrived_.wait_for(lock, stop, kGatherFor, [this]() BGM_REQUIRES(mutex_) {
            return intake_ > 0 || queue_.size() >= options_.commit_batch;
        });
        gathering_ = false;
    }
    const std::size_t count = std::min(queue_.size(), options_.commit_batch);
    last_batch_ = count;
    std::vector<Entry> batch(std::make_move_iterator(queue_.begin()),
                             std::make_move_iterator(queue_.begin() + static_cast<std::ptrdiff_t>(count)));
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    for (const Entry& entry : batch) {
        queue_bytes_ -= entry.bytes;
        intake_ -= entry.urgency == Urgency::intake ? 1 : 0;
    }
    return batch;
}

Status Journal::apply(std::vector<Entry>& batch, std::vector<Status>& results) {
    if (auto begun = store_->begin(); !begun) return begun;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        results[i] = batch[i].operation(*store_);
        // A failure of the store spoils the transaction for everybody; any other is that operation's own.
        if (!results[i] && retryable(results[i].error().code)) return results[i];
    }
    return store_->commit();
}

std::vector<Journal::Entry> Journal::commit(std::vector<Entry> batch) {
    Status worst = ok_status();
    return attempt(std::move(batch), worst);
}

std::vector<Journal::Entry> Journal::attempt(std::vector<Entry> batch, Status& worst) {
    const Stopwatch stopwatch;
    std::vector<Status> results(batch.size(), ok_status());
    const Status committed = apply(batch, results);
    std::vector<Entry> again;
    if (committed) {
        if (worst) writable_ = true;
        metrics_.observe_stage(Stage::journal, stopwatch.seconds());
        metrics_.observe_commit(batch.size());
        publish_counts();
        options_.together([&] {
            for (std::size_t i = 0; i < batch.size(); ++i) {
                if (batch[i].done) batch[i].done(results[i]);
            }
        });
        return again;
    }
    store_->rollback();
    worst = committed;
    if (writable_.exchange(false))
        log_error("journal cannot be written", {{"error", committed.error().to_string()}});
    for (Entry& entry : batch) {
        if (entry.urgency == Urgency::internal) {
            again.push_back(std::move(entry));
        } else if (entry.done) {
            entry.done(Error{.code = ErrorCode::resource_exhausted, .message = committed.error().message});
        }
    }
    if (batch.size() < 2) return again;
    // One by one: among them may be the very operation that makes room for the others.
    std::vector<Entry> still;
    for (Entry& entry : again) {
        std::vector<Entry> alone;
        alone.push_back(std::move(entry));
        std::vector<Entry> left = attempt(std::move(alone), worst);
        still.insert(still.end(), std::make_move_iterator(left.begin()), std::make_move_iterator(left.end()));
    }
    return still;
}

void Journal::publish_counts() {
    const JournalCounts& now = store_->counts();
    const MutexLock lock(mutex_);
    metrics_.count_forgotten("age", now.forgotten_by_age - counts_.forgotten_by_age);
    metrics_.count_forgotten("room", now.forgotten_for_room - counts_.forgotten_for_room);
    counts_ = now;
}

// By itself, and not together with what is queued: it makes room, and must not fail with what needs some.
bool Journal::keep_house() {
    std::int64_t forgotten = 0;
    bool kept = false;
    std::vector<Entry> alone;
    alone.push_back({Urgency::intake, 0,
                     [&](JournalStore& store) -> Status {
                         const std::int64_t now = now_ms();
                         auto gone = store.forget_delivered(now - options_.keep_delivered_ms, kForgetAtOnce);
                         if (!gone) return gone.error();
                         forgotten = *gone;
                         return store.refresh_counts(now, disk_bytes(options_.folder));
                     },
                     [&](const Status& done) { kept = done.ok(); }});
    commit(std::move(alone));
    return kept && (forgotten == kForgetAtOnce || counts().making_room);
}

void Journal::run(const std::stop_token& stop) {
    using Clock = std::chrono::steady_clock;
    name_this_thread("journal");
    auto due = Clock::now();
    while (true) {
        if (Clock::now() >= due)
            due = Clock::now() + (keep_house() ? Clock::duration{} : kHousekeepingPeriod);
        std::vector<Entry> batch = take(stop, due);
        if (batch.empty()) {
            if (stop.stop_requested()) return;
            continue;
        }
        std::vector<Entry> again = commit(std::move(batch));
        if (again.empty()) continue;
        // What was accepted is safe in the journal already: when we are told to stop, a restart repeats the
        // rest.
        if (stop.stop_requested()) return;
        MutexLock lock(mutex_);
        for (const Entry& entry : again)
            queue_bytes_ += entry.bytes;
        queue_.insert(queue_.begin(), std::make_move_iterator(again.begin()),
                      std::make_move_iterator(again.end()));
        arrived_.wait_for(lock, stop, options_.retry_delay, [] { return false; });
    }
}

}  // namespace bgm
