// Pillow's resize, held to values that follow from its definition by hand, and to a plain version of its two
// passes. (The reference's own pictures are in tests/ops/lab/parity.)
#include "workers/image/resample.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>

#include "tests/workers/image/drawn_scenes.hpp"
#include "workers/image/resample_weights.hpp"

namespace bgm {
namespace {

using testing::Each;
using testing::ElementsAre;

RgbImage gray(int width, int height, const std::vector<int>& values) {
    RgbImage image{.width = width, .height = height, .pixels = {}};
    for (const int value : values)
        image.pixels.insert(image.pixels.end(), 3, static_cast<std::uint8_t>(value));
    return image;
}

std::vector<int> reds(const RgbImage& image) {
    std::vector<int> values;
    for (std::size_t i = 0; i < image.pixels.size(); i += 3)
        values.push_back(image.pixels[i]);
    return values;
}

RgbImage noise(int width, int height, unsigned seed) {
    RgbImage image{.width = width, .height = height, .pixels = {}};
    std::mt19937 random(seed);
    image.pixels.resize(static_cast<std::size_t>(width) * height * 3);
    // Extremes next to each other make a cubic overshoot.
    std::generate(image.pixels.begin(), image.pixels.end(), [&] {
        const auto value = random();
        return static_cast<std::uint8_t>(value % 4 == 0 ? 0 : value % 4 == 1 ? 255 : value >> 8U);
    });
    return image;
}

RgbImage whole(const RgbImage& image, int width, int height,
               ResampleFilter filter = ResampleFilter::bicubic) {
    return resample(image, {.width = width, .height = height, .window_width = width, .window_height = height},
                    filter);
}

int rounded(std::int64_t sum) {
    return static_cast<int>(
        std::clamp<std::int64_t>((sum + (1 << (kWeightBits - 1))) >> kWeightBits, 0, 255));
}

// One sample after the other, nothing left out.
RgbImage plain(const RgbImage& image, int width, int height, ResampleFilter filter) {
    const auto across = resample_weights(image.width, width, 0, width, filter);
    const auto down = resample_weights(image.height, height, 0, height, filter);
    std::vector<int> middle;
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < width; ++x) {
            for (int c = 0; c < 3; ++c) {
                std::int64_t sum = 0;
                for (int k = 0; k < across.spans[x].count; ++k) {
                    sum +=
                        std::int64_t{across.of(x)[k]} *
                        image.pixels[(static_cast<std::size_t>(y) * image.width + across.spans[x].first + k) *
                                         3 +
                                     c];
                }
                middle.push_back(rounded(sum));
            }
        }
    }
    RgbImage result{.width = width, .height = height, .pixels = {}};
    for (int y = 0; y < height; ++y) {
        for (int i = 0; i < width * 3; ++i) {
            std::int64_t sum = 0;
            for (int k = 0; k < down.spans[y].count; ++k)
                sum += std::int64_t{down.of(y)[k]} *
                       middle[static_cast<std::size_t>(down.spans[y].first + k) * width * 3 + i];
            result.pixels.push_back(static_cast<std::uint8_t>(rounded(sum)));
        }
    }
    return result;
}

// Between 0 and 255, at a quarter and three quarters of the way: weights 111/136 and 29/140 of Keys' cubic.
TEST(Resample, EnlargesAStepWithACubicThatOvershootsAndIsClipped) {
    EXPECT_THAT(reds(whole(gray(2, 1, {0, 255}), 4, 1)), ElementsAre(0, 53, 202, 255));
    EXPECT_THAT(reds(whole(gray(1, 2, {0, 255}), 1, 4)), ElementsAre(0, 53, 202, 255));
}

// The triangle is as wide as two source pixels to each side: weights 3/7, 3/7, 1/7 at the left edge.
TEST(Resample, StretchesTheFilterWhenItShrinks) {
    EXPECT_THAT(reds(whole(gray(4, 1, {0, 255, 0, 0}), 2, 1, ResampleFilter::bilinear)),
                ElementsAre(109, 36));
    EXPECT_THAT(reds(whole(gray(1, 4, {0, 255, 0, 0}), 1, 2, ResampleFilter::bilinear)),
                ElementsAre(109, 36));
}

