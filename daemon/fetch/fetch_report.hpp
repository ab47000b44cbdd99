// What one fetch was, once it is over: what is measured about it. No host, no URL.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

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

}  // namespace bgm
