// Idea: a handful of upright pictures from all over the clip, whatever the container, codec and spacing of
// key frames, and how much moves. The clips are drawn, so that each picture can be checked.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>

#include "tests/workers/film_maker.hpp"
#include "tests/workers/media_maker.hpp"
#include "workers/media/av/av_video.hpp"

namespace bgm {
namespace {

using test::Scene;
using test::VideoFormat;
using test::VideoSpec;

VideoSample sample(const VideoSpec& spec) {
    const std::string file = test::make_video_clip(spec);
    auto result = sample_video(test::as_bytes(file), VideoLimits{}, CpuBudget(20));
    EXPECT_TRUE(result.ok()) << result.error().to_string();
    return result.ok() ? *std::move(result) : VideoSample{};
}

struct Pixel {
    int red, green, blue;
};

// At a place given in shares of the width and height.
Pixel at(const RgbImage& image, double x, double y) {
    const auto column = static_cast<std::size_t>(x * (image.width - 1));
    const auto row = static_cast<std::size_t>(y * (image.height - 1));
    const std::uint8_t* pixel =
        image.pixels.data() + (row * static_cast<std::size_t>(image.width) + column) * 3;
    return {pixel[0], pixel[1], pixel[2]};
}

TEST(VideoSampling, EveryContainerAndCodecGivesPicturesFromAllOverTheClip) {
    for (const VideoFormat format :
         {VideoFormat::mp4_h264, VideoFormat::mp4_hevc, VideoFormat::mp4_mpeg4, VideoFormat::mp4_av1,
          VideoFormat::mov_h264, VideoFormat::webm_vp8, VideoFormat::webm_vp9, VideoFormat::webm_av1,
          VideoFormat::mkv_h264, VideoFormat::avi_mpeg4}) {
        SCOPED_TRACE(static_cast<int>(format));
        const VideoSample result = sample({.format = format, .seconds = 8});
        EXPECT_FALSE(result.decoded_through);
        ASSERT_GE(result.frames.size(), 7U);
        ASSERT_LE(result.frames.size(), 16U);
        EXPECT_LT(result.frames.front().time_s, 1);
        EXPECT_GT(result.frames.back().time_s, 6);
        for (std::size_t i = 0; i < result.frames.size(); ++i) {
            const RgbImage& image = result.frames[i].image;
            ASSERT_TRUE(image.consistent());
            EXPECT_EQ(image.width, 320);
            EXPECT_EQ(image.height, 240);
            EXPECT_GE(result.frames[i].motion, 0);
            if (i > 0) {
                EXPECT_GT(result.frames[i].time_s, result.frames[i - 1].time_s);
            }
            const Pixel corner = at(image, 0.5, 0.02);
            EXPECT_NEAR(corner.red, 60, 12);
            EXPECT_NEAR(corner.green, 120, 12);
            EXPECT_NEAR(corner.blue, 200, 12);
        }
    }
}

// A stream that was joined late, or cut without a new encoding: what refers to pictures that are not there is
// gray, and shall not count.
TEST(VideoSampling, AVideoThatStartsBetweenKeyFramesBeginsAtTheNextOne) {
    for (const VideoFormat format :
         {VideoFormat::mp4_h264, VideoFormat::mp4_hevc, VideoFormat::mp4_mpeg4, VideoFormat::mp4_av1,
          VideoFormat::webm_vp8, VideoFormat::webm_vp9, VideoFormat::mkv_h264, VideoFormat::avi_mpeg4}) {
        // Many key frames; and but one of them, so that the clip is decoded from its beginning.
        for (const double seconds : {3.0, 0.7}) {
            SCOPED_TRACE(std::to_string(static_cast<int>(format)) + ", " + std::to_string(seconds) + " s");
            const VideoSample result = sample({.format = format,
                                               .width = 96,
                                               .height = 64,
                                               .seconds = seconds,
                                               .key_frame_every = 10,
                                               .packets_lost = 5});
            ASSERT_FALSE(result.frames.empty());
            // Counted from the first picture that it has; AVI keeps empty places for those that are missing.
            EXPECT_NEAR(result.frames.front().time_s, format == VideoFormat::avi_mpeg4 ? 0.4 : 0.2, 0.01);
            for (const VideoFrame& frame : result.frames) {
                const Pixel corner = at(frame.image, 0.5, 0.02);
                EXPECT_NEAR(corner.red, 60, 12);
                EXPECT_NEAR(corner.green, 120, 12);
                EXPECT_NEAR(corner.blue, 200, 12);
            }
        }
    }
}

TEST(VideoSampling, DecodersThatHoldFramesBackAreMadeToHandThemOut) {
    const VideoSample result = sample({.seconds = 8, .b_frames = 3});
    EXPECT_FALSE(result.decoded_through);
    ASSERT_GE(result.frames.size(), 7U);
    for (const VideoFrame& frame : result.frames)
        EXPECT_GE(frame.motion, 0);
}

TEST(VideoSampling, LargePicturesAreScaledDownAndSmallOnesLeft) {
    EXPECT_EQ(sample({.width = 1'280, .height = 720, .seconds = 1}).frames.front().image.width, 384);
    EXPECT_EQ(sample({.width = 1'280, .height = 720, .seconds = 1}).frames.front().image.height, 216);
    EXPECT_EQ(sample({.width = 64, .height = 48, .seconds = 1}).frames.front().image.width, 64);
}

TEST(VideoSampling, AClipWithOneKeyFrameIsDecodedThrough) {
    const VideoSample result = sample({.seconds = 6, .key_frame_every = 1'000});
    EXPECT_TRUE(result.decoded_through);
    EXPECT_GE(result.frames.size(), 8U);
    EXPECT_LE(result.frames.size(), 16U);
    EXPECT_GT(result.frames.back().time_s, 4.5);
    for (const VideoFrame& frame : result.frames)
        EXPECT_TRUE(frame.image.consistent() && !frame.image.empty());
}

TEST(VideoSampling, VeryShortClipsGiveWhatTheyHave) {
    // Decoders of HEVC have been seen to yield nothing at all for key frames of such clips.
    for (const VideoFormat format : {VideoFormat::mp4_h264, VideoFormat::mp4_hevc, VideoFormat::webm_vp9}) {
        EXPECT_EQ(sample({.format = format, .seconds = 0.04}).frames.size(), 1U);
        EXPECT_GE(sample({.format = format, .seconds = 0.2}).frames.size(), 4U);
    }
}

TEST(VideoSampling, MotionIsSeenAndStillnessToo) {
    const VideoSample still = sample({.scene = Scene::still});
    const VideoSample moving = sample({.scene = Scene::moving});
    for (const VideoFrame& frame : still.frames)
        EXPECT_LT(frame.motion, 0.05F);
    for (const VideoFrame& frame : moving.frames)
        EXPECT_GT(frame.motion, 0.2F);
}

TEST(VideoSampling, RotationIsAppliedAsAPlayerWould) {
    // Stored with red above blue. Turned clockwise by 90 degrees, what was above is on the right.
    struct Case {
        int degrees;
        double red_x, red_y, blue_x, blue_y;
    };
    for (const Case& wanted : {Case{0, 0.5, 0.1, 0.5, 0.9}, Case{90, 0.9, 0.5, 0.1, 0.5},
                               Case{180, 0.5, 0.9, 0.5, 0.1}, Case{270, 0.1, 0.5, 0.9, 0.5}}) {
        SCOPED_TRACE(wanted.degrees);
        const VideoSample result =
            sample({.seconds = 1, .scene = Scene::marked, .rotation_degrees = wanted.degrees});
        const RgbImage& image = result.frames.front().image;
        const bool upright = wanted.degrees % 180 == 0;
        EXPECT_EQ(image.width, upright ? 320 : 240);
        EXPECT_EQ(image.height, upright ? 240 : 320);
        EXPECT_EQ(result.width, image.width);
        EXPECT_GT(at(image, wanted.red_x, wanted.red_y).red, 150);
        EXPECT_GT(at(image, wanted.blue_x, wanted.blue_y).blue, 150);
    }
}

// Red, green, blue and gray in the four corners; and where they are after turning, then mirroring.
TEST(VideoSampling, MirrorsAreFollowedAfterTurning) {
    struct Case {
        int degrees;
        bool mirrored;
        int red_corner;  // counted clockwise from the upper left one
        int green_corner;
    };
    for (const Case& wanted : {Case{0, false, 0, 1}, Case{0, true, 1, 0}, Case{90, true, 0, 3},
                               Case{180, true, 3, 2}, Case{270, true, 2, 1}, Case{90, false, 1, 2}}) {
        SCOPED_TRACE(std::to_string(wanted.degrees) + (wanted.mirrored ? ", mirrored" : ""));
        test::FilmSpec spec{.frames = 5,
                            .matrix = 6,
                            .range = 1,
                            .rotation_degrees = wanted.degrees,
                            .mirrored = wanted.mirrored};
        spec.values = [](double x, double y, int) -> std::array<int, 4> {
            if (y < 0.5) return x < 0.5 ? std::array{81, 90, 240, 0} : std::array{145, 54, 34, 0};
            return x < 0.5 ? std::array{41, 240, 110, 0} : std::array{126, 128, 128, 0};
        };
        const std::string file = test::make_film(spec);
        const auto result = sample_video(test::as_bytes(file), VideoLimits{}, CpuBudget(20));
        ASSERT_TRUE(result.ok());
        constexpr std::array<std::array<double, 2>, 4> kCorners{
            {{0.1, 0.1}, {0.9, 0.1}, {0.9, 0.9}, {0.1, 0.9}}};
        const auto corner = [&](int number) {
            const auto [x, y] = kCorners[static_cast<std::size_t>(number)];
            return at(result->frames.front().image, x, y);
        };
        EXPECT_GT(corner(wanted.red_corner).red, 200);
        EXPECT_LT(corner(wanted.red_corner).green, 60);
        EXPECT_GT(corner(wanted.green_corner).green, 200);
        EXPECT_LT(corner(wanted.green_corner).red, 60);
    }
}

TEST(VideoSampling, PixelsThatAreNotSquareAreStretched) {
    for (const char* container : {"mp4", "matroska", "mpegts"}) {
        test::FilmSpec spec{.container = container, .frames = 5, .pixel_aspect = {16, 15}};
        spec.values = [](double, double, int) { return std::array{126, 128, 128, 0}; };
        const std::string file = test::make_film(spec);
        const auto result = sample_video(test::as_bytes(file), VideoLimits{}, CpuBudget(20));
        ASSERT_TRUE(result.ok());
        EXPECT_EQ(result->frames.front().image.width, 341) << container;
        EXPECT_EQ(result->frames.front().image.height, 240);
    }
}

TEST(VideoSampling, AVariableFrameRateWorks) {
    const VideoSample result = sample({.seconds = 6, .variable_rate = true});
    EXPECT_GE(result.frames.size(), 4U);
    for (const VideoFrame& frame : result.frames)
        EXPECT_GE(frame.motion, 0);
}

}  // namespace
}  // namespace bgm