TEST(Resample, LeavesAPictureOfTheRightSizeAlone) {
    const RgbImage image = noise(37, 23, 1);
    EXPECT_EQ(whole(image, 37, 23).pixels, image.pixels);
    EXPECT_EQ(whole(image, 37, 23, ResampleFilter::bilinear).pixels, image.pixels);
}

TEST(Resample, KeepsAFlatColourFlat) {
    for (const int size : {1, 5, 64, 300}) {
        const RgbImage image = whole(test::draw_flat(size, size, 200, 3, 255), 61, 17);
        for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
            ASSERT_EQ(image.pixels[i], 200) << size;
            ASSERT_EQ(image.pixels[i + 1], 3) << size;
            ASSERT_EQ(image.pixels[i + 2], 255) << size;
        }
    }
}

// Sizes around the sixteen rows and the four pixels that are done at once.
TEST(Resample, AgreesWithThePlainPassesAtAnySize) {
    unsigned seed = 0;
    for (const int width : {1, 2, 3, 4, 5, 15, 16, 17, 63, 130}) {
        for (const int height : {1, 3, 15, 16, 17, 33, 90}) {
            const RgbImage image = noise(width, height, ++seed);
            for (const auto& [to_width, to_height] :
                 {std::pair(16, 16), std::pair(7, 40), std::pair(33, 5)}) {
                for (const auto filter : {ResampleFilter::bicubic, ResampleFilter::bilinear}) {
                    ASSERT_EQ(whole(image, to_width, to_height, filter).pixels,
                              plain(image, to_width, to_height, filter).pixels)
                        << width << "x" << height << " to " << to_width << "x" << to_height;
                }
            }
        }
    }
}

TEST(Resample, GivesAnyWindowAsItIsInTheWhole) {
    const RgbImage image = noise(91, 57, 3);
    const RgbImage all = whole(image, 40, 30);
    std::mt19937 random(5);
    for (int round = 0; round < 200; ++round) {
        const ResampleWindow wanted{.width = 40,
                                    .height = 30,
                                    .left = static_cast<int>(random() % 80) - 30,
                                    .top = static_cast<int>(random() % 70) - 30,
                                    .window_width = 1 + static_cast<int>(random() % 50),
                                    .window_height = 1 + static_cast<int>(random() % 50)};
        const RgbImage window = resample(image, wanted, ResampleFilter::bicubic);
        ASSERT_TRUE(window.consistent());
        for (int y = 0; y < window.height; ++y) {
            for (int x = 0; x < window.width; ++x) {
                const std::int64_t from_x = x + wanted.left;
                const std::int64_t from_y = y + wanted.top;
                const bool inside = from_x >= 0 && from_x < 40 && from_y >= 0 && from_y < 30;
                const std::uint8_t expected = inside ? all.pixels[(from_y * 40 + from_x) * 3] : 0;
                ASSERT_EQ(window.pixels[(static_cast<std::size_t>(y) * window.width + x) * 3], expected)
                    << x << "," << y << " of round " << round;
            }
        }
    }
}

// The whole of it would be 224 x 44,800,000 pixels.
TEST(Resample, NeverMakesMoreOfAPictureThanIsWanted) {
    const RgbImage thread{.width = 1, .height = 200'000, .pixels = std::vector<std::uint8_t>(600'000, 77)};
    const RgbImage seen = resample(
        thread,
        {.width = 224, .height = 44'800'000, .top = 22'399'888, .window_width = 224, .window_height = 224},
        ResampleFilter::bicubic);
    EXPECT_THAT(seen.pixels, Each(77));
    EXPECT_THAT(whole(thread, 32, 32).pixels, Each(77));
}

}  // namespace
}  // namespace bgm
