// What listeners did with picks, in MySQL.
//
// Belongs to the thread of its connection, and connects by itself where that is not connected. Errors are
// those of connection.hpp; what validate_feedback() refuses, and what cannot be, is refused with a field like
// "feedback[3].user_id", and nothing is written.
#pragma once

#include <cstdint>
#include <span>

#include "daemon/store/connection.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

class FeedbackTable {
 public:
    explicit FeedbackTable(MySqlConnection& connection) : connection_(connection) {}

    /// One transaction. The same event (all fields alike) is stored once: how many were new. An event that is
    /// new must be of a track that was picked for a post of the tenant, and lie at most kClockAheadMs ahead
    /// of `now_ms`.
    Result<std::uint64_t> insert(std::span<const v1::Feedback> feedback, std::int64_t now_ms);

 private:
    Status check_picked(std::span<const v1::Feedback> feedback);

    MySqlConnection& connection_;
};

}  // namespace bgm
