// Writes decisions to the store, all in one go where that succeeds, and finds those that spoil it for the
// others.
//
//     written   | everything, in one transaction                                 -> written
//     refused   | the store names a row that it can never take: the others go on -> refused
//     outage    | the store is away, or refuses us                               -> all is left
//     unclear   | any other error may be one row's: picks and dead letters are tried each on their own, since
//               | each have a table, and then halves, and halves of these
//                   a row that fails alone while others of its kind are written  -> suspect
//                   none of its kind is written                                  -> they are left
//
// So nothing is blamed on a row before another one of its kind passed. A row may also break the connection
// each time (a packet that the server does not take): where the server can be reached and the same batch has
// failed so a few times, that counts as unclear too.
//
// Belongs to one thread but for what says otherwise, and knows of MySQL only what is handed to it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "daemon/base/event_ids.hpp"
#include "daemon/pipeline/post.hpp"
#include "daemon/store/host_table.hpp"
#include "daemon/store/write_effects.hpp"
#include "schemas/result.hpp"

namespace bgm {

class BatchWriter {
 public:
    /// One transaction: all of it or nothing.
    using Write = std::function<Result<WriteEffects>(std::span<const v1::Pick* const>,
                                                     std::span<const v1::DeadLetter* const>)>;
    /// Does the store answer, now?
    using Reach = std::function<bool()>;
    /// Before each Write: its ids will be larger than `above`, and what is returned is heeded.
    using Announce = std::function<Result<Announced>(std::uint64_t above)>;

    struct Failed {
        Decision decision;
        Error error;
    };
    struct Outcome {
        std::vector<Decision> written;  // those without an effect too, marked
        std::vector<Failed> refused;
        std::vector<Failed> suspects;
        std::vector<Decision> left;  // to be tried again, those that failed alone last
        std::optional<Error> error;  // why something is left
        bool outage = false;         // the store is away: it is nothing that is left that is to blame
    };

    BatchWriter(Write write, Reach reach, Announce announce)
        : write_(std::move(write)), reach_(std::move(reach)), announce_(std::move(announce)) {}

    /// Each decision has got an event_id by then, in the order of `written`; whatever is tried again gets
    /// another one, and so all ids are in the order of the commits. Those that are written say their row's
    /// revision.
    Outcome write(std::vector<Decision> batch);

    /// Any thread: what was announced up to this one is over, committed or not.
    std::uint64_t announced_over() const { return announced_over_; }
    /// Ids that are in the store already.
    void continue_above(std::uint64_t event_id) { ids_.continue_above(event_id); }

 private:
    Status attempt(std::vector<Decision>& piece);
    Status write_piece(std::vector<Decision>& piece);
    bool outage(const Error& error);

    const Write write_;
    const Reach reach_;
    const Announce announce_;
    EventIds ids_;
    std::atomic<std::uint64_t> announced_over_ = 0;
    int lost_in_a_row_ = 0;  // attempts that found the store away, since one that did not
};

}  // namespace bgm
