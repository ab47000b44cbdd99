// From a file, or a decoded picture, to an image encoder's numbers: the right ones, in the right order, the
// same for however a camera was held and however finely a JPEG was decoded.
#include "workers/image/pixel_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <thread>

#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/image_files.hpp"

namespace bgm {
namespace {

using namespace test;
using testing::Each;
using testing::ElementsAre;

// Four pixels a side, numbers that are bytes less 100.
PixelConfig small() {
    PixelConfig config;
    config.shortest_edge = config.crop_width = config.crop_height = 4;
    config.rescale = false;
    config.mean = {100, 100, 100};
    config.deviation = {1, 1, 1};
    return config;
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
    const double ab = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
    const double aa = std::inner_product(a.begin(), a.end(), a.begin(), 0.0);
    const double bb = std::inner_product(b.begin(), b.end(), b.begin(), 0.0);
    return ab / std::sqrt(aa * bb);
}

std::vector<float> numbers(const PixelReader& reader, const Bytes& file) {
    std::vector<float> chw(reader.values());
    const auto picture = reader.read(as_media(file), chw);
    EXPECT_TRUE(picture.ok()) << (picture ? "" : picture.error().message);
    return chw;
}

TEST(PixelReader, LaysOutChannelAfterChannelRowAfterRow) {
    PixelConfig config = small();
    config.crop_width = config.crop_height = 2;
    config.shortest_edge = 2;
    const PixelReader reader(config);
    const RgbImage picture{.width = 2, .height = 2, .pixels = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
    std::vector<float> chw(reader.values());
    const auto seen = reader.read(picture, chw);
    ASSERT_TRUE(seen.ok());
    EXPECT_EQ(seen->pixels, picture.pixels);
    EXPECT_THAT(chw, ElementsAre(-99, -96, -93, -90, -98, -95, -92, -89, -97, -94, -91, -88));
}

TEST(PixelReader, RescalesAndNormalisesInTheReferencesPrecision) {
    const PixelReader reader(PixelConfig{});
    std::vector<float> chw(reader.values());
    ASSERT_TRUE(reader.read(draw_flat(224, 224, 0, 128, 255), chw).ok());
    const std::size_t plane = 224 * 224;
    EXPECT_EQ(chw[0], (0.0F - 0.48145466F) / 0.26862954F);
    EXPECT_EQ(chw[plane], (static_cast<float>(128 * (1.0 / 255)) - 0.4578275F) / 0.26130258F);
    EXPECT_EQ(chw[3 * plane - 1], (1.0F - 0.40821073F) / 0.27577711F);

    PixelConfig plain;
    plain.normalize = false;
    const PixelReader unnormalised(plain);
    ASSERT_TRUE(unnormalised.read(draw_flat(10, 300, 0, 51, 255), chw).ok());
    EXPECT_EQ(chw[0], 0.0F);
    EXPECT_EQ(chw[plane], 0.2F);
    EXPECT_EQ(chw.back(), 1.0F);
}

// Nine columns, of which the middle four are seen: two to the left, three to the right, as (9 - 4) // 2 says.
TEST(PixelReader, CropsTheMiddleRoundedDown) {
    RgbImage ramp{.width = 9, .height = 4, .pixels = {}};
    for (int i = 0; i < 36; ++i)
        ramp.pixels.insert(ramp.pixels.end(), 3, static_cast<std::uint8_t>(i % 9));
    const PixelReader reader(small());
    std::vector<float> chw(reader.values());
    const auto seen = reader.read(ramp, chw);
    ASSERT_TRUE(seen.ok());
    EXPECT_THAT(std::vector<float>(chw.begin(), chw.begin() + 4), ElementsAre(-98, -97, -96, -95));
}

// A crop of four around a picture of three: the odd row and column of black come first, as the reference
// pads.
TEST(PixelReader, PadsWhatIsSmallerThanTheCrop) {
    PixelConfig config = small();
    config.shortest_edge = 3;
    const PixelReader reader(config);
    std::vector<float> chw(reader.values());
    ASSERT_TRUE(reader.read(draw_flat(3, 3, 200, 200, 200), chw).ok());
    EXPECT_THAT(std::vector<float>(chw.begin(), chw.begin() + 5), Each(-100));
    EXPECT_THAT(std::vector<float>(chw.begin() + 5, chw.begin() + 8), Each(100));
    EXPECT_EQ(chw[8], -100);
}

TEST(PixelReader, LeavesUnresizedPicturesAtTheirSize) {
    PixelConfig config = small();
    config.resize = PixelConfig::Resize::none;
    const PixelReader reader(config);
    const RgbImage quarters = draw_quarters(40, 40);
    std::vector<float> chw(reader.values());
    const auto seen = reader.read(quarters, chw);
    ASSERT_TRUE(seen.ok());
    EXPECT_TRUE(std::equal(seen->pixels.begin(), seen->pixels.begin() + 12,
                           quarters.pixels.begin() + (18 * 40 + 18) * 3));
}

TEST(PixelReader, SquashesToAnExactSize) {
    PixelConfig config = small();
    config.resize = PixelConfig::Resize::exact;
    config.resize_width = 6;
    config.resize_height = 2;
    config.center_crop = false;
    const PixelReader reader(config);
    EXPECT_EQ(reader.values(), 36U);
    std::vector<float> chw(reader.values());
    ASSERT_TRUE(reader.read(draw_flat(5, 50, 90, 90, 90), chw).ok());
    EXPECT_THAT(chw, Each(-10));
}

TEST(PixelReader, SeesOnePictureHoweverTheCameraWasHeld) {
    const RgbImage shown = draw_sunset(1300, 1000);
    const PixelReader reader(PixelConfig{});
    const auto upright = numbers(reader, encode(shown, ".jpg"));
    for (int orientation = 2; orientation <= 8; ++orientation) {
        const Bytes file =
            with_exif(encode(stored_for(shown, orientation), ".jpg"), exif_block(orientation, true));
        const auto turned = numbers(reader, file);
        EXPECT_GT(cosine(upright, turned), 0.9999) << orientation;
    }
}

TEST(PixelReader, LeavesTheOrientationAloneAsTheReferenceDoes) {
    const RgbImage stored = draw_quarters(300, 240);
    const Bytes jpeg = encode(stored, ".jpg");
    const PixelReader reader(PixelConfig{}, Fidelity::reference);
    EXPECT_EQ(numbers(reader, jpeg), numbers(reader, with_exif(jpeg, exif_block(6, false))));
}

TEST(PixelReader, HardlySeesThatAJpegWasDecodedAtAQuarter) {
    const Bytes file =
        encode(draw_forest(2000, 1900), ".jpg");  // every pixel its own shade: the hardest case
    const PixelReader quick(PixelConfig{});
    const PixelReader full(PixelConfig{}, Fidelity::reference);
    EXPECT_GT(cosine(numbers(quick, file), numbers(full, file)), 0.999);
}

TEST(PixelReader, SaysWhatTheFileDeclares) {
    const PixelReader reader(PixelConfig{});
    std::vector<float> chw(reader.values());
    const auto picture =
        reader.read(as_media(with_exif(encode(draw_quarters(1000, 600), ".jpg"), exif_block(6, true))), chw);
    ASSERT_TRUE(picture.ok());
    EXPECT_EQ(picture->header.width, 1000);
    EXPECT_EQ(picture->header.orientation, 6);
    EXPECT_EQ(picture->seen.width, 224);
    EXPECT_TRUE(picture->seen.consistent());
}

TEST(PixelReader, LeavesTheNumbersAloneWhereItFails) {
    const PixelReader reader(PixelConfig{}, Fidelity::product, {.pixels_max = 1000});
    std::vector<float> chw(reader.values(), 7);
    EXPECT_EQ(reader.read(as_media(Bytes{1, 2, 3}), chw).error().code, ErrorCode::unsupported);
    EXPECT_EQ(reader.read(as_media(encode(draw_quarters(100, 100), ".jpg")), chw).error().code,
              ErrorCode::too_large);
    EXPECT_EQ(reader.read(RgbImage{}, chw).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(reader.read(RgbImage{.width = 5, .height = 5, .pixels = {}}, chw).error().code,
              ErrorCode::invalid_argument);
    EXPECT_EQ(reader.read(draw_quarters(10, 10), std::span(chw).first(10)).error().code,
              ErrorCode::invalid_argument);
    EXPECT_THAT(chw, Each(7));
}

TEST(PixelReader, ServesSeveralThreadsAtOnce) {
    const PixelReader reader(PixelConfig{});
    const std::vector<Bytes> files{encode(draw_sunset(400, 300), ".jpg"),
                                   encode(draw_forest(300, 400), ".png")};
    const std::vector<std::vector<float>> expected{numbers(reader, files[0]), numbers(reader, files[1])};
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            for (int round = 0; round < 3; ++round)
                EXPECT_EQ(numbers(reader, files[i % 2]), expected[i % 2]);
        });
    }
}

TEST(PixelReader, OpensAModelsFolder) {
    const auto folder = std::filesystem::path(testing::TempDir()) / "pixel_reader_model";
    std::filesystem::create_directory(folder);
    std::ofstream(folder / "preprocessor_config.json") << R"({"size": 32, "crop_size": 30})";
    const auto reader = PixelReader::open(folder, PixelFamily::clip);
    std::filesystem::remove_all(folder);
    ASSERT_TRUE(reader.ok()) << reader.error().message;
    EXPECT_EQ((*reader)->width(), 30);
    EXPECT_EQ((*reader)->values(), 2700U);
    EXPECT_EQ(PixelReader::open(folder, PixelFamily::clip).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace bgm
