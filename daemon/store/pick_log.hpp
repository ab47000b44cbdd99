// Picks and reactions of a tenant in the order of time: what an evaluation reads.
//
// Belongs to the thread of its connection, and connects by itself where that is not connected. Errors are
// those of connection.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "daemon/store/connection.hpp"
#include "fusion/taste/taste.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

class PickLog {
 public:
    explicit PickLog(MySqlConnection& connection) : connection_(connection) {}

    /// Picks since then that got any reaction, by anybody.
    Status picks(const std::string& tenant, std::int64_t since_ms,
                 const std::function<void(v1::Pick&&)>& on_pick);

    struct LoggedReaction {
        std::string user_id;
        std::string post_id;
        std::string track_id;
        std::int64_t at_ms = 0;
        Reaction reaction{};
    };
    /// Of all times: what was learnt before `since_ms` counts, too. Those that weigh nothing are left out.
    Status reactions(const std::string& tenant, const std::function<void(LoggedReaction&&)>& on_reaction);

 private:
    MySqlConnection& connection_;
};

}  // namespace bgm
