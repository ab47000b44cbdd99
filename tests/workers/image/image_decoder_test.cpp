// Files of every supported kind become upright RGB pixels; damaged ones become an error. Nothing that a
// stranger sends may crash the decoder or make it print.
#include "workers/media/picture/image_decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/image_files.hpp"
#include "workers/media/picture/exif_orientation.hpp"

namespace bgm {
namespace {

using namespace test;

RgbImage decode(const Bytes& file, const DecodeOptions& options = {}) {
    const ImageDecoder decoder;
    auto decoded = decoder.decode(as_media(file), options);
    EXPECT_TRUE(decoded.ok()) << (decoded ? "" : decoded.error().message);
    return decoded ? std::move(decoded->image) : RgbImage{};
}

const std::vector<std::string> kFormats{".jpg", ".png", ".webp", ".bmp"};

TEST(ImageDecoder, GivesBackWhatWasDrawn) {
    const RgbImage image = draw_sunset(163, 91);
    for (const auto& format : kFormats) {
        EXPECT_LT(difference(decode(encode(image, format)), image), format == ".jpg" ? 6.0 : 0.01) << format;
    }
    EXPECT_LT(difference(decode(encode_progressive_jpeg(image)), image), 6.0);
}

TEST(ImageDecoder, AppliesAllEightOrientations) {
    const RgbImage shown = draw_quarters(160, 96);
    for (int orientation = 1; orientation <= 8; ++orientation) {
        const Bytes file = with_exif(encode(stored_for(shown, orientation), ".jpg"),
                                     exif_block(orientation, orientation % 2 == 0));
        EXPECT_LT(difference(decode(file), shown), 6.0) << orientation;
        EXPECT_EQ(decode(file, {.pixels_min = 900}).width, 40) << orientation;
    }
}

TEST(ImageDecoder, LeavesThePictureAsStoredWhereAsked) {
    const RgbImage shown = draw_quarters(160, 96);
    for (const int orientation : {3, 6}) {
        const RgbImage stored = stored_for(shown, orientation);
        const Bytes file = with_exif(encode(stored, ".jpg"), exif_block(orientation, false));
        EXPECT_LT(difference(decode(file, {.upright = false}), stored), 6.0) << orientation;
    }
}

TEST(ImageDecoder, ReducesAJpegNeverBelowWhatIsAskedFor) {
    const Bytes file = encode(draw_quarters(803, 611), ".jpg");
    EXPECT_EQ(decode(file).width, 803);
    EXPECT_EQ(decode(file, {.shorter_side_min = 306}).height, 611);
    EXPECT_EQ(decode(file, {.shorter_side_min = 305}).height, 306);
    EXPECT_EQ(decode(file, {.shorter_side_min = 152}).height, 153);
    EXPECT_EQ(decode(file, {.shorter_side_min = 1}).height, 77);
    for (const std::int64_t pixels : {100, 5'000, 30'000, 100'000, 400'000}) {
        const RgbImage image = decode(file, {.pixels_min = pixels});
        EXPECT_GE(std::int64_t{image.width} * image.height, pixels);
    }
    EXPECT_EQ(decode(encode(draw_quarters(803, 611), ".png"), {.pixels_min = 100}).width, 803);
}

TEST(ImageDecoder, WidensGray) {
    for (const auto& format : kFormats) {
        const RgbImage image = decode(encode_gray(draw_forest(64, 48), format));
        ASSERT_EQ(image.pixels.size(), 64U * 48 * 3) << format;
        for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
            ASSERT_NEAR(image.pixels[i], image.pixels[i + 1], 2);
            ASSERT_NEAR(image.pixels[i], image.pixels[i + 2], 2);
        }
    }
}

TEST(ImageDecoder, ShowsTransparencyOnWhite) {
    const RgbImage red = draw_flat(40, 20, 200, 0, 0);
    for (const std::string format : {".png", ".webp"}) {
        const RgbImage clear = decode(encode_with_alpha(red, format, 0));
        EXPECT_EQ(clear.pixels[0], 200) << format;
        EXPECT_EQ(clear.pixels[1], 0) << format;
        for (int c = 0; c < 3; ++c)
            EXPECT_EQ(clear.pixels[39 * 3 + c], 255) << format;
        const RgbImage half = decode(encode_with_alpha(red, format, 128));
        EXPECT_NEAR(half.pixels[39 * 3], 227, 1) << format;
        EXPECT_NEAR(half.pixels[39 * 3 + 1], 127, 1) << format;
    }
    const RgbImage dropped = decode(encode_with_alpha(red, ".png", 0), {.alpha = AlphaRule::dropped});
    EXPECT_EQ(dropped.pixels[39 * 3], 200);
    EXPECT_EQ(dropped.pixels[39 * 3 + 1], 0);
}

TEST(ImageDecoder, ReadsSixteenBitsAPalettesAndBilevel) {
    const RgbImage image = draw_quarters(50, 40);
    EXPECT_LT(difference(decode(encode_png_16_bit(image)), image), 0.01);

    const Bytes palette{255, 0, 0, 0, 0, 255};
    const Bytes rows{0, 0b01010000, 0, 0b10100000};  // four pixels a row, one bit each
    const RgbImage two_colors = decode(make_png(4, 2, 1, 3, {{"PLTE", palette}}, rows));
    EXPECT_EQ(two_colors.pixels, (Bytes{255, 0, 0,   0,   0, 255, 255, 0, 0,   0,   0, 255,
                                        0,   0, 255, 255, 0, 0,   0,   0, 255, 255, 0, 0}));
    const RgbImage one_clear = decode(make_png(4, 2, 1, 3, {{"PLTE", palette}, {"tRNS", {0, 255}}}, rows));
    EXPECT_EQ(Bytes(one_clear.pixels.begin(), one_clear.pixels.begin() + 6),
              (Bytes{255, 255, 255, 0, 0, 255}));
    const RgbImage bilevel = decode(make_png(4, 2, 1, 0, {}, rows));
    EXPECT_EQ(Bytes(bilevel.pixels.begin(), bilevel.pixels.begin() + 6), (Bytes{0, 0, 0, 255, 255, 255}));
}

// The pixels of each of Adam7's passes: every `step`-th from `first`, across and down. Sizes at which some of
// the passes have none, too.
TEST(ImageDecoder, PutsTheSevenPassesOfAnInterlacedPngTogether) {
    struct Pass {
        int first_x, first_y, step_x, step_y;
    };
    constexpr std::array kPasses{Pass{0, 0, 8, 8}, Pass{4, 0, 8, 8}, Pass{0, 4, 4, 8}, Pass{2, 0, 4, 4},
                                 Pass{0, 2, 2, 4}, Pass{1, 0, 2, 2}, Pass{0, 1, 1, 2}};
    for (const auto& [width, height] : {std::pair{37, 29}, {8, 8}, {3, 5}, {1, 2}, {1, 1}}) {
        const RgbImage image = draw_sunset(width, height);
        Bytes in_order;
        for (int y = 0; y < height; ++y) {
            in_order.push_back(0);
            const auto row = image.pixels.begin() + std::ptrdiff_t{y} * width * 3;
            in_order.insert(in_order.end(), row, row + std::ptrdiff_t{width} * 3);
        }
        Bytes in_passes;
        for (const Pass& pass : kPasses) {
            for (int y = pass.first_y; y < height && pass.first_x < width; y += pass.step_y) {
                in_passes.push_back(0);
                for (int x = pass.first_x; x < width; x += pass.step_x) {
                    const auto pixel = image.pixels.begin() + (std::ptrdiff_t{y} * width + x) * 3;
                    in_passes.insert(in_passes.end(), pixel, pixel + 3);
                }
            }
        }
        const auto wide = static_cast<std::uint32_t>(width);
        const auto high = static_cast<std::uint32_t>(height);
        const RgbImage interlaced = decode(make_png(wide, high, 8, 2, {}, in_passes, true));
        EXPECT_EQ(interlaced.pixels, image.pixels) << width << " x " << height;
        EXPECT_EQ(interlaced.pixels, decode(make_png(wide, high, 8, 2, {}, in_order)).pixels);
    }
}

// cyan, magenta, yellow and black, each as the light that it leaves: 255 is no ink at all.
TEST(ImageDecoder, ReadsInkAsInverted) {
    const auto flat = [](const Bytes& ink) {
        Bytes pixels;
        for (int i = 0; i < 16 * 16; ++i)
            pixels.insert(pixels.end(), ink.begin(), ink.end());
        const RgbImage image = decode(encode_cmyk_jpeg(pixels, 16, 16));
        return Bytes(image.pixels.begin(), image.pixels.begin() + 3);
    };
    EXPECT_EQ(flat({255, 255, 255, 255}), (Bytes{255, 255, 255}));
    EXPECT_EQ(flat({255, 255, 255, 0}), (Bytes{0, 0, 0}));
    EXPECT_EQ(flat({0, 255, 255, 255}), (Bytes{0, 255, 255}));
    EXPECT_EQ(flat({255, 0, 255, 128}), (Bytes{128, 0, 128}));
    EXPECT_EQ(flat({100, 200, 50, 200}), (Bytes{78, 157, 39}));  // 200 less 255 less ink of 255, rounded
}

TEST(ImageDecoder, RefusesAProgressiveBombBeforeChoosingAScale) {
    const Bytes file = encode_progressive_jpeg(draw_quarters(803, 611));
    const ImageDecoder decoder({.pixels_max = 803 * 611 - 1});
    const auto decoded = decoder.decode(as_media(file), {.shorter_side_min = 8});
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error().code, ErrorCode::too_large);
}

