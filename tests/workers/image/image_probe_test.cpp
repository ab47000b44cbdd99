// The gate in front of the decoders: what a file is, and whether it may be decoded, is decided from its first
// bytes, with a message that a person understands.
#include "workers/media/picture/image_probe.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/image_files.hpp"
#include "tests/workers/image/picture_files.hpp"
#include "workers/media/picture/exif_orientation.hpp"
#include "workers/media/picture/jpeg_stream.hpp"

namespace bgm {
namespace {

using namespace test;
using namespace std::string_view_literals;

Bytes bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

Error error_of(const Bytes& file, const ImageLimits& limits = {}) {
    const auto header = probe_image(as_media(file), limits);
    return header ? Error{.code = ErrorCode::internal, .message = "no error"} : header.error();
}

TEST(ImageProbe, ReadsTheDeclaredSizeOfEveryFormat) {
    const RgbImage image = draw_sunset(60, 40);
    const Bytes gif = make_gif(60, 40, {}, {{.width = 60, .height = 40, .indices = Bytes(60 * 40, 0)}});
    const std::vector<std::pair<ImageKind, Bytes>> files{
        {ImageKind::jpeg, encode(image, ".jpg")}, {ImageKind::jpeg, encode_progressive_jpeg(image)},
        {ImageKind::png, encode(image, ".png")},  {ImageKind::webp, encode(image, ".webp")},
        {ImageKind::bmp, encode(image, ".bmp")},  {ImageKind::gif, gif}};
    for (const auto& [kind, file] : files) {
        const auto header = probe_image(as_media(file));
        ASSERT_TRUE(header.ok()) << header.error().message;
        EXPECT_EQ(header->kind, kind);
        EXPECT_EQ(header->width, 60);
        EXPECT_EQ(header->height, 40);
        EXPECT_EQ(header->orientation, 1);
    }
}

TEST(ImageProbe, SaysWhatTheFileIsWhenItIsNoImage) {
    const std::vector<std::pair<std::string_view, std::string_view>> files{
        {"PK\3\4rest of an archive"sv, "a zip archive, not an image"},
        {"%PDF-1.7 ..."sv, "a PDF document, not an image"},
        {"<!DOCTYPE html><html>404</html>"sv, "a web page, not an image"},
        {"just some words"sv, "text, not an image"},
        {"\0\0\0\x18"
         "ftypisom...."sv,
         "an MP4 or QuickTime video, not an image"},
        {"RIFF\x24\0\0\0WAVEfmt "sv, "a WAV sound file, not an image"},
        {"\1\2\3\4\5\6\7\x08"sv, "not an image of a known kind"},
        {"BM is how this sentence begins"sv, "text, not an image"}};
    for (const auto& [content, message] : files) {
        const Error error = error_of(bytes_of(content));
        EXPECT_EQ(error.code, ErrorCode::unsupported) << message;
        EXPECT_EQ(error.message, message);
    }
}

TEST(ImageProbe, NamesImageFormatsThatAreNotHandled) {
    for (const auto& [content, kind] : std::vector<std::pair<std::string_view, std::string>>{
             {"8BPS\0\1"sv, "Photoshop"}, {"\xFF\x0A rest"sv, "JPEG XL"}, {"<svg xmlns='...'/>"sv, "SVG"}}) {
        const Error error = error_of(bytes_of(content));
        EXPECT_EQ(error.code, ErrorCode::unsupported);
        EXPECT_EQ(error.message.rfind(kind, 0), 0U) << error.message;
    }
}

TEST(ImageProbe, NamesTheCompressionOfABmpThatIsNotRead) {
    for (const int compression : {2, 4, 5}) {  // half bytes in runs; JPEG and PNG
        const Bytes file = make_bmp(8, 4, {.bits = 4, .compression = compression}, {0, 1});
        const auto header = probe_image(as_media(file));
        ASSERT_FALSE(header.ok());
        EXPECT_EQ(header.error().code, ErrorCode::unsupported);
        EXPECT_EQ(header.error().message, "a BMP image of compression " + std::to_string(compression));
    }
}

TEST(ImageProbe, RefusesWhatIsTooLargeBeforeDecoding) {
    // The files are a few hundred bytes; believing them would take gigabytes.
    const Error png = error_of(make_png(60'000, 60'000, 8, 2, {}, Bytes(100, 0)));
    EXPECT_EQ(png.code, ErrorCode::too_large);
    EXPECT_NE(png.message.find("60000 x 60000"), std::string::npos) << png.message;

    Bytes jpeg = encode(draw_sunset(64, 48), ".jpg");
    for (std::size_t i = 0; i + 9 < jpeg.size(); ++i) {
        if (jpeg[i] == 0xFF && jpeg[i + 1] == 0xC0)
            std::fill_n(jpeg.begin() + static_cast<std::ptrdiff_t>(i) + 5, 4, 0xFF);
    }
    EXPECT_EQ(error_of(jpeg).code, ErrorCode::too_large);

    EXPECT_EQ(error_of(make_gif(65'535, 65'535, {}, {})).code, ErrorCode::too_large);
    EXPECT_EQ(error_of(make_png(4'000'000'000U, 1, 8, 2, {}, {0})).code, ErrorCode::corrupt);
    EXPECT_EQ(error_of(encode(draw_sunset(40, 30), ".png"), {.bytes_max = 100}).code, ErrorCode::too_large);
    EXPECT_EQ(error_of(encode(draw_sunset(40, 30), ".png"), {.pixels_max = 1199}).code, ErrorCode::too_large);
    EXPECT_TRUE(probe_image(as_media(encode(draw_sunset(40, 30), ".png")), {.pixels_max = 1200}).ok());
}

TEST(ImageProbe, RefusesAPngWithMoreDataThanItsPixelsCanTake) {
    // Noise does not compress: this is as much as an honest file of its size can hold.
    Bytes rows(std::size_t{300} * (1 + 3 * 200));
    std::mt19937 noise(1);
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i] = static_cast<std::uint8_t>(i % 601 == 0 ? 0U : noise());
    EXPECT_TRUE(probe_image(as_media(make_png(200, 300, 8, 2, {}, rows))).ok());
    const Error error = error_of(make_png(8, 8, 8, 2, {}, rows));
    EXPECT_EQ(error.code, ErrorCode::corrupt);
    EXPECT_NE(error.message.find("more data than its pixels"), std::string::npos) << error.message;
}

TEST(ImageProbe, AnEmptyFileAndOneWithoutPixelsAreCorrupt) {
    EXPECT_EQ(error_of({}).code, ErrorCode::corrupt);
    EXPECT_EQ(error_of(make_png(0, 5, 8, 2, {}, {0})).code, ErrorCode::corrupt);
    EXPECT_EQ(error_of(bytes_of("\x89PNG\r\n\x1A\n"sv)).code, ErrorCode::corrupt);
    EXPECT_EQ(error_of(bytes_of("\xFF\xD8\xFF"sv)).code, ErrorCode::corrupt);
    EXPECT_EQ(error_of(bytes_of("GIF89a"sv)).code, ErrorCode::corrupt);
}

TEST(ImageProbe, BytesBehindAJpegAreFineButAMissingEndIsNot) {
    Bytes jpeg = encode(draw_sunset(200, 150), ".jpg");
    Bytes longer = jpeg;
    longer.insert(longer.end(), 5000, 0x5A);  // phones put videos and depth maps there
    EXPECT_TRUE(probe_image(as_media(longer)).ok());
    jpeg.resize(jpeg.size() - 2);
    EXPECT_EQ(error_of(jpeg).code, ErrorCode::corrupt);
}

TEST(ImageProbe, TheThumbnailsEndIsNotThePicturesEnd) {
    const Bytes thumbnail = encode(draw_sunset(16, 12), ".jpg");
    Bytes exif = exif_block(6, false);
    exif.insert(exif.end(), thumbnail.begin(), thumbnail.end());
    Bytes jpeg = with_exif(encode(draw_sunset(200, 150), ".jpg"), exif);
    const auto whole = probe_image(as_media(jpeg));
    ASSERT_TRUE(whole.ok());
    EXPECT_EQ(whole->width, 200);
    EXPECT_EQ(whole->orientation, 6);
    jpeg.resize(jpeg.size() / 2);
    EXPECT_EQ(error_of(jpeg).code, ErrorCode::corrupt);
}

TEST(ImageProbe, ManyScansAreRefused) {
    // Each scan makes a decoder pass over the whole picture: a small file could keep it busy for minutes.
    const Bytes jpeg = encode_progressive_jpeg(draw_sunset(64, 48));
    std::size_t scan = 0;
    while (!(jpeg[scan] == 0xFF && jpeg[scan + 1] == 0xDA))
        ++scan;
    Bytes bomb(jpeg.begin(), jpeg.end() - 2);
    const Bytes one_scan(jpeg.begin() + static_cast<std::ptrdiff_t>(scan), jpeg.end() - 2);
    for (int i = 0; i < 200; ++i)
        bomb.insert(bomb.end(), one_scan.begin(), one_scan.end());
    bomb.insert(bomb.end(), {0xFF, 0xD9});
    EXPECT_EQ(error_of(bomb).code, ErrorCode::too_large);
}

TEST(ExifOrientation, IsReadInBothByteOrders) {
    for (int orientation = 1; orientation <= 8; ++orientation) {
        for (const bool big_endian : {false, true}) {
            EXPECT_EQ(exif_orientation(as_media(exif_block(orientation, big_endian))), orientation);
        }
    }
}

TEST(ExifOrientation, IsNothingWhereTheBlockIsHostile) {
    EXPECT_EQ(exif_orientation(as_media(exif_block(0, false))), std::nullopt);
    EXPECT_EQ(exif_orientation(as_media(exif_block(9, true))), std::nullopt);
    const Bytes good = exif_block(6, false);
    for (std::size_t length = 0; length + 8 < good.size(); ++length) {
        EXPECT_EQ(exif_orientation(
                      as_media(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length)))),
                  std::nullopt)
            << length;
    }
    // Every byte at its worst, in turn: the answer may be anything, the parser must end.
    for (std::size_t i = 0; i < good.size(); ++i) {
        Bytes bad = good;
        bad[i] = 0xFF;
        (void)exif_orientation(as_media(bad));
    }
    Bytes far = good;
    std::fill_n(far.begin() + 10, 4, 0xFF);  // the directory lies 4 GiB behind the start
    EXPECT_EQ(exif_orientation(as_media(far)), std::nullopt);
}

}  // namespace
}  // namespace bgm
