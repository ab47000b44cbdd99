// What the stages hand to each other: a post that is durable, and what became of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "schemas/bgm.pb.h"

namespace bgm {

/// A post that has just become durable.
struct AcceptedPost {
    std::int64_t seq = 0;
    std::uint32_t revision = 0;
    v1::Post post;
    std::string media;  // folder of its inline media, may be empty
};

/// What became of a post, durable in the journal: one of the two. Its event_id is given to it where it is
/// committed for good, by that thread alone.
struct Decision {
    std::int64_t seq = 0;
    std::uint32_t revision = 0;
    std::shared_ptr<v1::Pick> pick;
    std::shared_ptr<v1::DeadLetter> dead;
    std::chrono::steady_clock::time_point accepted_at;
    bool backfill = false;
    std::uint64_t order = 0;  // in which delivery got it
};

}  // namespace bgm