TEST(ImageDecoder, ShowsTheFirstFrameOfAnAnimatedWebp) {
    const RgbImage first = draw_quarters(60, 40);
    const RgbImage second = draw_flat(60, 40, 0, 0, 255);
    const Bytes plain = animate_webp({encode(first, ".webp"), encode(second, ".webp")}, 60, 40);
    EXPECT_LT(difference(decode(plain), first), 0.01);
    const Bytes see_through =
        animate_webp({encode_with_alpha(first, ".webp", 0, true), encode(second, ".webp")}, 60, 40);
    const RgbImage shown = decode(see_through);
    EXPECT_EQ(shown.pixels[59 * 3 + 2], 255);
    EXPECT_NEAR(shown.pixels[0], first.pixels[0], 20);
}

TEST(ImageDecoder, ReadsOnePixel) {
    for (const auto& format : kFormats) {
        const RgbImage image = decode(encode(draw_flat(1, 1, 255, 255, 255), format));
        EXPECT_EQ(image.pixels, (Bytes{255, 255, 255})) << format;
    }
}

std::vector<std::pair<std::string, Bytes>> sample_files() {
    const RgbImage image = draw_quarters(90, 70);
    std::vector<std::pair<std::string, Bytes>> files{
        {"progressive", encode_progressive_jpeg(image)},
        {"exif", with_exif(encode(image, ".jpg"), exif_block(6, true))},
        {"deep png", encode_png_16_bit(image)},
        {"alpha webp", encode_with_alpha(image, ".webp", 90)},
        {"lossy webp", encode_with_alpha(image, ".webp", 90, true)},
        {"moving webp", animate_webp({encode(image, ".webp")}, 90, 70)}};
    for (const auto& format : kFormats)
        files.emplace_back(format, encode(image, format));
    Bytes indices(90 * 70);
    for (std::size_t i = 0; i < indices.size(); ++i)
        indices[i] = static_cast<std::uint8_t>(i * i / 7);
    files.emplace_back(".gif",
                       make_gif(90, 70, Bytes(768, 99),
                                {{.width = 90, .height = 70, .interlaced = true, .indices = indices}}));
    return files;
}

