// The first picture of a GIF, from files written code by code: every rule of the format that can go wrong has
// its case.
#include "workers/media/animation/gif_decoder.hpp"

#include <gtest/gtest.h>

#include "tests/workers/image/image_files.hpp"

namespace bgm {
namespace {

using namespace test;

constexpr std::int64_t kPixelsMax = 1'000'000;

Bytes gray_palette() {
    Bytes palette;
    for (int i = 0; i < 256; ++i)
        palette.insert(palette.end(), 3, static_cast<std::uint8_t>(i));
    return palette;
}

// Every index a different shade of gray, so that the picture's bytes are the indices.
Bytes pattern(int count, int seed) {
    Bytes indices(static_cast<std::size_t>(count));
    std::uint32_t state = static_cast<std::uint32_t>(seed);
    for (std::size_t i = 0; i < indices.size(); ++i) {
        state = state * 1664525U + 1013904223U;
        indices[i] = static_cast<std::uint8_t>(i % 3 == 0 ? state >> 24U : i / 50);
    }
    return indices;
}

Bytes reds(const RgbImage& image) {
    Bytes values;
    for (std::size_t i = 0; i < image.pixels.size(); i += 3)
        values.push_back(image.pixels[i]);
    return values;
}

TEST(GifDecoder, FollowsTheCodesThroughAFullTable) {
    const Bytes indices = pattern(200 * 150, 5);  // fills the table of 4096 strings several times
    const auto image = decode_gif(
        as_media(make_gif(200, 150, gray_palette(), {{.width = 200, .height = 150, .indices = indices}})),
        kPixelsMax);
    ASSERT_TRUE(image.ok()) << image.error().message;
    EXPECT_EQ(reds(*image), indices);
}

TEST(GifDecoder, KnowsTheCodeThatRefersToItself) {
    const Bytes same(5000, 42);  // runs use the string that is being defined
    const auto image = decode_gif(
        as_media(make_gif(100, 50, gray_palette(), {{.width = 100, .height = 50, .indices = same}})),
        kPixelsMax);
    ASSERT_TRUE(image.ok());
    EXPECT_EQ(reds(*image), same);
}

TEST(GifDecoder, PutsInterlacedRowsWhereTheyBelong) {
    constexpr int kHeight = 13;
    Bytes stored;
    for (const auto& [first, step] : {std::pair{0, 8}, {4, 8}, {2, 4}, {1, 2}}) {
        for (int y = first; y < kHeight; y += step)
            stored.insert(stored.end(), 3, static_cast<std::uint8_t>(y));
    }
    const auto image = decode_gif(
        as_media(make_gif(3, kHeight, gray_palette(),
                          {{.width = 3, .height = kHeight, .interlaced = true, .indices = stored}})),
        kPixelsMax);
    ASSERT_TRUE(image.ok());
    for (int y = 0; y < kHeight; ++y)
        EXPECT_EQ(image->pixels[static_cast<std::size_t>(y) * 9], y);
}

TEST(GifDecoder, ShowsTheFirstFrameInItsPlaceOnWhite) {
    const GifFrame first{.left = 1, .top = 1, .width = 2, .height = 1, .transparent = 7, .indices = {7, 9}};
    const GifFrame second{.width = 4, .height = 3, .indices = Bytes(12, 1)};
    const auto image = decode_gif(as_media(make_gif(4, 3, gray_palette(), {first, second})), kPixelsMax);
    ASSERT_TRUE(image.ok());
    EXPECT_EQ(reds(*image), (Bytes{255, 255, 255, 255, 255, 255, 9, 255, 255, 255, 255, 255}));
}

TEST(GifDecoder, DropsAlphaAsTheReferenceDoes) {
    const auto file =
        make_gif(3, 1, gray_palette(), {{.width = 2, .height = 1, .transparent = 7, .indices = {7, 9}}});
    const auto image = decode_gif(as_media(file), kPixelsMax, AlphaRule::dropped);
    ASSERT_TRUE(image.ok());
    EXPECT_EQ(reds(*image), (Bytes{7, 9, 7}));
    const auto opaque = make_gif(3, 1, gray_palette(), {{.width = 2, .height = 1, .indices = {7, 9}}});
    EXPECT_EQ(reds(*decode_gif(as_media(opaque), kPixelsMax, AlphaRule::dropped)), (Bytes{7, 9, 0}));
}

TEST(GifDecoder, WidensTheCanvasForAFrameBeyondItsEdgeWithinTheLimit) {
    const GifFrame beyond{.left = 3, .top = 2, .width = 2, .height = 2, .indices = Bytes(4, 0)};
    const auto image = decode_gif(as_media(make_gif(4, 3, gray_palette(), {beyond})), kPixelsMax);
    ASSERT_TRUE(image.ok());
    EXPECT_EQ(image->width, 5);
    EXPECT_EQ(image->height, 4);
    const GifFrame far{.left = 65'000, .top = 65'000, .width = 2, .height = 2, .indices = Bytes(4, 0)};
    const auto refused = decode_gif(as_media(make_gif(4, 3, gray_palette(), {far})), kPixelsMax);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::too_large);
}

TEST(GifDecoder, TooFewPixelsAreCorrupt) {
    const auto missing = decode_gif(
        as_media(make_gif(10, 10, gray_palette(), {{.width = 10, .height = 10, .indices = Bytes(99, 1)}})),
        kPixelsMax);
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().code, ErrorCode::corrupt);
    EXPECT_FALSE(decode_gif(as_media(make_gif(10, 10, gray_palette(), {})), kPixelsMax).ok());
    EXPECT_FALSE(decode_gif(as_media(make_gif(10, 10, gray_palette(), {{.indices = {1}}})), kPixelsMax).ok());
}

TEST(GifDecoder, AFirstCodeThatRefersToNothingIsCorrupt) {
    Bytes gif = make_gif(2, 2, gray_palette(), {{.width = 2, .height = 2, .indices = Bytes(4, 0)}});
    // Behind the data come only the empty block and the trailer. A code of nine ones is one that no table
    // holds yet.
    std::fill(gif.end() - 6, gif.end() - 2, 0xFF);
    EXPECT_FALSE(decode_gif(as_media(gif), kPixelsMax).ok());
}

}  // namespace
}  // namespace bgm
