// Parts of the configuration in the form in which several stages need them.
#pragma once

#include "daemon/config.hpp"
#include "schemas/validate.hpp"

namespace bgm {

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
