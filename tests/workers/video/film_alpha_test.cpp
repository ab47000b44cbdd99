// Idea: what a film leaves see-through is white, as in chats; half of it is half white; and edges are not
// darkened by the colour that hides beneath.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
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

VideoSample sample(const std::string& film) {
    auto result = sample_video(test::as_bytes(film), VideoLimits{}, CpuBudget(20));
    EXPECT_TRUE(result.ok()) << result.error().to_string();
    return result.ok() ? *std::move(result) : VideoSample{};
}

std::array<int, 3> at(const RgbImage& image, double x, double y) {
    const auto column = static_cast<std::size_t>(x * image.width);
    const auto row = static_cast<std::size_t>(y * image.height);
    const auto* pixel = image.pixels.data() + (row * static_cast<std::size_t>(image.width) + column) * 3;
    return {pixel[0], pixel[1], pixel[2]};
}

// A dark red sticker (BT.601: 90, 30, 30) on the left, half of it behind, nothing on the right.
FilmSpec sticker(FilmSpec spec) {
    spec.pixel_format = "yuva420p";
    spec.matrix = 6;
    spec.range = 1;
    spec.values = [](double x, double, int) -> std::array<int, 4> {
        if (x < 1.0 / 3) return {57, 118, 149, 255};
        if (x < 2.0 / 3) return {57, 118, 149, 128};
        return {16, 128, 128, 0};
    };
    return spec;
}

void expect_sticker(const VideoSample& result) {
    ASSERT_FALSE(result.frames.empty());
    for (const VideoFrame& frame : result.frames) {
        const auto solid = at(frame.image, 0.15, 0.5), half = at(frame.image, 0.5, 0.5),
                   nothing = at(frame.image, 0.85, 0.5);
        const std::array red{90, 34, 34};
        for (std::size_t i = 0; i < 3; ++i) {
            EXPECT_NEAR(solid[i], red[i], 10);
            EXPECT_NEAR(half[i], (red[i] + 255) / 2, 10);
            EXPECT_NEAR(nothing[i], 255, 4);
        }
    }
}

TEST(FilmAlpha, TheSecondStreamOfWebmIsFollowed) {
    for (const char* codec : {"libvpx-vp9", "libvpx"}) {
        for (const char* container : {"webm", "matroska"}) {
            for (const int key_frame_every : {5, 1'000}) {
                for (const bool seekable : {true, false}) {
                    SCOPED_TRACE(std::string(codec) + " in " + container + ", " +
                                 std::to_string(key_frame_every));
                    expect_sticker(sample(make_film(sticker({.container = container,
                                                             .codec = codec,
                                                             .frames = 40,
                                                             .key_frame_every = key_frame_every,
                                                             .seekable = seekable,
                                                             .encoder_options = "auto-alt-ref=0"}))));
                }
            }
        }
    }
}

TEST(FilmAlpha, LargeStickersHaveNoDarkEdges) {
    FilmSpec spec = sticker({.container = "webm",
                             .codec = "libvpx-vp9",
                             .width = 1'024,
                             .height = 1'024,
                             .frames = 6,
                             .encoder_options = "auto-alt-ref=0"});
    // White stripes with black in between that nobody sees.
    spec.values = [](double x, double, int) -> std::array<int, 4> {
        return static_cast<int>(x * 32) % 2 == 0 ? std::array<int, 4>{235, 128, 128, 255}
                                                 : std::array<int, 4>{16, 128, 128, 0};
    };
    const VideoSample result = sample(make_film(spec));
    ASSERT_FALSE(result.frames.empty());
    const RgbImage& image = result.frames.front().image;
    int darkest = 255;
    for (const std::uint8_t value : image.pixels)
        darkest = std::min<int>(darkest, value);
    EXPECT_GE(darkest, 215);
}

TEST(FilmAlpha, AStickerOfAChatIsOnWhite) {
    const auto folder = shared_folder() / "cases";
    const auto read = [&](const char* name) {
        std::stringstream bytes;
        bytes << std::ifstream(folder / name, std::ios::binary).rdbuf();
        return bytes.str();
    };
    if (!std::filesystem::exists(folder / "telegram-sticker-vp9-alpha.webm"))
        GTEST_SKIP() << folder << " has no telegram-sticker-vp9-alpha.webm";
    const VideoSample film = sample(read("telegram-sticker-vp9-alpha.webm"));
    const VideoSample twin = sample(read("same-sticker-on-white.mp4"));
    ASSERT_FALSE(film.frames.empty());
    ASSERT_FALSE(twin.frames.empty());
    const RgbImage &ours = film.frames.front().image, &theirs = twin.frames.front().image;
    ASSERT_EQ(ours.pixels.size(), theirs.pixels.size());
    double difference = 0;
    for (std::size_t i = 0; i < ours.pixels.size(); ++i)
        difference += std::abs(int{ours.pixels[i]} - int{theirs.pixels[i]});
    EXPECT_LT(difference / static_cast<double>(ours.pixels.size()), 2);
}

}  // namespace
}  // namespace bgm
