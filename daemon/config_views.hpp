// Parts of the configuration in the form in which several stages need them.
#pragma once

#include "daemon/config.hpp"
#include "daemon/fetch/media_fetcher.hpp"
#include "fusion/mood/pool_settings.hpp"
#include "fusion/recommend/match_settings.hpp"
#include "schemas/modality_traits.hpp"
#include "schemas/validate.hpp"

namespace bgm {

/// How much may be fetched at once.
inline FetchLimits fetch_limits(const Config& config) {
    return {.transfers_max = static_cast<std::size_t>(config.fetch.transfers_max),
            .memory_bytes_max = static_cast<std::size_t>(config.fetch.memory_bytes_max),
            .whole = std::chrono::milliseconds(config.fetch.timeout_ms),
            .redirects_max = static_cast<int>(config.fetch.redirects_max)};
}

/// How evidence becomes a mood. The settings are those of a configuration that was checked.
inline PoolOptions pool_options(const Config& config) {
    return {.prior = read_prior(config.fusion.prior).value(),
            .reliability = read_reliability(config.fusion.reliability).value()};
}

/// How tracks are scored. The settings are those of a configuration that was checked.
inline MatchSettings match_settings(const Config& config) {
    MatchSettings settings = read_match_settings(config.matching.weights, config.matching.tenants).value();
    settings.guard = config.matching.guard;
    return settings;
}

/// What a post may hold.
inline PostLimits post_limits(const Config& config) {
    const auto& posts = config.posts;
    PostLimits limits{.assets_max = static_cast<std::size_t>(posts.assets_max),
                      .inline_bytes_max = static_cast<std::size_t>(posts.inline_bytes_max),
                      .tracks_max = static_cast<std::uint32_t>(posts.tracks_max)};
    for (const ModalityTraits& each : kModalityTraits)
        limits.*each.bytes_max = static_cast<std::size_t>(posts.*keys(each.modality).bytes_max);
    return limits;
}

}  // namespace bgm
