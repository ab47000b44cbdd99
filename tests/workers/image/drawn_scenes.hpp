// Pictures drawn by formula, so that no photo of unclear licence is needed to test with.
#pragma once

#include "workers/media/picture/rgb_image.hpp"

namespace bgm::test {

RgbImage draw_sunset(int width, int height);  // orange sky over a dark sea, level horizon
RgbImage draw_forest(int width, int height);  // green leaves of many shades
RgbImage draw_night(int width, int height);   // black street with saturated lights
RgbImage draw_gloom(int width, int height);   // dark gray, hardly any colour
RgbImage draw_sky(int width, int height);     // blue above, green below
RgbImage draw_flat(int width, int height, int red, int green, int blue);
/// Every quarter of another colour and brightness, so that no two of the eight orientations look alike.
RgbImage draw_quarters(int width, int height);

/// What a camera held in another way would have stored: the inverse of apply_orientation().
RgbImage stored_for(const RgbImage& shown, int orientation);

/// Mean absolute difference of two pictures of the same size, in steps of 255.
double difference(const RgbImage& a, const RgbImage& b);

}  // namespace bgm::test
