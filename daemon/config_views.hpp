// Parts of the configuration in the form in which several stages need them.
#pragma once

#include "daemon/config.hpp"
#include "daemon/fetch/media_fetcher.hpp"
#include "schemas/validate.hpp"

namespace bgm {

/// How much may be fetched at once.
inline FetchLimits fetch_limits(const Config& config) {
    return {.transfers_max = static_cast<std::size_t>(config.fetch.transfers_max),
            .memory_bytes_max = static_cast<std::size_t>(config.fetch.memory_bytes_max),
            .whole = std::chrono::milliseconds(config.fetch.timeout_ms),
            .redirects_max = static_cast<int>(config.fetch.redirects_max)};
}

/// What a post may hold.
inline PostLimits post_limits(const Config& config) {
    const auto& posts = config.posts;
    return {.text_bytes_max = static_cast<std::size_t>(posts.text_bytes_max),
            .assets_max = static_cast<std::size_t>(posts.assets_max),
            .inline_bytes_max = static_cast<std::size_t>(posts.inline_bytes_max),
            .image_bytes_max = static_cast<std::size_t>(posts.image_bytes_max),
            .audio_bytes_max = static_cast<std::size_t>(posts.audio_bytes_max),
            .video_bytes_max = static_cast<std::size_t>(posts.video_bytes_max),
            .tracks_max = static_cast<std::uint32_t>(posts.tracks_max)};
}

}  // namespace bgm
