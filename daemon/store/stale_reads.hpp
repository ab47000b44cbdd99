// Reads that may be a little old, from replicas where there are any: for one thread, with connections of its
// own.
//
// A replica that is fresh (replica.hpp) is asked, and its answer taken where it is enough for the one who
// asks. In every other case the primary is asked, as if there were no replica.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <string_view>
#include <vector>

#include "daemon/store/replica.hpp"

namespace bgm {

/// What the threads of a program share about its replicas.
struct ReplicaSites {
    struct Site {
        explicit Site(MySqlOptions where) : options(std::move(where)) {}
        const MySqlOptions options;
        /// False: its last answer was none. Whoever only reads leaves it until somebody has got one.
        std::atomic<bool> answers{true};
    };

    ReplicaSites(const std::vector<MySqlOptions>& replicas, std::chrono::milliseconds lag)
        : lag_max(lag), sites(replicas.begin(), replicas.end()) {}

    const std::chrono::milliseconds lag_max;
    MarkBook book;
    std::deque<Site> sites;  // their places are kept
};

class StaleReads {
 public:
    /// `answered` (by a replica), `absent` (not enough of an answer), `failed` (in the middle), or why no
    /// replica was asked: a name of ReplicaState.
    using OnOutcome = std::function<void(std::string_view outcome)>;

    /// `sites`: null where there are no replicas.
    StaleReads(MySqlConnection& primary, ReplicaSites* sites, OnOutcome on_outcome);

    template <typename T>
    Result<T> ask(const std::function<Result<T>(MySqlConnection&)>& read,
                  const std::function<bool(const T&)>& enough) {
        if (sites_ == nullptr) return read(primary_);
        const std::size_t at = choose();
        if (at < replicas_.size()) {
            Result<T> found = read(replicas_[at].connection());
            const bool taken = found && enough(*found);
            if (!found) sites_->sites[at].answers = replicas_[at].connection().connected();
            on_outcome_(taken ? "answered" : found ? "absent" : "failed");
            if (taken) return found;
        }
        return read(primary_);
    }

 private:
    /// One that is fresh; as many as there are, where none is.
    std::size_t choose();

    MySqlConnection& primary_;
    ReplicaSites* const sites_;
    const OnOutcome on_outcome_;
    std::vector<Replica> replicas_;
    std::size_t next_ = 0;
};

}  // namespace bgm
