// The limits of a post and its media where the operator says nothing else: bgmd's configuration, the judge of
// posts and the workers all begin with these.
#pragma once

#include <cstdint>

namespace bgm {

inline constexpr std::int64_t kTextBytesMaxDefault = 64 * 1024;
inline constexpr std::int64_t kAssetsMaxDefault = 16;
inline constexpr std::int64_t kInlineBytesMaxDefault = 64 * 1024 * 1024;
inline constexpr std::int64_t kImageBytesMaxDefault = 25'000'000;
inline constexpr std::int64_t kAudioBytesMaxDefault = 64 * 1024 * 1024;
inline constexpr std::int64_t kVideoBytesMaxDefault = 200'000'000;
inline constexpr std::int64_t kPostTracksMaxDefault = 100;

/// Declared, of a picture or a frame: 8192 x 8192. Cameras "of 50 megapixels" make 8192 x 6144, those of 64
/// up to 9280 x 6944; one of 200 makes three times as many as fit.
inline constexpr std::int64_t kPixelsMaxDefault = 8192LL * 8192LL;
inline constexpr std::int64_t kAnalysedVideoDefault_s = 600;
inline constexpr std::int64_t kVideoFramesMaxDefault = 16;
inline constexpr std::int64_t kAudioWindowDefault_s = 30;

}  // namespace bgm
