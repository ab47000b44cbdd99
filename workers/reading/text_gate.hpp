// A cheap guess whether a picture holds writing, so that photos without any are not read for nothing.
//
// Writing is where strong light-dark edges follow each other closely along a line, cell beside cell, while
// most of the picture is something else; grass has such edges everywhere. It errs towards reading. Pure;
// one to two milliseconds, most of them to reduce the picture.
#pragma once

#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

/// `image` is consistent; about 256 to 512 pixels a side show enough, and more is reduced to that.
bool may_hold_writing(const RgbImage& image);

}  // namespace bgm
