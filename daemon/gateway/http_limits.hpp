// What one client may take: bytes, time, connections. The configuration's [gateway], in the units in which
// the connections need it.
#pragma once

#include <chrono>
#include <cstddef>

namespace bgm::gateway {

struct HttpLimits {
    std::size_t connections_max = 12'000;
    std::size_t header_bytes_max = 16 * 1024;
    std::size_t body_bytes_max = 65UL * 1024 * 1024;
    std::size_t json_bytes_max = 1024 * 1024;  // of a body that is parsed whole
    std::chrono::milliseconds header_timeout{10'000};
    std::chrono::milliseconds body_timeout{30'000};
    std::chrono::milliseconds idle_timeout{60'000};
};

/// What a body, or the reader of an answer, must make of its time once `body_timeout` is over: a client that
/// sends a byte now and then never stands still.
inline constexpr std::size_t kSlowestBytesPerSecond = 1024;

}  // namespace bgm::gateway
