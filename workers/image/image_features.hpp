// Pixels in, a fixed-length embedding of colour, texture, composition and scene out. Pure: no I/O, no
// library, the same bits for the same pixels. Also what the video path calls for each of its frames.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "workers/image/feature_row.hpp"
#include "workers/media/picture/rgb_image.hpp"
#include "workers/process/encoder.hpp"

namespace bgm {

/// Names the meaning and order of the embedding: a head fitted to it carries the same name.
inline constexpr std::string_view kImageFeaturesModel = "builtin-image-1";

/// One row per dimension of the embedding, in order.
std::span<const FeatureRow> image_feature_rows();

/// Always answers: an empty, black or blank picture has quality 0 and says so in `notes`. Embedding values
/// are -1..1. Facts, all 0..1 unless said: brightness, saturation, contrast, colorfulness, warmth (-1 cold ..
/// 1 warm).
Encoding encode_pixels(const RgbImage& image);

}  // namespace bgm
