// Messages of a replicated queue, and decisions about them.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "schemas/origin.pb.h"
#include "schemas/pick_origin.hpp"
#include "schemas/sha256.hpp"
#include "tests/daemon/store/sample_rows.hpp"

namespace bgm::test {

enum class Line : char { live = 0, backfill = 1 };

/// The same arguments, the same id.
inline std::string message_id(std::uint64_t microseconds, Line line = Line::live,
                              const std::string& whose = "") {
    std::string id;
    for (int shift = 56; shift >= 0; shift -= 8)
        id.push_back(static_cast<char>(microseconds >> shift & 0xff));
    id += sha256(whose).substr(0, 7);
    id.push_back(static_cast<char>(line));
    return id;
}

inline v1::Origin origin(const std::vector<std::string>& messages, const std::string& content,
                         bool retry = false) {
    v1::Origin origin;
    for (const std::string& message : messages)
        origin.add_messages(message);
    origin.set_content_hash(sha256(content));
    origin.set_retry(retry);
    return origin;
}

inline std::string joined(const std::vector<std::string>& messages) {
    std::string all;
    for (const std::string& message : messages)
        all += message;
    return all;
}

inline v1::Pick pick_of(const std::string& tenant, const std::string& post_id, const v1::Origin& origin) {
    v1::Pick pick = sample_pick(tenant, post_id);
    set_origin(pick, origin);
    return pick;
}

inline v1::DeadLetter dead_of(const std::string& tenant, const std::string& post_id,
                              const v1::Origin& origin) {
    v1::DeadLetter dead = sample_dead(tenant, post_id);
    set_origin(dead, origin);
    return dead;
}

}  // namespace bgm::test
