// Cards, screenshots and photos with words on them, drawn at test time.
#pragma once

#include <string>

#include "workers/media/picture/rgb_image.hpp"

namespace bgm::test {

/// Whether the font with Hangul is installed (fonts-nanum); without it only Latin can be drawn.
bool has_korean_font();

struct Words {
    std::string text;    // lines apart by "\n"
    int height = 40;     // pixels of a letter
    bool white = false;  // white with a dark outline, as on photos; else nearly black
    int left = 30, top = 60;
};
/// The picture with the words on it.
RgbImage write_on(RgbImage picture, const Words& words);

}  // namespace bgm::test
