// Everything that these tables hold about a post or a user, gone.
// Connects where the connection does not stand. Errors are those of connection.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/connection.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Whose rows are to go: one post's, or all of one user's. Exactly one of the two is given.
struct ErasureScope {
    std::string tenant;
    std::string post_id = {};
    std::string user_id = {};
    /// Of a replicated queue: whoever asks has these and answers them no more. Another host may have them,
    /// too: what it answers is not written.
    std::vector<std::string> messages = {};
    /// The stamp of an erasure that came through the shared queues (queue_message.hpp): posts that were sent
    /// later stay, and nothing but posts' rows goes. Empty: all of it goes.
    std::string sent_before = {};

    bool operator==(const ErasureScope&) const = default;
    /// Whether a post of these is meant, whenever it was sent.
    bool covers(std::string_view of_tenant, std::string_view of_post, std::string_view of_user) const {
        return of_tenant == tenant && (user_id.empty() ? of_post == post_id : of_user == user_id);
    }
};

struct ErasedRows {
    std::uint64_t picks = 0;
    std::uint64_t pick_tracks = 0;
    std::uint64_t dead_posts = 0;
    std::uint64_t feedback = 0;
    std::uint64_t tastes = 0;                // what was learnt of the user
    std::uint64_t seeds = 0;                 // what the posts taught
    std::vector<std::string> post_ids = {};  // of the picks and dead letters that went
};

/// Feedback on the user's posts by others included. One transaction; doing it again erases nothing more.
Result<ErasedRows> erase_rows(MySqlConnection& connection, const ErasureScope& scope);

}  // namespace bgm
