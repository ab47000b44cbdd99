// Messages of the shared queues that must have no effect any more: notes in `erased_messages`, for a week.
//
//     erased  | its post was erased, or its dead letter dropped
//     revoked | its sender was told that it was not taken: a broker that was cut off may bring it all the
//     same,
//             | behind what the sender has sent since. Or it said nothing new beside another one
//
// What answers none but noted messages is not written; with others they count (overtaken.hpp). The connection
// stands. Errors are those of connection.hpp.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "daemon/store/connection.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Of rows that are no notes, and are never committed (overtaken.hpp). In UTC, as all of a session.
inline constexpr std::string_view kClaimedAt = "2038-01-01";

/// Within a transaction, or on its own. Those noted long ago are forgotten.
Status note_ineffective(MySqlConnection& connection, std::span<const std::string> messages);

struct PostMessage {
    std::string tenant;
    std::string post_id;
    std::string id;
    auto operator<=>(const PostMessage&) const = default;
};

/// Those of them, by their ids, that must have no effect any more, or have had it: they are noted, or a row
/// of their post has seen them.
Result<std::set<std::string>> find_ineffective(MySqlConnection& connection,
                                               std::span<const PostMessage> messages);

/// Calls `run` with lists of them for SQL, "X'..',X'..'", each item between the two texts.
Status for_each_message_list(std::span<const std::string> messages, std::string_view before,
                             std::string_view behind, const std::function<Status(const std::string&)>& run);

}  // namespace bgm
