// What another host did to the posts that a transaction is just writing, and that its locks did not show.
//
// A row that is not there cannot be locked: of two hosts that answer one message, one may write a pick and
// the other a dead letter, and an answer may come for a post that was just erased, or whose message was
// revoked. All are looked for when the own rows are written, right before the commit: whoever comes second
// waits for the first, and then sees it; on another node of a Galera cluster, is refused the commit. Asked
// only about rows that came from a replicated queue: without one there is no other host.
#pragma once

#include <set>
#include <span>
#include <string>

#include "daemon/store/connection.hpp"
#include "daemon/store/decision_batch.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct Overtaken {
    bool by_a_row = false;          // the post has a row in the other table now
    std::set<std::string> noted{};  // the last messages of decisions that must have no effect

    bool any() const { return by_a_row || !noted.empty(); }
    bool voids(const BatchedDecision& decision) const {
        return decision.origin && noted.contains(*decision.origin->messages().rbegin());
    }
};

/// `rows` were written in the transaction that is open. Where there is anything, it must be rolled back.
/// A decision is void where its last message was erased, or its only one revoked (message_notes.hpp): with
/// others, a revoked one joined the post before it was revoked.
Result<Overtaken> find_overtaken(MySqlConnection& connection, std::span<const WritePlan::Row> rows);

}  // namespace bgm
