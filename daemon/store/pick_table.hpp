// Picks and dead letters in MySQL.
//
// Belongs to the thread of its connection, and connects by itself where that is not connected; waiting
// between attempts is the caller's. Writing is idempotent: the same batch twice leaves the same rows, so a
// caller that does not know whether a commit arrived simply writes again.
//
// A post has at most one current row set: rows in `picks` and `pick_tracks`, or one in `dead_posts`. What
// replaces what: a decision that is older than the stored one both by revision and by time is dropped
// silently (a late answer); every other one replaces it. Neither alone would do: revisions start again at 1
// with a new journal, and clocks step back. Decisions that carry an origin (schemas/pick_origin.hpp) follow
// decision_rules.hpp instead, whatever revisions and times say, also where several hosts write at once.
//
// Errors are those of connection.hpp. A value that its column cannot hold is refused before anything is sent:
// `invalid_argument` with a field like "picks[3].user_id" or "dead[0].message" (see refused_row()), and
// nothing of the batch is written. Every other error leaves the batch to be written again later.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/store/connection.hpp"
#include "daemon/store/decision_batch.hpp"
#include "daemon/store/write_effects.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

class PickTable {
 public:
    explicit PickTable(MySqlConnection& connection) : connection_(connection) {}

    /// One transaction for the whole batch, whatever its size; a few hundred posts a batch are fastest.
    /// `last` is called at its end, each time that it is tried: where it fails, nothing is committed.
    Result<WriteEffects> write(std::span<const v1::Pick* const> picks,
                               std::span<const v1::DeadLetter* const> dead,
                               const std::function<Status()>& last = {});

    /// The post was retried or dropped by an operator. Succeeds where there is no such row.
    Status remove_dead(std::string_view tenant, std::string_view post_id);

    /// With its tracks, titles and all, in order.
    Result<std::optional<v1::Pick>> find(std::string_view tenant, std::string_view post_id);

 private:
    Result<WritePlan> write_once(const std::vector<BatchedDecision>& batch, int attempt);

    MySqlConnection& connection_;
};

}  // namespace bgm
