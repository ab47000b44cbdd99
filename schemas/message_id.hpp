// The id of a message of the shared queues: 8 bytes of its sender's clock (microseconds, big endian, so that
// of two ids the earlier is the smaller text), 7 at random, and a byte of bits: its line (1: backfill, not
// live), and whether it is a retry (2).
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace bgm {

inline constexpr std::size_t kMessageIdBytes = 16;

/// The part that says when; of an id that has all its bytes, like what follows.
inline std::string_view stamp_of(std::string_view id) {
    return id.substr(0, 8);
}

/// Those that lie behind one another; what is left at the end is none.
inline std::vector<std::string_view> message_ids_of(std::string_view messages) {
    std::vector<std::string_view> ids;
    for (std::size_t at = 0; at + kMessageIdBytes <= messages.size(); at += kMessageIdBytes)
        ids.push_back(messages.substr(at, kMessageIdBytes));
    return ids;
}

inline constexpr char kBackfillBit = 1;
inline constexpr char kRetryBit = 2;

inline char line_of(std::string_view id) {
    return static_cast<char>(id.back() & kBackfillBit);
}

/// It asks again for what was posted before: no revision of its own.
inline bool is_retry(std::string_view id) {
    return (id.back() & kRetryBit) != 0;
}

}  // namespace bgm
