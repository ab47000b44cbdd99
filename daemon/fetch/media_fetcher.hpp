// Fetches media that posts name by http: and https: URIs. Strangers choose the URIs and may run the servers.
//
// One thread with libcurl's multi interface carries all transfers; host names are resolved by a few threads
// of their own, because the system's resolver blocks. What is fetched, and from where:
//   - each URL, a redirect's too (at most three), must pass the rules, and its host is resolved once: every
//     address that it has must be public (or of the operator's own networks), and the connection goes to
//     one of exactly these;
//   - size, whole time and slow drips are limited, whatever the headers claim; nothing is decompressed, no
//     cookie, proxy or credential is used;
//   - what may heal (no connection, 5xx, 429, 408) is tried again with growing pauses, nothing else is.
// Bytes stay in memory, bounded over all transfers and until their last user lets go. URLs never reach a log:
// their queries may hold secrets. Any thread may call fetch(); `done` runs on one of the fetcher's threads.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/readings.hpp"
#include "daemon/fetch/fetch_rules.hpp"
#include "daemon/fetch/ip_address.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Host names to addresses. Called by several threads at once.
class Resolver {
 public:
    virtual ~Resolver() = default;
    /// `not_found` where there is no such host, `unavailable` where nobody could be asked.
    virtual Result<std::vector<IpAddress>> resolve(const std::string& host) = 0;
};

struct Endpoint {
    IpAddress address;
    std::uint16_t port = 0;
};

/// The last word before a socket is opened.
class Connector {
 public:
    virtual ~Connector() = default;
    /// Where to connect for this endpoint, which has passed every check; nothing: do not.
    virtual std::optional<Endpoint> route(const Endpoint& checked) = 0;
};

/// The system's own: getaddrinfo, and every endpoint as it is.
std::unique_ptr<Resolver> make_system_resolver();
std::unique_ptr<Connector> make_direct_connector();

struct FetchLimits {
    std::size_t transfers_max = 16;
    std::size_t transfers_per_host_max = 4;
    std::size_t memory_bytes_max = 512U << 20U;  // all bodies together
    std::chrono::milliseconds connect{3'000};
    std::chrono::milliseconds whole{20'000};  // one transfer with its redirects
    std::size_t slow_bytes_per_s = 1'024;
    std::chrono::seconds slow_for{5};
    int redirects_max = 3;
    int attempts_max = 3;
    std::chrono::milliseconds first_pause{200};  // doubles
};

/// A body, counted against the memory until the last copy of the pointer is gone.
using FetchedBytes = std::shared_ptr<const std::string>;

struct FetchRequest {
    std::string uri;
    std::string tenant;
    std::size_t bytes_max = 0;
};

class MediaFetcher {
 public:
    using Done = std::function<void(Result<FetchedBytes>)>;

    /// `on_ended` is told of each fetch just before its `done`, on the same thread; not of what
    /// ~MediaFetcher() gives up.
    MediaFetcher(FetchRules rules, FetchLimits limits, std::unique_ptr<Resolver> resolver,
                 std::unique_ptr<Connector> connector, OnFetchEnded on_ended = {});
    /// Gives up what is under way: `done` is called with `unavailable`.
    ~MediaFetcher();
    MediaFetcher(const MediaFetcher&) = delete;
    MediaFetcher& operator=(const MediaFetcher&) = delete;

    /// Calls `done` once: `unsupported` where the rules or the address range forbid it, `invalid_argument`
    /// for a bad URL or signature, `not_found` for 4xx, `too_large`, `deadline_exceeded`, `unavailable`.
    void fetch(FetchRequest request, Done done);
    FetchCounts counts() const;

 private:
    class Loop;
    std::unique_ptr<Loop> loop_;
};

}  // namespace bgm