TEST(ImageDecoder, CallsACutOffFileCorruptWhereverItIsCut) {
    const ImageDecoder decoder;
    for (const auto& [label, file] : sample_files()) {
        // A GIF may lose its trailer and a BMP its padding without losing a pixel.
        const std::size_t harmless = label == ".gif" ? 3 : 4;
        for (std::size_t length = 0; length + harmless < file.size(); length += 1 + length / 40) {
            const Bytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length));
            const auto decoded = decoder.decode(as_media(cut));
            ASSERT_FALSE(decoded.ok()) << label << " cut to " << length << " of " << file.size();
            EXPECT_TRUE(decoded.error().code == ErrorCode::corrupt || length < 18)
                << label << " " << length << " " << decoded.error().message;
            EXPECT_FALSE(decoded.error().message.empty());
        }
    }
}

TEST(ImageDecoder, SurvivesDamageEverywhere) {
    const ImageDecoder decoder({.pixels_max = 4'000'000});
    std::mt19937 random(7);
    for (const auto& [label, file] : sample_files()) {
        for (int round = 0; round < 400; ++round) {
            Bytes damaged = file;
            const int flips = 1 + round % 8;
            for (int i = 0; i < flips; ++i) {
                // Half of the damage goes where the headers are.
                const std::size_t range =
                    round % 2 == 0 ? damaged.size() : std::min<std::size_t>(damaged.size(), 200);
                damaged[random() % range] ^= static_cast<std::uint8_t>(1U << (random() % 8));
            }
            const auto decoded = decoder.decode(as_media(damaged));
            if (decoded.ok()) {
                ASSERT_TRUE(decoded->image.consistent()) << label;
                ASSERT_FALSE(decoded->image.empty()) << label;
            }
        }
    }
}

