// How many pixels a picture or a frame may declare where the operator says nothing else: `media.pixels_max`.
#pragma once

#include <cstdint>

namespace bgm {

/// 8192 x 8192. Cameras "of 50 megapixels" make 8192 x 6144, those of 64 up to 9280 x 6944; one of 200 makes
/// three times as many as fit.
inline constexpr std::int64_t kPixelsMaxDefault = 8192LL * 8192LL;

}  // namespace bgm
