// The journal's thread: operations from other threads, gathered into one transaction and one fsync (group
// commit).
//
// An operation is a function on the store, run on the journal's thread; `done` runs there too, after the
// commit has reached the disk, or with the error. Where the store fails (`retryable`: the disk is full, a
// read or a write failed), nothing of the transaction happened. Operations of intake fail at once then, and
// the client is told BUSY. Those of the daemon itself must not be lost: they are tried again until they
// succeed. So `done` of an internal operation hears of success, or of the operation's own final error, or the
// journal is closed and the next start finds everything as it was before.
//
// Nobody waits for what the daemon notes for itself. Under load such operations wait a few milliseconds for
// each other: pages that many of them change are then written once. A post that waits for its ack takes them
// along.
//
// Once a second, and more often while much is due, the thread forgets delivered posts that are old enough.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "daemon/base/metrics.hpp"
#include "daemon/journal/journal_store.hpp"
#include "schemas/mutex.hpp"

namespace bgm {

class Journal {
 public:
    /// May run more than once (after a rollback): it must only set what it sets anew each time.
    using Operation = std::function<Status(JournalStore&)>;
    using Done = std::function<void(const Status&)>;

    enum class Urgency {
        intake,   // fails with resource_exhausted where the store fails
        internal  // kept and tried again
    };

    struct Options {
        std::size_t queue_bytes_max = 0;
        std::size_t commit_batch = 0;
        std::int64_t keep_delivered_ms = INT64_MAX;  // how long delivered posts are remembered
        std::filesystem::path folder =
            {};  // whose disk is watched: delivered posts give way when it fills up
        std::chrono::milliseconds retry_delay{200};
        /// Calls what it is given, which calls `done` of all operations of one commit: who is told of many
        /// need not be woken for each.
        std::function<void(const std::function<void()>&)> together = [](const auto& tell) { tell(); };
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
    /// At most a batch; waits for the first until then.
    std::vector<Entry> take(const std::stop_token& stop, std::chrono::steady_clock::time_point until);
    /// The entries that have to be tried again.
    std::vector<Entry> commit(std::vector<Entry> batch);
    /// The same; `worst` becomes the failure where anything found no room.
    std::vector<Entry> attempt(std::vector<Entry> batch, Status& worst);
    Status apply(std::vector<Entry>& batch, std::vector<Status>& results);
    /// What is due once a second; true where there is more to do at once.
    bool keep_house();
    void publish_counts();

    const std::unique_ptr<JournalStore> store_;
    const Options options_;
    Metrics& metrics_;
    mutable Mutex mutex_;
    std::condition_variable_any arrived_;
    std::vector<Entry> queue_ BGM_GUARDED_BY(mutex_);
    std::size_t queue_bytes_ BGM_GUARDED_BY(mutex_) = 0;
    std::size_t intake_ BGM_GUARDED_BY(mutex_) = 0;  // of queue_, those whose client waits
    bool gathering_ BGM_GUARDED_BY(mutex_) = false;  // what is queued waits for more
    JournalCounts counts_ BGM_GUARDED_BY(mutex_);
    std::size_t last_batch_ = 0;  // the thread's
    std::atomic<bool> writable_{true};
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace bgm
