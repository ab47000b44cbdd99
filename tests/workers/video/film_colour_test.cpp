// Idea: a film shows the same colours whatever numbers it stores them in. Patches of known colours are turned
// into the numbers of each matrix, range, depth and transfer by the standards' formulas, as a camera would
// do, encoded, and have to come back.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/shared_folder.hpp"
#include "tests/workers/film_maker.hpp"
#include "tests/workers/media_maker.hpp"
#include "workers/media/av/av_video.hpp"

namespace bgm {
namespace {

using test::FilmSpec;
using Rgb = std::array<double, 3>;  // gamma-coded, 0..1

constexpr std::array<Rgb, 12> kPatches{{{0.1, 0.1, 0.1},
                                        {0.5, 0.5, 0.5},
                                        {0.8, 0.8, 0.8},
                                        {0.8, 0.2, 0.2},
                                        {0.2, 0.7, 0.2},
                                        {0.2, 0.3, 0.8},
                                        {0.85, 0.75, 0.2},
                                        {0.75, 0.3, 0.65},
                                        {0.2, 0.7, 0.7},
                                        {0.8, 0.6, 0.5},
                                        {0.35, 0.25, 0.2},
                                        {0.6, 0.75, 0.85}}};
constexpr int kColumns = 4, kRows = 3;

struct Weights {
    double red, blue;
};

// H.273's own numbers of red and blue in luma.
Weights weights(int matrix) {
    switch (matrix) {
        case 1:
            return {0.2126, 0.0722};
        case 4:
            return {0.30, 0.11};
        case 7:
            return {0.212, 0.087};
        case 9:
            return {0.2627, 0.0593};
        default:
            return {0.299, 0.114};
    }
}

struct Coding {
    int matrix = 1;
    bool full = false;
    int bits = 8;
};

std::array<int, 4> stored(const Rgb& rgb, const Coding& coding) {
    const auto [r, g, b] = rgb;
    double y = 0, u = 0, v = 0;
    if (coding.matrix == 8) {
        y = 0.5 * g + 0.25 * (r + b);
        u = 0.5 * g - 0.25 * (r + b);
        v = 0.5 * (r - b);
    } else {
        const auto [red, blue] = weights(coding.matrix);
        y = red * r + (1 - red - blue) * g + blue * b;
        u = (b - y) / (2 * (1 - blue));
        v = (r - y) / (2 * (1 - red));
    }
    const double unit = std::ldexp(1, coding.bits - 8);
    const double top = std::ldexp(1, coding.bits) - 1;
    const auto code = [&](double value, double full_offset, double limited_scale, double limited_offset) {
        return static_cast<int>(std::lround(coding.full ? value * top + full_offset
                                                        : (value * limited_scale + limited_offset) * unit));
    };
    const double middle = std::ldexp(1, coding.bits - 1);
    return {code(y, 0, 219, 16), code(u, middle, 224, 128), code(v, middle, 224, 128), static_cast<int>(top)};
}

std::size_t patch_at(double x, double y) {
    return static_cast<std::size_t>(y * kRows) * kColumns + static_cast<std::size_t>(x * kColumns);
}

RgbImage first_picture(const std::string& film) {
    auto sample = sample_video(test::as_bytes(film), VideoLimits{}, CpuBudget(20));
    EXPECT_TRUE(sample.ok()) << sample.error().to_string();
    return sample.ok() ? sample->frames.front().image : RgbImage{};
}

std::array<int, 3> middle_of(const RgbImage& image, std::size_t patch) {
    const double x = (static_cast<double>(patch % kColumns) + 0.5) / kColumns;
    const std::size_t patch_row = patch / kColumns;
    const double y = (static_cast<double>(patch_row) + 0.5) / kRows;
    const auto column = static_cast<std::size_t>(x * image.width);
    const auto row = static_cast<std::size_t>(y * image.height);
    const auto* pixel = image.pixels.data() + (row * static_cast<std::size_t>(image.width) + column) * 3;
    return {pixel[0], pixel[1], pixel[2]};
}

void expect_patches(const RgbImage& image, int tolerance, const char* what) {
    ASSERT_FALSE(image.empty()) << what;
    for (std::size_t patch = 0; patch < kPatches.size(); ++patch) {
        const auto seen = middle_of(image, patch);
        for (std::size_t i = 0; i < 3; ++i)
            EXPECT_NEAR(seen[i], kPatches[patch][i] * 255, tolerance)
                << what << ", patch " << patch << ", " << i;
    }
}

// Films of `spec`'s kind whose patches are given in the terms of `coding`.
FilmSpec with_patches(FilmSpec spec, const Coding& coding) {
    spec.values = [coding](double x, double y, int) { return stored(kPatches[patch_at(x, y)], coding); };
    return spec;
}

TEST(FilmColourTest, EveryMatrixAndRangeShowsTheSameColours) {
    for (const int matrix : {1, 4, 5, 6, 7, 8, 9}) {
        for (const bool full : {false, true}) {
            const FilmSpec spec{
                .codec = "libx264", .pixel_format = "yuv444p", .matrix = matrix, .range = full ? 2 : 1};
            const std::string name = "matrix " + std::to_string(matrix) + (full ? ", full" : ", limited");
            expect_patches(first_picture(make_film(with_patches(spec, {matrix, full}))), 4, name.c_str());
        }
    }
}

TEST(FilmColourTest, SoDoesEveryCodecAndContainer) {
    struct Case {
        const char* container;
        const char* codec;
        const char* pixel_format;
        int bits = 8;
    };
    for (const Case& film :
         {Case{"mp4", "libx264", "yuv420p"}, Case{"mp4", "libx264", "yuv422p10le", 10},
          Case{"mp4", "libx265", "yuv420p"}, Case{"mov", "libx265", "yuv420p10le", 10},
          Case{"mp4", "libx265", "yuv444p12le", 12}, Case{"webm", "libvpx", "yuv420p"},
          Case{"webm", "libvpx-vp9", "yuv420p"}, Case{"webm", "libvpx-vp9", "yuv420p10le", 10},
          Case{"mp4", "libaom-av1", "yuv420p"}, Case{"webm", "libaom-av1", "yuv420p10le", 10},
          Case{"mp4", "mpeg4", "yuv420p"}, Case{"mpegts", "mpeg2video", "yuv420p"},
          Case{"matroska", "libx264", "nv12"}}) {
        for (const int matrix : {1, 6}) {
            const FilmSpec spec{.container = film.container,
                                .codec = film.codec,
                                .pixel_format = film.pixel_format,
                                .matrix = matrix,
                                .primaries = matrix,
                                .transfer = matrix,
                                .range = 1};
            const std::string name = std::string(film.codec) + " " + film.pixel_format + " in " +
                                     film.container + ", matrix " + std::to_string(matrix);
            expect_patches(first_picture(make_film(with_patches(spec, {matrix, false, film.bits}))), 6,
                           name.c_str());
        }
    }
}

TEST(FilmColourTest, FullRangeIsSeenInEveryCodecThatKnowsIt) {
    struct Case {
        const char* container;
        const char* codec;
        const char* pixel_format;
        int bits = 8;
    };
    for (const Case& film : {Case{"mp4", "libx264", "yuvj420p"}, Case{"mp4", "libx264", "yuv420p10le", 10},
                             Case{"mp4", "libx265", "yuv420p"}, Case{"mp4", "libx265", "yuv420p10le", 10},
                             Case{"webm", "libvpx-vp9", "yuv420p"}, Case{"mp4", "libaom-av1", "yuv420p"},
                             Case{"avi", "mjpeg", "yuvj420p"}}) {
        const int matrix = std::string_view(film.codec) == "mjpeg" ? 5 : 1;  // JPEG has one
        const FilmSpec spec{.container = film.container,
                            .codec = film.codec,
                            .pixel_format = film.pixel_format,
                            .matrix = matrix,
                            .range = 2};
        const std::string name = std::string(film.codec) + " " + film.pixel_format;
        expect_patches(first_picture(make_film(with_patches(spec, {matrix, true, film.bits}))), 6,
                       name.c_str());
    }
}

TEST(FilmColourTest, RedGreenAndBlueStoredAsSuchAreTaken) {
    FilmSpec spec{.codec = "libx264rgb", .pixel_format = "bgr24", .matrix = 0};
    spec.values = [](double x, double y, int) {
        std::array<int, 4> values{};
        for (std::size_t i = 0; i < 3; ++i)
            values[i] = static_cast<int>(std::lround(kPatches[patch_at(x, y)][i] * 255));
        return values;
    };
    expect_patches(first_picture(make_film(spec)), 4, "RGB");
}

TEST(FilmColourTest, GrayFilmsStayGray) {
    for (const bool full : {false, true}) {
        FilmSpec spec{.codec = "libx265", .pixel_format = "gray", .matrix = 1, .range = full ? 2 : 1};
        spec.values = [full](double x, double, int) {
            return std::array<int, 4>{full ? static_cast<int>(x * 255) : static_cast<int>(16 + x * 219), 0, 0,
                                      0};
        };
        const RgbImage image = first_picture(make_film(spec));
        ASSERT_FALSE(image.empty());
        for (const std::size_t column : {16U, 160U, 300U}) {
            const auto* pixel = image.pixels.data() + (100 * 320 + column) * 3;
            for (std::size_t i = 0; i < 3; ++i)
                EXPECT_NEAR(pixel[i], static_cast<double>(column) / 320 * 255, 4) << full << ' ' << column;
        }
    }
}

// Without tags, and with tags that say nothing or cannot be.
TEST(FilmColourTest, UntaggedFilmsAreGuessedByTheirSize) {
    for (const int tag : {2, 0, 3}) {
        const Coding hd{.matrix = 1}, sd{.matrix = 6};
        const FilmSpec large{.width = 1280, .height = 720, .frames = 2, .matrix = tag};
        const FilmSpec upright{.width = 720, .height = 1280, .frames = 2, .matrix = tag};
        const FilmSpec small{.width = 640, .height = 480, .frames = 2, .matrix = tag};
        expect_patches(first_picture(make_film(with_patches(large, hd))), 5, "large");
        expect_patches(first_picture(make_film(with_patches(upright, hd))), 5, "upright");
        expect_patches(first_picture(make_film(with_patches(small, sd))), 5, "small");
    }
}

TEST(FilmColourTest, TheContainersTagsCountWhereTheCodecHasNone) {
    struct Case {
        const char* container;
        const char* codec;
    };
    for (const Case& film : {Case{"mp4", "mpeg4"}, Case{"webm", "libvpx"}}) {
        for (const bool full : {false, true}) {
            const FilmSpec spec{.container = film.container,
                                .codec = film.codec,
                                .matrix = 1,
                                .primaries = 1,
                                .transfer = 1,
                                .range = full ? 2 : 1};
            const std::string name = std::string(film.codec) + (full ? ", full" : ", limited");
            expect_patches(first_picture(make_film(with_patches(spec, {1, full}))), 6, name.c_str());
        }
    }
    const FilmSpec codec_only{.matrix = 1, .range = 1, .tags_in_container = false};
    expect_patches(first_picture(make_film(with_patches(codec_only, {1}))), 5, "the codec alone knows");
}

// Light, for transfers: BT.1886 for the screen that the patches are meant for, whose white has 203 cd/m2.
Rgb screen_nits(const Rgb& coded) {
    Rgb nits{};
    for (std::size_t i = 0; i < 3; ++i)
        nits[i] = 203 * std::pow(coded[i], 2.4);
    return nits;
}

Rgb to_2020(const Rgb& light) {
    const auto [r, g, b] = light;  // BT.2087
    return {0.6274 * r + 0.3293 * g + 0.0433 * b, 0.0691 * r + 0.9195 * g + 0.0114 * b,
            0.0164 * r + 0.0880 * g + 0.8956 * b};
}

double pq(double nits) {
    const double power = std::pow(nits / 10'000, 0.1593017578125);
    return std::pow((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power), 78.84375);
}

double hlg(double scene) {
    return scene <= 1.0 / 12 ? std::sqrt(3 * scene)
                             : 0.17883277 * std::log(12 * scene - 0.28466892) + 0.55991073;
}

Rgb coded_hdr(const Rgb& nits, int transfer) {
    Rgb light = to_2020(nits);
    if (transfer == 16) return {pq(light[0]), pq(light[1]), pq(light[2])};
    for (double& channel : light)
        channel /= 1000;
    const double luminance = 0.2627 * light[0] + 0.6780 * light[1] + 0.0593 * light[2];
    for (double& channel : light)
        channel = luminance > 0 ? hlg(channel * std::pow(luminance, 1 / 1.2 - 1)) : 0;
    return light;
}

TEST(FilmColourTest, HlgAndPqLookAsOnAnOrdinaryScreen) {
    struct Case {
        const char* container;
        const char* codec;
        const char* pixel_format;
        int bits;
        bool full = false;
    };
    for (const int transfer : {16, 18}) {
        for (const Case& film :
             {Case{"mov", "libx265", "yuv420p10le", 10}, Case{"mp4", "libx265", "yuv444p12le", 12},
              Case{"mp4", "libx265", "yuv420p10le", 10, true}, Case{"mp4", "libx264", "yuv422p10le", 10},
              Case{"webm", "libvpx-vp9", "yuv420p10le", 10},
              Case{"matroska", "libaom-av1", "yuv420p10le", 10}}) {
            FilmSpec spec{.container = film.container,
                          .codec = film.codec,
                          .pixel_format = film.pixel_format,
                          .matrix = 9,
                          .primaries = 9,
                          .transfer = transfer,
                          .range = film.full ? 2 : 1};
            spec.values = [&](double x, double y, int) {
                return stored(coded_hdr(screen_nits(kPatches[patch_at(x, y)]), transfer),
                              {9, film.full, film.bits});
            };
            const std::string name = std::string(film.codec) + " " + film.pixel_format + ", transfer " +
                                     std::to_string(transfer) + (film.full ? ", full" : "");
            expect_patches(first_picture(make_film(spec)), 9, name.c_str());
        }
    }
}

// Also where the picture is made smaller, at odd sizes.
TEST(FilmColourTest, LargeFilmsKeepTheirColours) {
    struct Case {
        const char* codec;
        const char* pixel_format;
        int bits;
        int transfer;
        bool full = false;
    };
    for (const Case& film : {Case{"libx264", "yuv420p", 8, 1}, Case{"libx264", "yuvj420p", 8, 1, true},
                             Case{"libx265", "yuv420p10le", 10, 1, true},
                             Case{"libx265", "yuv420p10le", 10, 18}, Case{"libx265", "yuv420p10le", 10, 16},
                             Case{"libx264", "yuv420p", 8, 18}, Case{"libx264", "yuvj420p", 8, 18, true}}) {
        const int matrix = film.transfer == 1 ? 1 : 9;
        FilmSpec spec{.codec = film.codec,
                      .pixel_format = film.pixel_format,
                      .width = 1'138,
                      .height = 642,
                      .frames = 2,
                      .matrix = matrix,
                      .primaries = matrix,
                      .transfer = film.transfer,
                      .range = film.full ? 2 : 1};
        spec.values = [&](double x, double y, int) {
            const Rgb& patch = kPatches[patch_at(x, y)];
            return stored(film.transfer == 1 ? patch : coded_hdr(screen_nits(patch), film.transfer),
                          {matrix, film.full, film.bits});
        };
        const std::string name =
            std::string(film.codec) + " " + film.pixel_format + ", transfer " + std::to_string(film.transfer);
        const RgbImage image = first_picture(make_film(spec));
        EXPECT_EQ(image.width, 384);
        expect_patches(image, film.transfer == 1 ? 5 : film.bits == 8 ? 12 : 9, name.c_str());
    }
}

TEST(FilmColourTest, LightAboveWhiteIsRolledOffInOrder) {
    for (const int transfer : {16, 18}) {
        constexpr std::array kNits{1.0, 25.0, 50.0, 100.0, 150.0, 203.0, 400.0, 1000.0};
        FilmSpec spec{.codec = "libx265",
                      .pixel_format = "yuv420p10le",
                      .matrix = 9,
                      .primaries = 9,
                      .transfer = transfer,
                      .range = 1};
        spec.values = [&](double x, double, int) {
            const double nits = kNits[static_cast<std::size_t>(x * kNits.size())];
            return stored(coded_hdr({nits, nits, nits}, transfer), {9, false, 10});
        };
        const RgbImage image = first_picture(make_film(spec));
        ASSERT_FALSE(image.empty());
        int before = 0;
        for (std::size_t i = 0; i < kNits.size(); ++i) {
            const std::uint8_t* pixel = image.pixels.data() + (120 * 320 + i * 40 + 20) * 3;
            EXPECT_GT(pixel[1], before) << kNits[i];
            EXPECT_NEAR(pixel[0], pixel[1], 3);
            EXPECT_NEAR(pixel[2], pixel[1], 3);
            before = pixel[1];
            if (kNits[i] == 203) {
                EXPECT_GE(before, 236);
            }
        }
        EXPECT_GE(before, 253);
    }
}

TEST(FilmColourTest, WidePrimariesAreBroughtToTheScreens) {
    FilmSpec spec{.pixel_format = "yuv444p10le", .matrix = 9, .primaries = 9, .transfer = 14, .range = 1};
    spec.values = [](double x, double y, int) {
        Rgb light = to_2020(screen_nits(kPatches[patch_at(x, y)]));
        for (double& channel : light)
            channel = std::pow(channel / 203, 1 / 2.4);
        return stored(light, {9, false, 10});
    };
    expect_patches(first_picture(make_film(spec)), 4, "BT.2020 of standard range");
}

std::array<double, 3> mean_of(const RgbImage& image) {
    std::array<double, 3> mean{};
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
        mean[i % 3] += image.pixels[i];
    for (double& channel : mean)
        channel /= static_cast<double>(image.pixels.size()) / 3;
    return mean;
}

TEST(FilmColourTest, APhonesHlgFilmLooksLikeItsOrdinaryTwin) {
    const auto folder = shared_folder() / "cases";
    const auto read = [&](const char* name) {
        std::stringstream bytes;
        bytes << std::ifstream(folder / name, std::ios::binary).rdbuf();
        return bytes.str();
    };
    if (!std::filesystem::exists(folder / "hlg-10bit.mov")) GTEST_SKIP() << folder << " has no hlg-10bit.mov";
    const auto film = mean_of(first_picture(read("hlg-10bit.mov")));
    const auto twin = mean_of(first_picture(read("hlg-same-in-sdr-rgb.mp4")));
    std::printf("mean colours: HLG %.1f %.1f %.1f, twin %.1f %.1f %.1f\n", film[0], film[1], film[2], twin[0],
                twin[1], twin[2]);
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_NEAR(film[i], twin[i], 5);
}

}  // namespace
}  // namespace bgm
