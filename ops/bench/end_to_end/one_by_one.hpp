// Posts one at a time on an idle stack, as two clients see them that want to know the pick at once: one by
// ZeroMQ, which waits for the ack and then for the event, and one by HTTP, which asks with `Prefer: wait`.
//
// They take turns, post by post, so that whatever else the machine does falls on both. A pause before each
// post lets the stack become idle again. Times are in milliseconds, from before the post is sent to when its
// pick is there.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ops/bench/end_to_end/load.hpp"
#include "schemas/result.hpp"

namespace bgm::bench {

struct OneByOneSpec {
    LoadSpec posts;       // of each of the two
    std::string events;   // the endpoint
    std::string gateway;  // "http://127.0.0.1:8080"
    std::string key;
};

struct OneByOneResult {
    std::vector<float> zmq_ack_ms, zmq_ms, http_ms;  // sorted
};

/// Fails where an answer is no pick, or does not come within ten seconds.
Result<OneByOneResult> send_one_by_one(const OneByOneSpec& spec);

}  // namespace bgm::bench
