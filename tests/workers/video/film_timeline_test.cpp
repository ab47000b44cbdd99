// Idea: pictures come from all over a film, whatever its container says or does not say of its length, and
// wherever its clock begins. Each frame of these films is as bright as it is late.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/shared_folder.hpp"
#include "tests/workers/film_maker.hpp"
#include "tests/workers/media_maker.hpp"
#include "workers/media/av/av_video.hpp"

namespace bgm {
namespace {

using test::FilmSpec;

FilmSpec brightening(FilmSpec spec) {
    spec.width = 64;
    spec.height = 48;
    spec.matrix = 6;
    spec.range = 1;
    const int frames = spec.frames;
    spec.values = [frames](double, double, int frame) {
        return std::array<int, 4>{16 + 219 * frame / (frames - 1), 128, 128, 0};
    };
    return spec;
}

VideoSample sample(const std::string& film) {
    auto result = sample_video(test::as_bytes(film), VideoLimits{}, CpuBudget(20));
    EXPECT_TRUE(result.ok()) << result.error().to_string();
    return result.ok() ? *std::move(result) : VideoSample{};
}

// As a share of the film, by what it shows.
double place_of(const VideoFrame& frame) {
    return frame.image.pixels[(24 * 64 + 32) * 3 + 1] / 255.0;
}

void expect_all_over(const VideoSample& result, double length_s) {
    ASSERT_GE(result.frames.size(), 4U);
    ASSERT_LE(result.frames.size(), 16U);
    double before = 0, widest = 0;
    for (const VideoFrame& frame : result.frames) {
        ASSERT_EQ(frame.image.width, 64);
        const double place = place_of(frame);
        EXPECT_GE(place, before);
        EXPECT_NEAR(frame.time_s, place * length_s, length_s * 0.03 + 0.1);
        widest = std::max(widest, place - before);
        before = place;
    }
    EXPECT_LT(std::max(widest, 1 - before), 0.3);
    EXPECT_NEAR(result.duration_s, length_s, length_s * 0.1 + 0.1);
}

TEST(FilmTimeline, RecordingsWithoutADurationAreSeenToTheirEnd) {
    struct Case {
        const char* container;
        const char* codec;
        const char* muxer_options = "";
    };
    for (const Case& film :
         {Case{"webm", "libvpx"}, Case{"webm", "libvpx-vp9"}, Case{"webm", "libvpx", "live=1"},
          Case{"matroska", "libx264", "live=1"}, Case{"matroska", "libx264"},
          Case{"mp4", "libx264", "movflags=frag_keyframe+empty_moov+default_base_moof"},
          Case{"mp4", "libx264", "movflags=empty_moov;frag_duration=500000"}, Case{"mpegts", "libx264"},
          Case{"mpegts", "mpeg2video"}, Case{"flv", "libx264"}, Case{"flv", "flv"}, Case{"ogg", "libtheora"},
          Case{"avi", "mpeg4"}}) {
        for (const int key_frame_every : {50, 100'000}) {
            SCOPED_TRACE(std::string(film.codec) + " in " + film.container + ' ' + film.muxer_options + ' ' +
                         std::to_string(key_frame_every));
            const std::string file = make_film(brightening({.container = film.container,
                                                            .codec = film.codec,
                                                            .frames = 1'500,
                                                            .key_frame_every = key_frame_every,
                                                            .seekable = false,
                                                            .muxer_options = film.muxer_options}));
            expect_all_over(sample(file), 60);
        }
    }
}

// The header says so many milliseconds or ticks; the pictures are those of 40 seconds.
TEST(FilmTimeline, AHeaderThatLiesAboutTheLengthIsNotBelieved) {
    const std::string file = make_film(
        brightening({.container = "matroska", .frames = 1'000, .key_frame_every = 25, .matrix = 6}));
    const std::size_t at = file.find("\x44\x89\x88");  // Duration, a double
    ASSERT_NE(at, std::string::npos);
    for (const double claimed_ms : {0.0, 1.0, 2'000.0, 4e6, 1e12, -5.0}) {
        SCOPED_TRACE(claimed_ms);
        std::string lying = file;
        std::uint64_t bits = 0;
        std::memcpy(&bits, &claimed_ms, sizeof bits);
        for (std::size_t i = 0; i < 8; ++i)
            lying[at + 3 + i] = static_cast<char>(bits >> (8 * (7 - i)));
        expect_all_over(sample(lying), 40);
    }
}

TEST(FilmTimeline, ClocksMayBeginAnywhere) {
    for (const char* container : {"mp4", "matroska", "mpegts", "flv"}) {
        for (const double starts_at_s : {1.0, 59.0, 36'000.0}) {
            SCOPED_TRACE(std::string(container) + ' ' + std::to_string(starts_at_s));
            const std::string file = make_film(brightening(
                {.container = container, .frames = 500, .key_frame_every = 25, .starts_at_s = starts_at_s}));
            const VideoSample result = sample(file);
            ASSERT_FALSE(result.frames.empty());
            expect_all_over(result, 20);
        }
    }
}

TEST(FilmTimeline, ClocksMayBeSetAnew) {
    // Two recordings behind each other; the second one's clock begins anew, or hours later.
    const FilmSpec half = brightening({.container = "mpegts", .frames = 500, .key_frame_every = 25});
    for (const double starts_at_s : {0.0, 7'200.0}) {
        FilmSpec first = half, second = half;
        first.values = [](double, double, int i) {
            return std::array<int, 4>{16 + 110 * i / 500, 128, 128, 0};
        };
        second.values = [](double, double, int i) {
            return std::array<int, 4>{126 + 109 * i / 499, 128, 128, 0};
        };
        second.starts_at_s = starts_at_s;
        const VideoSample result = sample(make_film(first) + make_film(second));
        ASSERT_GE(result.frames.size(), 8U);
        double widest = 0, before = 0;
        for (const VideoFrame& frame : result.frames) {
            widest = std::max(widest, place_of(frame) - before);
            before = place_of(frame);
        }
        EXPECT_LT(std::max(widest, 1 - before), 0.2) << starts_at_s;
    }
}

TEST(FilmTimeline, KeyFramesAtTheBeginningOnlyDoNotHideTheRest) {
    const std::string file = make_film(brightening({.frames = 2'400,
                                                    .key_frame_every = 100'000,
                                                    .encoder_options = "forced-idr=1",
                                                    .key_frames = {0, 75, 200, 350, 500}}));
    const VideoSample result = sample(file);
    EXPECT_TRUE(result.decoded_through);
    expect_all_over(result, 96);
}

TEST(FilmTimeline, PausesBetweenFramesAreTime) {
    FilmSpec spec = brightening({.frames = 300, .key_frame_every = 10});
    spec.frame_at = [](int frame) { return frame < 150 ? frame : frame * 5 - 600; };
    const std::string file = make_film(spec);
    const VideoSample result = sample(file);
    ASSERT_GE(result.frames.size(), 8U);
    EXPECT_NEAR(result.duration_s, 35.8, 0.5);
    for (const VideoFrame& frame : result.frames) {
        const int number = static_cast<int>(std::lround(place_of(frame) * 299));
        EXPECT_NEAR(frame.time_s, spec.frame_at(number) / 25.0, 0.6);
    }
}

TEST(FilmTimeline, OfAnHourTheFirstTenMinutesAreSeen) {
    for (const char* container : {"mp4", "matroska", "mpegts", "flv"}) {
        for (const bool seekable : {true, false}) {
            if (!seekable && std::string_view(container) == "mp4") continue;
            SCOPED_TRACE(container);
            const VideoSample result = sample(make_film(brightening({.container = container,
                                                                     .frames_per_s = 1,
                                                                     .frames = 3'600,
                                                                     .key_frame_every = 20,
                                                                     .seekable = seekable})));
            ASSERT_GE(result.frames.size(), 12U);
            EXPECT_LT(result.frames.back().time_s, 601);
            EXPECT_GT(result.frames.back().time_s, 500);
            EXPECT_NEAR(place_of(result.frames.back()) * 3'600, result.frames.back().time_s, 20);
            EXPECT_THAT(result.notes, testing::Contains(testing::HasSubstr("first 600 s")));
        }
    }
}

TEST(FilmTimeline, SlidesMayStandForMinutes) {
    for (const char* container : {"mp4", "matroska"}) {
        FilmSpec spec = brightening({.container = container, .frames_per_s = 1, .frames = 6});
        spec.frame_at = [](int frame) { return frame * 100; };
        const VideoSample result = sample(make_film(spec));
        EXPECT_EQ(result.frames.size(), 6U) << container;
        EXPECT_NEAR(result.frames.back().time_s, 500, 1);
        EXPECT_NEAR(result.duration_s, 500, 2);
    }
}

TEST(FilmTimeline, ABrowsersRecordingIsSeenToItsEnd) {
    const auto path = shared_folder() / "cases" / "mediarecorder-no-duration.webm";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
    std::stringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    const VideoSample result = sample(bytes.str());
    ASSERT_GE(result.frames.size(), 8U);
    EXPECT_GT(result.frames.back().time_s, 60);
    EXPECT_NEAR(result.duration_s, 71, 1);
}

}  // namespace
}  // namespace bgm
