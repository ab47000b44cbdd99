// What became of a post, as the stages hand it to each other.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "daemon/queue/accepted_post.hpp"
#include "schemas/bgm.pb.h"

namespace bgm {

/// What became of a post, durable in the journal: one of the two. Its event_id is given to it where it is
/// committed for good, by that thread alone.
struct Decision {
    std::int64_t seq = 0;
    std::uint32_t revision = 0;
    std::shared_ptr<v1::Pick> pick;
    std::shared_ptr<v1::DeadLetter> dead;
    std::chrono::steady_clock::time_point accepted_at;
    bool backfill = false;
    std::uint64_t order = 0;      // in which delivery got it
    bool without_effect = false;  // MySQL knew it already, or better: no event tells of it
    bool overruled = false;       // without effect, and MySQL says something else of the post
};

}  // namespace bgm
