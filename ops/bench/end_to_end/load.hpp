// Load for the benchmarks: posts by a window, as a client with that many outstanding posts sends them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "schemas/result.hpp"

namespace bgm::bench {

struct LoadSpec {
    std::string endpoint;
    std::string prefix;  // of the post ids: prefix + number
    std::size_t posts = 0;
    std::size_t window = 256;       // posts sent and not yet acknowledged
    std::size_t post_bytes = 1024;  // of one encoded post
    std::uint32_t tracks = 5;
    std::string audio{};  // a clip that each post carries; empty: none does
};

struct LoadResult {
    double seconds = 0;  // from the first post to the last ack
    std::size_t accepted = 0;
    std::size_t busy = 0;       // answers that asked to try again; each was tried again
    std::vector<float> ack_ms;  // of each accepted post, sorted
};

/// The post as JSON; its text is made of words of both languages and differs from post to post.
std::string post_json(const LoadSpec& spec, std::size_t number);

/// Sends all of them and waits for every ack. Fails where one is rejected or nothing arrives for ten seconds.
Result<LoadResult> send_load(const LoadSpec& spec);

/// `share` of the values are at or below it; the values are sorted.
double percentile(const std::vector<float>& sorted, double share);

}  // namespace bgm::bench
