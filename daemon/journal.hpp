// The journal's thread: operations from other threads, gathered into one transaction and one fsync (group
// commit).
//
// An operation is a function on the store, run on the journal's thread; `done` runs there too, after the
// commit has reached the disk, or with the error. When the disk is full, operations of intake fail at once
// (the client is told BUSY) and those of the daemon itself, which must not be lost, are tried again until
// there is room.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "daemon/journal_store.hpp"
#include "daemon/metrics.hpp"

namespace bgm {

class Journal {
 public:
    /// May run more than once (after a rollback): it must only set what it sets anew each time.
    using Operation = std::function<Status(JournalStore&)>;
    using Done = std::function<void(const Status&)>;

    enum class Urgency {
        intake,   // fails with resource_exhausted when there is no room
        internal  // kept and tried again
    };

    struct Options {
        std::size_t queue_bytes_max = 0;
        std::size_t commit_batch = 0;
    };

    Journal(std::unique_ptr<JournalStore> store, const Options& options, Metrics& metrics);
    /// Runs what is queued, then stops.
    ~Journal();

    /// Any thread. False where the queue is full; then neither function will be called.
    bool submit(Urgency urgency, std::size_t bytes, Operation operation, Done done);

    /// Any thread: did the last commit succeed?
    bool writable() const { return writable_.load(std::memory_order_relaxed); }
    /// Any thread: counts as of the last commit.
    JournalCounts counts() const;
    std::size_t queued() const;

 private:
    struct Entry {
        Urgency urgency;
        std::size_t bytes;
        Operation operation;
        Done done;
    };

    void run(const std::stop_token& stop);
    std::vector<Entry> take(const std::stop_token& stop);
    /// The entries that have to be tried again.
    std::vector<Entry> commit(std::vector<Entry> batch);
    /// The same; `worst` becomes the failure where anything found no room.
    std::vector<Entry> attempt(std::vector<Entry> batch, Status& worst);
    Status apply(std::vector<Entry>& batch, std::vector<Status>& results);

    const std::unique_ptr<JournalStore> store_;
    const Options options_;
    Metrics& metrics_;
    mutable std::mutex mutex_;
    std::condition_variable_any arrived_;
    std::vector<Entry> queue_;     // guarded by mutex_
    std::size_t queue_bytes_ = 0;  // guarded by mutex_
    JournalCounts counts_;         // guarded by mutex_
    std::atomic<bool> writable_{true};
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace bgm
