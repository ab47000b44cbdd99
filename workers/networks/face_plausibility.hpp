// Whether what a detector takes for a face can be one. It was trained on photos, and of what is drawn by
// machines (colour bars, test cards, charts) it is now and then as sure as of a face. Pure.
#pragma once

#include "workers/media/picture/rgb_image.hpp"
#include "workers/networks/face_detector.hpp"

namespace bgm {

/// False where the box is far from square or lies in good part beyond the picture, or where what it holds has
/// no shades (flat areas of one colour) or mostly colours that no skin has (green, blue, violet). `picture`
/// is consistent and not empty. Microseconds.
bool can_be_a_face(const RgbImage& picture, const Face& face);

}  // namespace bgm
