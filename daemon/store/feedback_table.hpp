// What listeners did with picks, in MySQL.
//
// Belongs to the thread of its connection, and connects by itself where that is not connected. Errors are
// those of connection.hpp; what validate_feedback() refuses is refused with a field like
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

    /// One transaction. The same event (all fields alike) is stored once: how many were new.
    Result<std::uint64_t> insert(std::span<const v1::Feedback> feedback);

 private:
    MySqlConnection& connection_;
};

}  // namespace bgm