TEST(ImageDecoder, PrintsNothingAboutBadFiles) {
    const ImageDecoder decoder;
    testing::internal::CaptureStderr();
    for (const auto& [label, file] : sample_files()) {
        Bytes damaged = file;
        for (std::size_t i = 300; i < damaged.size(); i += 97)
            damaged[i] ^= 0x55;
        (void)decoder.decode(as_media(damaged));
        (void)decoder.decode(
            as_media(Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(file.size() / 2))));
    }
    std::fputs("still heard", stderr);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "still heard");
}

TEST(ImageDecoder, ServesSeveralThreadsAtOnceWithoutLosingStandardError) {
    const ImageDecoder decoder;
    const auto files = sample_files();
    testing::internal::CaptureStderr();
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int round = 0; round < 5; ++round) {
                    for (const auto& [label, file] : files)
                        EXPECT_TRUE(decoder.decode(as_media(file)).ok()) << label;
                }
            });
        }
    }
    std::fputs("still heard", stderr);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "still heard");
}

TEST(ImageDecoder, ReadsTheReferenceImages) {
    const char* configured = std::getenv("BGM_SHARED_DIR");
    const auto shared =
        std::filesystem::path(configured != nullptr ? configured : BGM_SOURCE_DIR "/../shared");
    const auto folder = shared / "parity" / "image_preprocess" / "images";
    if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no reference images at " << folder;
    const ImageDecoder decoder;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream stream(entry.path(), std::ios::binary);
        const std::string content{std::istreambuf_iterator<char>(stream), {}};
        const auto decoded = decoder.decode(std::as_bytes(std::span(content)));
        ASSERT_TRUE(decoded.ok()) << entry.path() << ": " << decoded.error().message;
        EXPECT_TRUE(decoded->image.consistent());
        EXPECT_FALSE(decoded->image.empty());
        // What Pillow decoded, where it is kept; it leaves the orientation alone.
        std::string stem = entry.path().filename().string();
        std::replace(stem.begin(), stem.end(), '.', '_');
        std::ifstream reference(shared / "parity" / "image_preprocess" / "expected" / (stem + ".decoded.png"),
                                std::ios::binary);
        if (!reference) continue;
        const std::string png{std::istreambuf_iterator<char>(reference), {}};
        auto expected = decoder.decode(std::as_bytes(std::span(png)));
        ASSERT_TRUE(expected.ok());
        const RgbImage upright = apply_orientation(std::move(expected->image), decoded->header.orientation);
        EXPECT_LT(difference(decoded->image, upright), 2.0) << entry.path();  // libjpeg's versions differ
    }
}

}  // namespace
}  // namespace bgm
