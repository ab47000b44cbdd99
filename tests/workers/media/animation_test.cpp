// Idea: an animation is what a browser shows, frame after frame, whichever of the two formats holds it: every
// rule of laying frames over each other has its case, and so has every limit. Frames are of one colour, so
// that a picture can be named by the colours of its pixels.
#include "workers/media/animation/animation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "schemas/default_limits.hpp"
#include "tests/workers/image/image_files.hpp"
#include "workers/media/picture/image_probe.hpp"

namespace bgm {
namespace {

using test::as_media;
using test::Bytes;
using test::MovingWebpFrame;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// By index: white, black, red, green, blue.
const Bytes kPalette{255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255};

test::GifFrame gif_frame(int index, int width = 4, int height = 4) {
    return {.width = width,
            .height = height,
            .indices = Bytes(static_cast<std::size_t>(width) * static_cast<std::size_t>(height),
                             static_cast<std::uint8_t>(index))};
}

Bytes gif(const std::vector<test::GifFrame>& frames, int width = 4, int height = 4) {
    return test::make_gif(width, height, kPalette, frames);
}

RgbImage flat(int index, int width, int height) {
    RgbImage image{.width = width, .height = height, .pixels = {}};
    for (int i = 0; i < width * height; ++i)
        image.pixels.insert(image.pixels.end(), kPalette.begin() + index * 3,
                            kPalette.begin() + index * 3 + 3);
    return image;
}

MovingWebpFrame webp_frame(int index, int width = 4, int height = 4) {
    return {.still = test::encode(flat(index, width, height), ".webp"), .width = width, .height = height};
}

Result<VideoSample> try_sample(const Bytes& file, double cpu_seconds = 20) {
    return sample_animation(as_media(file), VideoLimits{}, CpuBudget(cpu_seconds));
}

VideoSample sample(const Bytes& file) {
    auto result = try_sample(file);
    EXPECT_TRUE(result.ok()) << result.error().to_string();
    return result.ok() ? *std::move(result) : VideoSample{};
}

// One letter a pixel: W, K, R, G, B, ? for any other colour; a space between rows.
std::string colours(const RgbImage& image) {
    std::string text;
    for (int i = 0; i < image.width * image.height; ++i) {
        if (i > 0 && i % image.width == 0) text += ' ';
        const auto pixel = image.pixels.begin() + std::ptrdiff_t{i} * 3;
        char letter = '?';
        for (std::size_t known = 0; known * 3 < kPalette.size(); ++known) {
            if (std::equal(pixel, pixel + 3, kPalette.begin() + static_cast<std::ptrdiff_t>(known) * 3))
                letter = "WKRGB"[known];
        }
        text += letter;
    }
    return text;
}

std::vector<std::string> pictures(const VideoSample& sample) {
    std::vector<std::string> all;
    for (const VideoFrame& frame : sample.frames)
        all.push_back(colours(frame.image));
    return all;
}

std::vector<double> times(const VideoSample& sample) {
    std::vector<double> all;
    for (const VideoFrame& frame : sample.frames)
        all.push_back(frame.time_s);
    return all;
}

TEST(Animation, MoreThanOneFrameMakesIt) {
    const Bytes moving_gif = gif({gif_frame(1), gif_frame(2)});
    const Bytes moving_webp = test::make_moving_webp(4, 4, {webp_frame(1), webp_frame(2)});
    for (const Bytes& file : {moving_gif, moving_webp}) {
        EXPECT_TRUE(is_animation(as_media(file)));
        EXPECT_TRUE(probe_image(as_media(file))->animated);
    }
    const Bytes still_gif = gif({gif_frame(1)});
    const Bytes one_frame = test::make_moving_webp(4, 4, {webp_frame(1)});
    const Bytes still_webp = test::encode(flat(2, 4, 4), ".webp");
    for (const Bytes& file : {still_gif, one_frame, still_webp}) {
        EXPECT_FALSE(is_animation(as_media(file)));
        EXPECT_FALSE(probe_image(as_media(file))->animated);
    }
    EXPECT_FALSE(is_animation(as_media(test::encode(flat(2, 4, 4), ".png"))));
    EXPECT_FALSE(is_animation({}));
}

TEST(Animation, GivesEachFrameWithItsTimeAndWhatChanges) {
    test::GifFrame slow = gif_frame(1);
    slow.hundredths = 50;
    const VideoSample from_gif = sample(gif({slow, gif_frame(0), gif_frame(0)}));
    MovingWebpFrame slow_webp = webp_frame(1);
    slow_webp.milliseconds = 500;
    const VideoSample from_webp =
        sample(test::make_moving_webp(4, 4, {slow_webp, webp_frame(0), webp_frame(0)}));
    for (const VideoSample& result : {from_gif, from_webp}) {
        EXPECT_THAT(times(result), ElementsAre(0, 0.5, 0.6));
        EXPECT_NEAR(result.duration_s, 0.7, 1e-9);
        EXPECT_EQ(result.width, 4);
        EXPECT_EQ(result.height, 4);
        EXPECT_THAT(result.notes, IsEmpty());
        ASSERT_EQ(result.frames.size(), 3U);
        EXPECT_NEAR(result.frames[0].motion, 2, 1e-3);  // black to white within half a second
        EXPECT_EQ(result.frames[1].motion, 0);
        EXPECT_EQ(result.frames[2].motion, -1) << "nothing follows it";
    }
}

TEST(Animation, FramesThatAskForNoTimeAreShownAsBrowsersShowThem) {
    test::GifFrame hasty = gif_frame(1);
    hasty.hundredths = 0;
    test::GifFrame fast = gif_frame(2);
    fast.hundredths = 2;
    EXPECT_THAT(times(sample(gif({hasty, fast, fast}))),
                ElementsAre(0, 0.1, testing::DoubleNear(0.12, 1e-9)));
    MovingWebpFrame hasty_webp = webp_frame(1);
    hasty_webp.milliseconds = 0;
    EXPECT_THAT(times(sample(test::make_moving_webp(4, 4, {hasty_webp, webp_frame(2)}))),
                ElementsAre(0, 0.1));
}

TEST(Animation, SlidesThatStandForSecondsDoNotCountAsMotion) {
    test::GifFrame slide = gif_frame(1);
    slide.hundredths = 300;
    for (const VideoFrame& frame : sample(gif({slide, gif_frame(0)})).frames)
        EXPECT_EQ(frame.motion, -1);
}

TEST(Animation, ManyFramesEndInAnEvenSpread) {
    std::vector<test::GifFrame> frames;
    for (int i = 0; i < 200; ++i)
        frames.push_back(gif_frame(i % 2));
    const VideoSample result = sample(gif(frames));
    ASSERT_GE(result.frames.size(), 8U);
    ASSERT_LE(result.frames.size(), 16U);
    const double step = result.frames[1].time_s;
    for (std::size_t i = 0; i < result.frames.size(); ++i) {
        EXPECT_NEAR(result.frames[i].time_s, step * static_cast<double>(i), 1e-6);
        EXPECT_GT(result.frames[i].motion, 5) << "to the very next frame";
    }
    EXPECT_GT(result.frames.back().time_s, 18);
    EXPECT_NEAR(result.duration_s, 20, 1e-6);
}

TEST(Animation, LargeCanvasesAreScaledDown) {
    const VideoSample result = sample(gif({gif_frame(2, 768, 384), gif_frame(3, 768, 384)}, 768, 384));
    EXPECT_EQ(result.frames[1].image.width, 384);
    EXPECT_EQ(result.frames[1].image.height, 192);
    EXPECT_EQ(result.width, 768);
    EXPECT_EQ(colours(result.frames[1].image).find_first_not_of("G "), std::string::npos);
}

TEST(GifAnimation, LaysFramesOverEachOther) {
    test::GifFrame spot = gif_frame(2, 2, 1);
    spot.left = 1;
    spot.top = 1;
    test::GifFrame half_clear = gif_frame(3, 3, 1);
    half_clear.indices = {4, 3, 4};
    half_clear.transparent = 4;
    EXPECT_THAT(pictures(sample(gif({gif_frame(1, 3, 2), spot, half_clear}, 3, 2))),
                ElementsAre("KKK KKK", "KKK KRR", "KGK KRR"));
}

TEST(GifAnimation, DisposesOfFramesAsTheyAsk) {
    const auto spot = [](int index, int disposal) {
        test::GifFrame frame = gif_frame(index, 1, 1);
        frame.left = 1;
        frame.disposal = disposal;
        return frame;
    };
    const auto shown_after = [&](int disposal) {
        test::GifFrame last = gif_frame(4, 1, 1);
        return pictures(sample(gif({gif_frame(1, 3, 1), spot(2, disposal), last}, 3, 1))).back();
    };
    EXPECT_EQ(shown_after(0), "BRK");
    EXPECT_EQ(shown_after(1), "BRK");
    EXPECT_EQ(shown_after(2), "BWK") << "white, as pages are";
    EXPECT_EQ(shown_after(3), "BKK");
    EXPECT_EQ(shown_after(7), "BRK") << "means nothing";
    // Two in a row, and one on an empty canvas.
    EXPECT_THAT(pictures(sample(gif({spot(2, 3), spot(3, 3), gif_frame(4, 1, 1)}, 3, 1))),
                ElementsAre("WRW", "WGW", "BWW"));
}

TEST(GifAnimation, WhatLiesOutsideTheCanvasIsNotShown) {
    test::GifFrame over_the_edge = gif_frame(2, 3, 3);
    over_the_edge.left = 1;
    over_the_edge.top = 1;
    over_the_edge.disposal = 3;
    test::GifFrame far_away = gif_frame(3, 2, 2);
    far_away.left = 60'000;
    far_away.top = 60'000;
    far_away.disposal = 2;
    EXPECT_THAT(
        pictures(sample(gif({gif_frame(1, 2, 2), over_the_edge, far_away, gif_frame(4, 1, 1)}, 2, 2))),
        ElementsAre("KK KK", "KK KR", "KK KK", "BK KK"));
}

TEST(GifAnimation, InterlacedFramesAreWoundUp) {
    test::GifFrame rows = gif_frame(1, 1, 5);
    rows.interlaced = true;
    rows.indices = {2, 3, 4, 1, 0};  // rows 0, 4, 2, 1, 3
    EXPECT_THAT(pictures(sample(gif({gif_frame(1, 1, 5), rows}, 1, 5))),
                ElementsAre("K K K K K", "R K B W G"));
}

TEST(WebpAnimation, BlendsOrReplacesAndClears) {
    RgbImage red = flat(2, 2, 2);
    MovingWebpFrame half_clear{.still = test::encode_with_alpha(red, ".webp", 0), .width = 2, .height = 2};
    MovingWebpFrame replacing = half_clear;
    replacing.replaces = true;
    replacing.to_background = true;
    MovingWebpFrame corner = webp_frame(4, 1, 1);
    corner.left = 2;
    EXPECT_THAT(
        pictures(sample(test::make_moving_webp(4, 2, {webp_frame(1, 4, 2), half_clear, replacing, corner}))),
        ElementsAre("KKKK KKKK", "RKKK RKKK", "RWKK RWKK", "WWBK WWKK"));
}

TEST(WebpAnimation, HalfTransparencyIsMixed) {
    const MovingWebpFrame veil{
        .still = test::encode_with_alpha(flat(0, 2, 2), ".webp", 51), .width = 2, .height = 2};
    const VideoSample result = sample(test::make_moving_webp(2, 2, {webp_frame(1, 2, 2), veil}));
    ASSERT_EQ(result.frames.size(), 2U);
    EXPECT_EQ(result.frames[1].image.pixels[3], 51) << "a fifth of white over black";
}

TEST(WebpAnimation, LossyFramesWithAlphaOfTheirOwnAreRead) {
    const Bytes still = test::encode_with_alpha(flat(1, 16, 16), ".webp", 0, true);
    const VideoSample result = sample(
        test::make_moving_webp(16, 16, {webp_frame(0, 16, 16), {.still = still, .width = 16, .height = 16}}));
    ASSERT_EQ(result.frames.size(), 2U);
    EXPECT_LT(result.frames[1].image.pixels[0], 20) << "black on the left";
    EXPECT_EQ(result.frames[1].image.pixels[15 * 3], 255) << "nothing on the right";
}

TEST(BrokenAnimation, IsUsedAsFarAsItGoes) {
    const Bytes whole_gif = gif({gif_frame(1), gif_frame(2), gif_frame(3)});
    const Bytes whole_webp = test::make_moving_webp(4, 4, {webp_frame(1), webp_frame(2), webp_frame(3)});
    for (const Bytes& whole : {whole_gif, whole_webp}) {
        std::size_t frames_before = 0;
        for (std::size_t length = 0; length < whole.size(); ++length) {
            const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
            const auto result = try_sample(cut);
            const std::size_t frames = result ? result->frames.size() : 0;
            ASSERT_GE(frames, frames_before) << "at " << length;
            ASSERT_LE(frames, 3U);
            if (result) {
                ASSERT_EQ(colours(result->frames[0].image), "KKKK KKKK KKKK KKKK");
            } else {
                ASSERT_TRUE(result.error().code == ErrorCode::corrupt ||
                            result.error().code == ErrorCode::unsupported);
            }
            frames_before = frames;
        }
        EXPECT_GE(frames_before, 2U);
    }
    const Bytes cut(whole_gif.begin(), whole_gif.end() - 4);
    EXPECT_THAT(try_sample(cut)->notes, Contains(HasSubstr("only the first 2 frames")));
}

TEST(BrokenAnimation, AFrameThatContradictsItselfEndsIt) {
    MovingWebpFrame outside = webp_frame(2);
    outside.left = 2;
    MovingWebpFrame another_size = webp_frame(2);
    another_size.width = 3;
    for (const MovingWebpFrame& wrong : {outside, another_size}) {
        const VideoSample result =
            sample(test::make_moving_webp(4, 4, {webp_frame(1), webp_frame(0), wrong, webp_frame(3)}));
        EXPECT_EQ(result.frames.size(), 2U);
        EXPECT_THAT(result.notes, Contains(HasSubstr("damaged")));
    }
    test::GifFrame too_few = gif_frame(2);
    too_few.indices.resize(9);
    EXPECT_EQ(sample(gif({gif_frame(1), too_few, gif_frame(3)})).frames.size(), 1U);
    const auto none = try_sample(gif({too_few, gif_frame(3)}));
    ASSERT_FALSE(none.ok());
    EXPECT_EQ(none.error().code, ErrorCode::corrupt);
}

TEST(AnimationLimits, TheCanvasIsRefusedByItsHeader) {
    const auto wide_gif = try_sample(gif({gif_frame(1), gif_frame(2)}, 65'535, 65'535));
    const auto wide_webp =
        try_sample(test::make_moving_webp(1 << 24, 1 << 24, {webp_frame(1), webp_frame(2)}));
    for (const auto* result : {&wide_gif, &wide_webp}) {
        ASSERT_FALSE(result->ok());
        EXPECT_EQ(result->error().code, ErrorCode::too_large);
        EXPECT_THAT(result->error().message, HasSubstr("limit is " + std::to_string(kPixelsMaxDefault)));
    }
}

TEST(AnimationLimits, PixelsAreSummedOverTheFrames) {
    // 49 megapixels: of ten times 67, thirteen of them fit. Frames of one pixel cost what the canvas costs.
    const std::vector<test::GifFrame> frames(20, gif_frame(2, 1, 1));
    const VideoSample result = sample(gif(frames, 7'000, 7'000));
    EXPECT_THAT(times(result), testing::SizeIs(13));
    EXPECT_THAT(result.notes, Contains(HasSubstr("only the first 13 frames")));
}

TEST(AnimationLimits, AFrameLargerThanAnyCanvasEndsIt) {
    Bytes file = gif({gif_frame(1), gif_frame(2), gif_frame(3)});
    const Bytes second_size{0x2C, 0, 0, 0, 0, 4, 0, 4, 0};
    auto at = std::search(file.begin(), file.end(), second_size.begin(), second_size.end());
    at = std::search(at + 1, file.end(), second_size.begin(), second_size.end());
    ASSERT_NE(at, file.end());
    const Bytes larger{0x28, 0x23, 0x28, 0x23};  // 9,000 x 9,000
    std::copy(larger.begin(), larger.end(), at + 5);
    const VideoSample result = sample(file);
    EXPECT_EQ(result.frames.size(), 1U);
    EXPECT_THAT(result.notes, Contains(HasSubstr("too large")));
}

TEST(AnimationLimits, TenThousandFramesAreNotAllDecoded) {
    const VideoSample result = sample(gif(std::vector<test::GifFrame>(10'000, gif_frame(2))));
    EXPECT_LE(result.frames.size(), 16U);
    EXPECT_LT(result.frames.back().time_s, 90);
    EXPECT_NEAR(result.duration_s, 1'000, 1e-3) << "as declared";
    EXPECT_THAT(result.notes,
                Contains(HasSubstr("only the first 900 frames were looked at: there are too many")));
}

TEST(AnimationLimits, WhatLiesBehindTenMinutesIsNotLookedAt) {
    test::GifFrame slide = gif_frame(1);
    slide.hundredths = 25'000;
    const VideoSample result = sample(gif({slide, slide, slide, slide}));
    EXPECT_THAT(times(result), ElementsAre(0, 250, 500));
    EXPECT_THAT(result.notes, Contains(HasSubstr("too long")));
}

TEST(AnimationLimits, TimeAndBytesRunOut) {
    const Bytes file = gif({gif_frame(1), gif_frame(2)});
    const auto late = try_sample(file, 0);
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().code, ErrorCode::deadline_exceeded);
    const auto large = sample_animation(as_media(file), {.bytes_max = file.size() - 1}, CpuBudget(20));
    ASSERT_FALSE(large.ok());
    EXPECT_EQ(large.error().code, ErrorCode::too_large);
    EXPECT_EQ(try_sample(test::encode(flat(1, 4, 4), ".png")).error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace bgm
