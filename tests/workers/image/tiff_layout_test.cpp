// Every way that TIFF has to store a picture comes out as the same picture, or is refused by the name of what
// is not read; never as "damaged", and never with something of its own in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/shared_folder.hpp"
#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/tiff_files.hpp"
#include "workers/media/picture/image_decoder.hpp"

namespace bgm {
namespace {

using namespace test;
using testing::HasSubstr;

constexpr int kLzw = 5, kJpeg = 7, kDeflate = 8, kFax3 = 3, kFax4 = 4, kPackBits = 32773, kOldDeflate = 32946,
              kLzma = 34925, kZstd = 50000, kWebp = 50001;

// What eight bits of a colour space, or a lossy codec, may move a value by on the average.
double tolerance(const TiffShape& shape) {
    if (shape.compression == kJpeg || shape.kind == TiffKind::ycbcr) return 4.0;
    if (shape.kind == TiffKind::cie_lab || shape.kind == TiffKind::icc_lab) return 2.0;
    if (shape.compression == kWebp) return 4.0;
    return shape.opacity != TiffOpacity::none || shape.kind == TiffKind::cmyk ? 0.7 : 0.01;
}

TEST(TiffLayouts, AreAllTheSamePicture) {
    const ImageDecoder decoder;
    const RgbImage rich = draw_sunset(83, 61);
    const RgbImage plain = draw_quarters(83, 61);
    int seen = 0;
    for (const TiffShape& shape : tiff_shapes_to_read()) {
        if (!tiff_can(shape.compression)) continue;
        const RgbImage image = shape.kind == TiffKind::palette ? few_colours(83, 61, shape.bits)
                               : shape.kind == TiffKind::ycbcr ? plain
                                                               : rich;
        const auto decoded = decoder.decode(as_media(encode_tiff(image, shape)));
        ASSERT_TRUE(decoded.ok()) << shape.name << ": " << decoded.error().message;
        EXPECT_LT(difference(decoded->image, expected_from_tiff(image, shape)), tolerance(shape))
            << shape.name;
        ++seen;
    }
    RecordProperty("layouts", seen);
}

TEST(TiffLayouts, ThatAreNotReadSayWhatIsNot) {
    const RgbImage image = draw_sunset(48, 32);
    const auto refused = [&](const TiffShape& shape) {
        const auto decoded = ImageDecoder().decode(as_media(encode_tiff(image, shape)));
        EXPECT_FALSE(decoded.ok());
        if (decoded.ok()) return std::string();
        EXPECT_EQ(decoded.error().code, ErrorCode::unsupported) << decoded.error().message;
        return decoded.error().message;
    };
    constexpr int kSigned = 2, kFloat = 3, kComplex = 6, kMultiInk = 2;
    for (const int bits : {8, 16, 32})
        EXPECT_THAT(refused({.bits = bits, .sample_format = kSigned}), HasSubstr("samples below zero"));
    for (const bool planar : {false, true})
        EXPECT_THAT(refused({.bits = 32, .planar = planar, .sample_format = kFloat}),
                    HasSubstr("floating-point samples"));
    EXPECT_THAT(refused({.kind = TiffKind::gray, .bits = 64, .sample_format = kFloat}), HasSubstr("64 bits"));
    EXPECT_THAT(refused({.kind = TiffKind::gray, .bits = 32, .sample_format = kComplex}),
                HasSubstr("complex"));
    EXPECT_THAT(refused({.bits = 24}), HasSubstr("24 bits"));
    EXPECT_THAT(refused({.kind = TiffKind::cmyk, .inkset = kMultiInk}), HasSubstr("inks other than"));
    EXPECT_THAT(refused({.kind = TiffKind::cmyk, .opacity = TiffOpacity::premultiplied}),
                HasSubstr("multiplied with their opacity"));
}

TEST(TiffLayouts, KeepTheirStoredColoursWhereOpacityIsDropped) {
    const RgbImage image = draw_sunset(48, 32);
    for (const TiffOpacity opacity : {TiffOpacity::straight, TiffOpacity::premultiplied}) {
        for (const bool planar : {false, true}) {
            const auto decoded =
                ImageDecoder().decode(as_media(encode_tiff(image, {.planar = planar, .opacity = opacity})),
                                      {.alpha = AlphaRule::dropped});
            ASSERT_TRUE(decoded.ok()) << decoded.error().message;
            EXPECT_LT(difference(decoded->image, image), 1.0);
        }
    }
}

// The one strip of a file says that it is half as long as it is.
Bytes with_half_a_strip(Bytes file) {
    const auto number = [&file](std::size_t at, int bytes) {
        std::size_t value = 0;
        for (int i = 0; i < bytes; ++i)
            value |= std::size_t{file.at(at + static_cast<std::size_t>(i))} << (8 * i);
        return value;
    };
    constexpr std::size_t kStripByteCounts = 279;
    const std::size_t directory = number(4, 4);
    for (std::size_t i = 0; i < number(directory, 2); ++i) {
        const std::size_t entry = directory + 2 + 12 * i;
        if (number(entry, 2) != kStripByteCounts) continue;
        const std::size_t half = number(entry + 8, 4) / 2;
        for (std::size_t byte = 0; byte < 4; ++byte)
            file.at(entry + 8 + byte) = static_cast<std::uint8_t>(half >> (8 * byte));
    }
    return file;
}

TEST(TiffLayouts, ThatBreakOffAreCorrupt) {
    const RgbImage image = draw_sunset(83, 61);
    for (const int compression : {kLzw, kJpeg, kDeflate, kPackBits, kLzma, kZstd, kWebp}) {
        const Bytes file = encode_tiff(image, {.compression = compression, .rows_per_strip = 61});
        ASSERT_TRUE(ImageDecoder().decode(as_media(file)).ok()) << compression;
        const auto decoded = ImageDecoder().decode(as_media(with_half_a_strip(file)));
        ASSERT_FALSE(decoded.ok()) << compression;
        EXPECT_EQ(decoded.error().code, ErrorCode::corrupt) << compression;
    }
}

TEST(TiffLayouts, OfStrangersAreThePicturesTheyLookLike) {
    const auto folder = shared_folder() / "cases";
    if (!std::filesystem::exists(folder / "planar16.tif")) GTEST_SKIP() << "no cases at " << folder;
    const auto read = [&](const char* name) {
        std::ifstream stream(folder / name, std::ios::binary);
        const Bytes file{std::istreambuf_iterator<char>(stream), {}};
        auto decoded = ImageDecoder().decode(as_media(file));
        EXPECT_TRUE(decoded.ok()) << name << ": " << (decoded ? "" : decoded.error().message);
        return decoded ? std::move(decoded->image) : RgbImage{};
    };
    EXPECT_EQ(read("planar16.tif").pixels, read("chunky16.tif").pixels);
    EXPECT_EQ(read("gray4.tif").width, 96);
}

}  // namespace
}  // namespace bgm
