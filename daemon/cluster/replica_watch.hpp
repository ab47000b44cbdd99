// How far behind the replicas of MySQL are: a thread marks the primary, and one for each replica looks what
// has arrived there. Readers find out for themselves (stale_reads.hpp); this is for what they share, for
// people, and for erasures.
//
// A replica is read from only while it is certain to have all that was committed before `lag_max` ago. So
// once that time has passed since an erasure was committed, or all replicas are seen to have it, no bgmd of
// these replicas reads anymore what was erased: settle() waits for it.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/store/stale_reads.hpp"
#include "schemas/mutex.hpp"

namespace bgm {

class ReplicaWatch {
 public:
    struct Report {
        std::string endpoint;
        ReplicaState state = ReplicaState::lagging;
        std::string error = "nobody has looked yet";  // why it is not fresh
        /// Everything that was committed before this is there.
        std::optional<Replica::Clock::time_point> holds = {};
    };

    /// Null where there are no replicas.
    static std::unique_ptr<ReplicaWatch> open(const MySqlOptions& primary,
                                              const std::vector<MySqlOptions>& replicas,
                                              std::chrono::milliseconds lag_max, EventLoop& loop,
                                              Metrics& metrics);
    ReplicaWatch(const MySqlOptions& primary, const std::vector<MySqlOptions>& replicas,
                 std::chrono::milliseconds lag_max, EventLoop& loop, Metrics& metrics);
    ~ReplicaWatch();
    ReplicaWatch(const ReplicaWatch&) = delete;
    ReplicaWatch& operator=(const ReplicaWatch&) = delete;

    ReplicaSites& sites() { return sites_; }
    /// In the order of the configuration, as of the last look.
    std::vector<Report> reports() const;

    /// The loop's thread: calls `done` there once nobody reads anymore what was committed before now.
    void settle(std::function<void()> done);

 private:
    using Clock = Replica::Clock;

    struct Settling {
        Clock::time_point since;
        std::function<void()> done;
    };

    void mark(const std::stop_token& stop);
    void look(const std::stop_token& stop, std::size_t at);
    /// Shorter where it is not well, and while somebody waits.
    void pause(const std::stop_token& stop, bool well);
    void finish_settled();

    const MySqlOptions primary_;
    const std::chrono::milliseconds period_;
    EventLoop& loop_;
    Metrics& metrics_;
    ReplicaSites sites_;
    std::vector<Settling> settling_;  // the loop's

    mutable Mutex mutex_;
    std::condition_variable_any hurried_;
    bool hurry_ BGM_GUARDED_BY(mutex_) = false;  // somebody waits in settle()
    std::vector<Report> reports_ BGM_GUARDED_BY(mutex_);
    std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace bgm
