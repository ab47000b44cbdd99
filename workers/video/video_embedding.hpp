// What the mood head of videos reads: the pictures' mean embedding, then a few numbers about movement. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "workers/image/feature_row.hpp"
#include "workers/media/picture/rgb_image.hpp"
#include "workers/process/encoder.hpp"

namespace bgm {

inline constexpr std::string_view kVideoModel = "builtin-video-1";

/// The rows behind those of image_feature_rows(): 0 where it could not be measured.
std::span<const FeatureRow> motion_feature_rows();

/// Share of the picture in each of 4 x 4 x 4 boxes of RGB. Says that the scene has changed where the
/// embedding, which also knows about places, would take a thing that moves for another scene.
using ColourShares = std::array<float, 64>;
ColourShares colour_shares(const RgbImage& image);

struct PictureInTime {
    Encoding encoding;  // of the picture alone
    ColourShares colours{};
    float motion = -1;  // change of luma per second right after it; -1 unknown
};

/// Pictures in order of time. Each counts by its quality, so that black and blank ones count nothing; if no
/// picture has any, the answer has quality 0. Facts: motion (change of luma, 0..1, per second), scene_changes
/// (share of neighbouring pictures that look different, 0..1), frames, and the mean of what the pictures'
/// facts say.
Encoding combine_pictures(std::span<const PictureInTime> pictures);

}  // namespace bgm
