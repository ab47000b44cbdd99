// The one judge of posts and of feedback: what is accepted, and which field is at fault where it is not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "schemas/bgm.pb.h"
#include "schemas/default_limits.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// The limits on a post; each can be configured (docs/configuration.md).
struct PostLimits {
    std::size_t text_bytes_max = kTextBytesMaxDefault;
    std::size_t assets_max = kAssetsMaxDefault;
    std::size_t inline_bytes_max = kInlineBytesMaxDefault;
    std::size_t image_bytes_max = kImageBytesMaxDefault;
    std::size_t audio_bytes_max = kAudioBytesMaxDefault;
    std::size_t video_bytes_max = kVideoBytesMaxDefault;
    std::uint32_t tracks_max = kPostTracksMaxDefault;
};

/// The text of a wish: it is read to its end or not at all.
inline constexpr std::size_t kWishBytesMax = 2048;

/// As an asset's id, and every label.
inline constexpr std::size_t kAssetIdBytesMax = 64;

/// Gives each asset that has no id one of its own: "a1" for assets[1], or where another has that, "a1-2" and
/// so on.
void name_assets(v1::Post& post);

/// Checks the post against the limits and its media frames (their sizes in bytes, in order), and fills in
/// what may be left out: the tenant and the asset ids. The error's `field` is a path such as "assets[1].uri".
Status validate_post(v1::Post& post, std::span<const std::size_t> media_bytes, const PostLimits& limits);

/// The one judge of feedback, whoever writes it down: ids are there and have the form of a post's, an action
/// and a time are given. `path` ("items[3]") is put in front of the field.
Status validate_feedback(const v1::Feedback& feedback, const std::string& path);

/// An "http:" or "https:" URI: its media is fetched.
bool is_web_uri(std::string_view uri);

/// The path below the media root that a "file:" URI names; refuses absolute paths, "..", NUL and other
/// schemes. Lexical only: symbolic links are resolved, and refused, where the file is opened.
Result<std::string> media_path(std::string_view uri);

/// The most bytes that an asset of this kind may have.
std::size_t asset_bytes_max(v1::Asset::Kind kind, const PostLimits& limits);

}  // namespace bgm
