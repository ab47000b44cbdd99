#include "ops/bgmctl/backfill/backfill_line.hpp"

#include <limits>
#include <nlohmann/json.hpp>

#include "schemas/codec.hpp"
#include "schemas/validate.hpp"

namespace bgm {
namespace {

/// proto3 cannot tell "LIVE" from nothing said. The line is searched first: few lines name a priority, and
/// reading each one twice would halve the rate.
bool names_priority(const std::string& line) {
    if (line.find("\"priority\"") == std::string::npos) return false;
    const auto document = nlohmann::json::parse(line, nullptr, false);
    return document.is_object() && document.contains("priority");
}

/// The daemon's limits can be configured, so they are left to the daemon.
PostLimits boundless() {
    constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
    return PostLimits{.text_bytes_max = kMost,
                      .assets_max = kMost,
                      .inline_bytes_max = kMost,
                      .image_bytes_max = kMost,
                      .audio_bytes_max = kMost,
                      .video_bytes_max = kMost,
                      .tracks_max = std::numeric_limits<std::uint32_t>::max()};
}

}  // namespace

Result<BackfillPost> read_backfill_line(const NdjsonLine& line, const std::string& tenant) {
    if (line.too_long) {
        return Error{ErrorCode::too_large,
                     "the line has more than " + std::to_string(kBackfillLineBytesMax) + " bytes", ""};
    }
    auto post = decode_post(WireFormat::json, line.text);
    if (!post) return post.error();
    if (!names_priority(line.text)) post->set_priority(v1::BACKFILL);
    if (post->tenant().empty()) post->set_tenant(tenant);
    v1::Post judged = *post;
    if (auto valid = validate_post(judged, {}, boundless()); !valid) return valid.error();
    return BackfillPost{.post_id = post->post_id(), .encoded = post->SerializeAsString()};
}

}  // namespace bgm
