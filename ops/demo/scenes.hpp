// The pictures of the demo, drawn so that nothing of unclear licence has to ship: each is a function of the
// time in seconds, so that the same scene can be a photo (one moment) or a clip (many). Deterministic.
#pragma once

#include <opencv2/core.hpp>

namespace bgm::demo {

/// Warm: sun low over the sea, clouds, gulls, wet sand. 8-bit BGR.
cv::Mat sunset_beach(cv::Size size, double seconds);

/// Dark and blue: one street lamp, rain, windows of a city that sleeps. 8-bit BGR.
cv::Mat rainy_night(cv::Size size, double seconds);

/// Bright and quick: fireworks over a skyline, one burst every half second. 8-bit BGR.
cv::Mat fireworks(cv::Size size, double seconds);

}  // namespace bgm::demo
