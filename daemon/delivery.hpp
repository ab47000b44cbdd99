// Delivery: decisions go to MySQL in batches, one transaction each, and then out as events.
//
// A thread owns the connection. It writes what is queued, live posts before backfill, the older first; while
// MySQL is away it keeps trying with a growing delay, and what does not fit into the queue stays in the
// journal until there is room. The event follows the commit, and only then does the journal call the post
// delivered: a crash in between repeats both, which leaves the same rows (and may publish an event twice).
// Without MySQL a decision is final in the journal and only the event is published.
#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

#include "daemon/config.hpp"
#include "daemon/dispatcher.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/journal.hpp"
#include "daemon/messaging.hpp"
#include "daemon/metrics.hpp"
#include "daemon/mysql/pick_store.hpp"

namespace bgm {

class Delivery {
 public:
    static Result<std::unique_ptr<Delivery>> open(const Config& config, EventLoop& loop, Messaging& messaging,
                                                  Journal& journal, Metrics& metrics);
    ~Delivery();
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;

    /// Loop's thread: takes a decision that is durable in the journal.
    void enqueue(Decision decision);
    /// Loop's thread: decisions of an earlier run wait in the journal.
    void resume();
    /// Loop's thread: an operator retried or dropped a dead letter; its row goes.
    void forget_dead(std::string tenant, std::string post_id);

    /// Loop's thread: what is queued and what MySQL holds about a post or a user goes; `done` runs on the
    /// loop, once MySQL has answered (while it is away, that waits). The journal's own rows must be gone
    /// before.
    using OnErased = std::function<void(Result<ErasedRows>)>;
    void erase(ErasureScope scope, OnErased done);

    /// Loop's thread: decisions that are on their way.
    std::size_t pending() const { return owned_.size(); }
    /// Any thread: empty while the last write succeeded.
    std::string mysql_error() const;

 private:
    Delivery(const Config& config, EventLoop& loop, Journal& journal, Metrics& metrics);

    // On the thread.
    void run(const std::stop_token& stop);
    bool prepare();
    bool failed(const Error& error);
    void succeeded();
    bool write(const std::vector<Decision>& batch, const std::stop_token& stop);
    void erase_due();
    void wait(const std::stop_token& stop, std::int64_t milliseconds);

    // On the loop.
    struct Written {
        Decision decision;
        std::string event;  // the JSON of the event
    };
    void written(const std::vector<Written>& batch);
    void refused(const Decision& decision, const Error& error);
    void publish(const Decision& decision, std::string_view event);
    void read_backlog();
    std::size_t queued() const;  // mutex_ is held

    struct Store;  // MySQL, in the .cpp alone

    const Config& config_;
    EventLoop& loop_;
    Journal& journal_;
    Metrics& metrics_;
    std::unique_ptr<Socket> events_;
    std::unordered_set<std::int64_t> owned_;  // seqs between enqueue() and the journal's `delivered`
    std::array<bool, 2> backlog_{};           // live, backfill: more of them wait in the journal
    std::array<bool, 2> missed_{};            // the same, since the last look into the journal began
    bool reading_ = false;

    mutable std::mutex mutex_;
    std::condition_variable_any arrived_;
    std::array<std::deque<Decision>, 2> queues_;                 // guarded by mutex_
    std::deque<std::pair<std::string, std::string>> forgotten_;  // guarded by mutex_: tenant, post_id
    std::deque<std::pair<ErasureScope, OnErased>> erasures_;     // guarded by mutex_
    std::string mysql_error_;                                    // guarded by mutex_
    std::unique_ptr<Store> store_;
    std::jthread thread_;
};

}  // namespace bgm
