// Delivery: decisions go to MySQL in batches, one transaction each, and then out as events.
//
// A thread owns the connection (delivery_thread.cpp). It writes what is queued, live posts before backfill,
// the older first; while MySQL is away it keeps trying with a growing delay, and what does not fit into the
// queue stays in the journal until there is room. A row that fails alone while others are written (see
// batch_writer.hpp) steps aside: it is tried again with a delay of its own, and at last becomes a dead
// letter, as a row does that MySQL refuses for good. The event follows the commit, and only then is the
// post settled: a crash in between repeats both, which leaves the same rows (and may
// publish an event twice). Without MySQL a decision is final in the journal and only the event is published.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/messaging.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/config.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/pipeline/batch_writer.hpp"
#include "daemon/pipeline/delivery_store.hpp"
#include "daemon/pipeline/post.hpp"
#include "daemon/queue/post_queue.hpp"
#include "daemon/store/erasure.hpp"
#include "schemas/mutex.hpp"

namespace bgm {

class Delivery {
 public:
    /// `store` may be null: there is no MySQL then.
    static Result<std::unique_ptr<Delivery>> open(const Config& config, EventLoop& loop, Messaging& messaging,
                                                  Journal& journal, PostQueue& queue, Metrics& metrics,
                                                  std::unique_ptr<DeliveryStore> store);
    ~Delivery();
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;

    /// Whose events are told on other hosts, too: hands one over, and gets it back with tell(). False where
    /// it cannot.
    using Spread = std::function<bool(std::string topic, std::string event)>;
    void set_spread(Spread spread);
    /// Any thread: see HostBeat.
    std::uint64_t announced_over() const { return writer_.announced_over(); }
    /// Loop's thread: an event for those who listen to this bgmd.
    void tell(const std::string& topic, std::string event);

    /// Loop's thread: a dead letter that is durable in the journal as revision `letter.revision()`.
    void bury(std::int64_t seq, v1::DeadLetter letter);
    /// Loop's thread: takes a decision that is durable in the journal.
    void enqueue(Decision decision);
    /// Loop's thread: can so many more decisions be kept in memory? True, too, while MySQL is away: then they
    /// wait in the journal, however many.
    bool has_room(bool backfill, std::size_t decisions) const;
    /// Loop's thread: decisions of an earlier run wait in the journal.
    void resume();
    /// Loop's thread: an operator retried or dropped a dead letter; its row goes.
    void forget_dead(std::string tenant, std::string post_id);

    /// Loop's thread: what is queued and what MySQL holds about a post or a user goes; `done` runs on the
    /// loop, once MySQL has answered: while it is away, that waits, and is done as soon as it is back. The
    /// journal's own rows must be gone before. What is enqueued later is not concerned: it is written after.
    /// Without patience `done` hears at once that MySQL is away; the rows go as soon as it is back all the
    /// same.
    using OnErased = std::function<void(Result<ErasedRows>)>;
    enum class Patience { endless, none };
    void erase(ErasureScope scope, OnErased done, Patience patience = Patience::endless);

    /// Loop's thread: decisions that are on their way, but for those that stepped aside.
    std::size_t pending() const;
    /// Any thread: empty while the last write succeeded, or, where nothing is to be written, the last look.
    std::string mysql_error() const;

 private:
    Delivery(const Config& config, EventLoop& loop, Journal& journal, PostQueue& queue, Metrics& metrics,
             std::unique_ptr<DeliveryStore> store);

    using Clock = std::chrono::steady_clock;

    // A decision that failed alone.
    struct Aside {
        Decision decision;
        int tries = 1;
        std::chrono::milliseconds delay{0};
        Clock::time_point due;
    };
    struct Erasure {
        ErasureScope scope;
        std::uint64_t before = 0;  // decisions of this order and later came after it
        OnErased done;             // empty: whoever asked has been answered
        Patience patience = Patience::endless;
    };
    struct Forgotten {
        std::string tenant, post_id;
        std::uint64_t before = 0;  // the same
    };
    struct Written {
        Decision decision;
        std::string event;  // its JSON; empty where nobody listened when it was written
    };

    // On the thread.
    void run(const std::stop_token& stop);
    bool prepare();
    bool look();
    bool failed(const Error& error);
    void succeeded();
    void answer_impatient(const Error& error) BGM_REQUIRES(mutex_);
    bool write_queued();
    void write_aside();
    bool forget_due();
    bool awaits_row(const Forgotten& forgotten) BGM_REQUIRES(mutex_);
    bool erase_due();
    void report(std::vector<Decision> written, std::vector<BatchWriter::Failed> refused);
    void step_aside(Aside aside);
    void wait(const std::stop_token& stop, std::int64_t milliseconds);

    // On the loop.
    void written(std::vector<Written> batch);
    void settle(std::vector<PostQueue::Key> keys);
    void refused(const Decision& decision, const Error& error);
    void unreadable(const JournalRow& row);
    void bury(const Decision& decision, v1::DeadLetter letter);
    void publish(const Decision& decision, std::string event);
    /// Looks whether anybody would hear of an event.
    bool look_for_listeners();
    void read_backlog();
    void take_over(const JournalRow& row);
    void release(std::int64_t seq, std::uint32_t revision);

    std::size_t queued() const BGM_REQUIRES(mutex_);
    std::vector<Decision> take_out(const Erasure& erasure) BGM_REQUIRES(mutex_);
    bool waits_for_erasure(const Decision& decision) const BGM_REQUIRES(mutex_);
    std::vector<Decision> next_batch(std::size_t line) BGM_REQUIRES(mutex_);
    std::optional<Clock::time_point> aside_due() const BGM_REQUIRES(mutex_);

    /// Its JSON.
    static std::string event(const Decision& decision);

    const Config& config_;
    EventLoop& loop_;
    Journal& journal_;
    PostQueue& queue_;
    Metrics& metrics_;
    std::unique_ptr<Socket> events_;
    Spread spread_;
    std::atomic<bool> mysql_failed_ = false;  // what mysql_error_ says
    std::atomic<bool> listened_to_ = false;   // set by the loop
    // seq -> newest revision between enqueue() and the journal's `delivered`.
    std::unordered_map<std::int64_t, std::uint32_t> owned_;
    std::array<bool, 2> backlog_{};  // live, backfill: more of them wait in the journal
    std::array<bool, 2> missed_{};   // the same, since the last look into the journal began
    bool reading_ = false;
    std::uint64_t next_order_ = 1;

    mutable Mutex mutex_;
    std::condition_variable_any arrived_;
    std::array<std::deque<Decision>, 2> queues_ BGM_GUARDED_BY(mutex_);
    std::vector<Aside> aside_ BGM_GUARDED_BY(mutex_);
    std::deque<Forgotten> forgotten_ BGM_GUARDED_BY(mutex_);
    std::deque<Erasure> erasures_ BGM_GUARDED_BY(mutex_);
    std::string mysql_error_ BGM_GUARDED_BY(mutex_);
    const std::unique_ptr<DeliveryStore> store_;  // the thread's
    BatchWriter writer_;
    std::jthread thread_;
};

}  // namespace bgm
