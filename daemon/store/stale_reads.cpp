#include "daemon/store/stale_reads.hpp"

#include <utility>

namespace bgm {

StaleReads::StaleReads(MySqlConnection& primary, ReplicaSites* sites, OnOutcome on_outcome)
    : primary_(primary), sites_(sites), on_outcome_(std::move(on_outcome)) {
    if (sites == nullptr) return;
    for (const ReplicaSites::Site& site : sites->sites)
        replicas_.emplace_back(site.options, sites->book, sites->lag_max);
}

std::size_t StaleReads::choose() {
    ReplicaState why = ReplicaState::down;
    for (std::size_t turn = 0; turn < replicas_.size(); ++turn) {
        const std::size_t at = next_++ % replicas_.size();
        ReplicaSites::Site& site = sites_->sites[at];
        if (!site.answers) continue;
        why = replicas_[at].look();
        if (why == ReplicaState::fresh) return at;
        if (why == ReplicaState::down) site.answers = false;
    }
    on_outcome_(name(why));
    return replicas_.size();
}

}  // namespace bgm
