// The gate lets pictures with words through, of every size of letter, and keeps scenes, flats and textures
// out.
#include "workers/reading/text_gate.hpp"

#include <gtest/gtest.h>

#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/reading/cards.hpp"

namespace bgm::test {
namespace {

TEST(TextGate, OpensForWordsOfEverySize) {
    for (const int height : {14, 20, 30, 45, 60}) {
        EXPECT_TRUE(
            may_hold_writing(write_on(draw_flat(512, 320, 240, 240, 240),
                                      {.text = "the meeting is at\nthree this afternoon", .height = height})))
            << height << " pixels";
    }
}

TEST(TextGate, StaysClosedWithoutWords) {
    for (const RgbImage& image : {draw_flat(512, 320, 200, 10, 10), draw_flat(3, 900, 0, 0, 0), RgbImage{}})
        EXPECT_FALSE(may_hold_writing(image)) << image.width << " x " << image.height;
}

TEST(TextGate, StaysClosedForNoise) {
    RgbImage noise = draw_flat(512, 320, 0, 0, 0);
    std::uint32_t state = 1;
    for (auto& byte : noise.pixels) {
        state = state * 1'664'525 + 1'013'904'223;
        byte = static_cast<std::uint8_t>(state >> 24);
    }
    EXPECT_FALSE(may_hold_writing(noise));
}

}  // namespace
}  // namespace bgm::test
