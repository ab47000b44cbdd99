// What another host did to the posts that a transaction is just writing, and that its locks did not show.
//
// A row that is not there cannot be locked: of two hosts that answer one message, one may write a pick and
// the other a dead letter, and an answer may come for a post that was just erased, or whose message was
// revoked. All are looked for when the own rows are written, right before the commit: whoever comes second
// waits for the first, and then sees it; on another node of a Galera cluster, is refused the commit. A
// message that is revoked between this look and the commit is written all the same: its sender sends again
// after that, and whoever writes what was sent then waits for this commit. Asked only about rows that came
// from a replicated queue: without one there is no other host.
#pragma once

#include <set>
#include <span>

#include "daemon/store/connection.hpp"
#include "daemon/store/decision_batch.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct Overtaken {
    bool by_a_row = false;                        // the post has a row in the other table now
    std::set<const BatchedDecision*> noted = {};  // they answer nothing but messages that are noted

    bool any() const { return by_a_row || !noted.empty(); }
};

/// `rows` were written in the transaction that is open. Where there is anything, it must be rolled back. Of
/// the messages that a row answers those count that no row had seen: where all of them are noted as erased or
/// revoked (message_notes.hpp), it must have no effect. One that was revoked after it had joined others goes
/// with them.
Result<Overtaken> find_overtaken(MySqlConnection& connection, std::span<const WritePlan::Row> rows);

}  // namespace bgm
