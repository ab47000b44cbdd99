// Whether a decision about messages of a replicated queue has an effect on what is stored about its post.
//
// Such a queue may hand out a message again, to any host, and a host that everybody thought dead may come
// back with an answer. What is stored says which messages went into it, and so each has one effect.
//
//     all of its messages went into the row, or were passed over for it             -> nothing
//     its last message is of the other line (live, backfill) than the row's last,
//     came by the queue of dead letters or is a retry, and is older than that       -> passed over
//     the content is what is stored (and it is not the retry of a dead letter)      -> passed over
//     else                                                                          -> replaces the row
//
// A message that is passed over is noted in the row: handed out again, behind another content, it would
// otherwise seem new. A row counts one revision for each message that it has not seen, and none for a retry:
// its post is the one that the dead letter was about, which may have left its row by then.
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "schemas/message_id.hpp"
#include "schemas/origin.pb.h"
#include "schemas/result.hpp"

namespace bgm {

inline constexpr std::size_t kContentHashBytes = 32;
/// The last ones that went into a row; more of one post must not be unsettled at once.
inline constexpr std::size_t kMessagesKept = 256;

struct StoredDecision {
    std::uint32_t revision = 0;
    bool dead = false;              // a dead letter, or a pick
    std::string content_hash = {};  // empty in a row from before there were such queues
    std::string messages = {};      // ids behind one another, oldest first
};

struct RowVerdict {
    enum class Kind { replaces, passed_over, nothing };
    Kind kind = Kind::nothing;
    std::uint32_t revision = 0;  // of the new row; else the stored one
    std::string messages = {};   // of the row from now on
    std::string fresh = {};      // what the row had not seen, and this answers
};

/// `invalid_argument` where the origin is none: no messages, or ids or a hash of another length.
Status check(const v1::Origin& origin);

/// `stored` is null where nothing is. The origin is a checked one.
RowVerdict judge(const v1::Origin& origin, const StoredDecision* stored);

}  // namespace bgm
