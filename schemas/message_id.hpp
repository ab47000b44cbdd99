// The id of a message of the shared queues: 8 bytes of its sender's clock (microseconds, big endian, so that
// of two ids the earlier is the smaller text), 7 at random, and its line (0 live, 1 backfill).
#pragma once

#include <cstddef>
#include <string_view>

namespace bgm {

inline constexpr std::size_t kMessageIdBytes = 16;

/// The part that says when; of an id that has all its bytes, like what follows.
inline std::string_view stamp_of(std::string_view id) {
    return id.substr(0, 8);
}

inline char line_of(std::string_view id) {
    return id.back();
}

}  // namespace bgm
