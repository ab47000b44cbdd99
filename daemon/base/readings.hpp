// What the rooms tell the metrics of themselves. Plain values, so that neither knows the other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "schemas/post_state.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Which of the guards said no.
enum class FetchRefusal {
    none,
    url,        // no URL that can be fetched: scheme, user information, notation
    host,       // not among the tenant's hosts, or another port
    address,    // not public, and not of the operator's own networks
    redirects,  // too many
    signature   // absent or wrong
};

/// One fetch, once it is over. No host, no URL.
struct FetchReport {
    std::optional<ErrorCode> failure;  // nothing: the bytes came
    FetchRefusal refusal = FetchRefusal::none;
    double seconds = 0;       // from the request to the answer, with its waiting
    std::uint64_t bytes = 0;  // of bodies, also of those that were broken off
    std::uint64_t retries = 0;
    std::uint64_t connections_opened = 0;
    std::uint64_t connections_reused = 0;
};

using OnFetchEnded = std::function<void(const FetchReport&)>;

struct FetchCounts {
    std::size_t running = 0;
    std::size_t waiting = 0;
    std::size_t memory_bytes = 0;
};

/// Files in the folder for large media of a shared queue, since the start.
struct SharedMediaCounts {
    std::uint64_t written = 0;
    std::uint64_t read = 0;
    std::uint64_t erased = 0;
    std::uint64_t missing = 0;  // looked for, and not there or not readable
    std::uint64_t changed = 0;
    std::uint64_t away = 0;  // looked for in a folder that did not answer
    std::uint64_t swept = 0;
    std::uint64_t failed = 0;  // that could not be written
    std::uint64_t bytes = 0;   // of all files at the last sweep
    bool available = false;    // it can be written
};

struct JournalCounts {
    std::array<std::int64_t, kPostStates.size()> by_state{};
    std::int64_t oldest_unfinished_ms = 0;  // age of the oldest post that is accepted or picked
    std::int64_t bytes = 0;                 // of the file
    std::int64_t used_bytes = 0;            // of these, not free to be used again
    bool making_room = false;               // delivered rows are being forgotten to free more of them
    std::int64_t oldest_delivered_ms = 0;   // age of the oldest row that is remembered as delivered
    std::int64_t forgotten_by_age = 0;      // since the journal was opened
    std::int64_t forgotten_for_room = 0;
};

}  // namespace bgm
