#include "workers/networks/face_plausibility.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace bgm {
namespace {

// Each bound lies midway between what faces in photos showed (in brackets) and what drawn patterns did: a
// face has shades all over, and its box, from the brows to the chin, is nearly square.
constexpr float kAspectMin = 0.85F;  // (0.98)
constexpr float kAspectMax = 1.4F;   // (1.24)
constexpr float kInsideMin = 0.85F;  // of its area (0.99)
constexpr float kFlatMax = 0.65F;    // of its pixels (0.39)
constexpr float kAlienMax = 0.3F;    // of its pixels (0.11)

// The pixel beside has the same colour, but for what a codec leaves.
bool is_flat(const std::uint8_t* pixel) {
    for (int channel = 0; channel < 3; ++channel) {
        if (std::abs(pixel[channel] - pixel[channel + 3]) > 1) return false;
    }
    return true;
}

// Clearly coloured, and neither red nor orange nor yellow: hues from 60 to 330 degrees.
bool is_alien_to_skin(int red, int green, int blue) {
    const int highest = std::max({red, green, blue});
    const int range = highest - std::min({red, green, blue});
    const bool coloured = highest > 60 && 20 * range > 7 * highest;
    const bool warm = red == highest && 2 * (green - blue) > -range;
    return coloured && !warm;
}

}  // namespace

bool can_be_a_face(const RgbImage& picture, const Face& face) {
    const auto across = static_cast<float>(picture.width);
    const auto down = static_cast<float>(picture.height);
    const float aspect = face.width * across / (face.height * down);
    if (!(aspect >= kAspectMin && aspect <= kAspectMax)) return false;
    const int left = static_cast<int>(std::clamp(face.left, 0.0F, 1.0F) * across);
    const int top = static_cast<int>(std::clamp(face.top, 0.0F, 1.0F) * down);
    const int right = static_cast<int>(std::clamp(face.left + face.width, 0.0F, 1.0F) * across);
    const int bottom = static_cast<int>(std::clamp(face.top + face.height, 0.0F, 1.0F) * down);
    const float width = std::clamp(face.left + face.width, 0.0F, 1.0F) - std::clamp(face.left, 0.0F, 1.0F);
    const float height = std::clamp(face.top + face.height, 0.0F, 1.0F) - std::clamp(face.top, 0.0F, 1.0F);
    if (width * height < kInsideMin * face.width * face.height) return false;
    int seen = 0, flat = 0, alien = 0;
    for (int y = top; y < bottom; ++y) {
        for (int x = left; x + 1 < right; ++x) {
            const std::uint8_t* pixel =
                &picture.pixels[3 * (static_cast<std::size_t>(y) * picture.width + x)];
            ++seen;
            flat += is_flat(pixel) ? 1 : 0;
            alien += is_alien_to_skin(pixel[0], pixel[1], pixel[2]) ? 1 : 0;
        }
    }
    const auto all = static_cast<float>(seen);
    return static_cast<float>(flat) <= kFlatMax * all && static_cast<float>(alien) <= kAlienMax * all;
}

}  // namespace bgm
