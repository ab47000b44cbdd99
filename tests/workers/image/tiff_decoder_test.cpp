// TIFF: the first picture of the file, in every orientation and both byte orders; what its directory claims
// is checked before OpenCV sees it.
#include <gtest/gtest.h>

#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/image_files.hpp"
#include "workers/media/picture/image_decoder.hpp"

namespace bgm {
namespace {

using namespace test;

struct TiffSpec {
    int orientation = 1;
    bool big_endian = false;
    std::uint32_t width = 0, height = 0;  // other than the picture's, where not 0
    std::uint32_t bits = 8;
    std::uint32_t tile = 0;
};

// Three samples a pixel, uncompressed, one strip behind the directory.
Bytes make_tiff(const RgbImage& image, const TiffSpec& spec = {}) {
    Bytes file;
    const auto number = [&](std::uint32_t value, int bytes) {
        for (int i = 0; i < bytes; ++i)
            file.push_back(static_cast<std::uint8_t>(value >> (8 * (spec.big_endian ? bytes - 1 - i : i))));
    };
    struct Entry {
        std::uint32_t tag, type, count, value;
    };
    const auto width = static_cast<std::uint32_t>(image.width);
    const auto height = static_cast<std::uint32_t>(image.height);
    std::vector<Entry> entries{{256, 4, 1, spec.width != 0 ? spec.width : width},
                               {257, 4, 1, spec.height != 0 ? spec.height : height},
                               {258, 3, 3, 0},  // where the three numbers stand: below
                               {259, 3, 1, 1},
                               {262, 3, 1, 2},
                               {273, 4, 1, 0},
                               {274, 3, 1, static_cast<std::uint32_t>(spec.orientation)},
                               {277, 3, 1, 3},
                               {278, 4, 1, height},
                               {279, 4, 1, width * height * 3}};
    if (spec.tile != 0) {
        entries.push_back({322, 4, 1, spec.tile});
        entries.push_back({323, 4, 1, spec.tile});
    }
    const auto bits_at = static_cast<std::uint32_t>(8 + 2 + entries.size() * 12 + 4);
    entries[2].value = bits_at;
    entries[5].value = bits_at + 6;
    file = {static_cast<std::uint8_t>(spec.big_endian ? 'M' : 'I'),
            static_cast<std::uint8_t>(spec.big_endian ? 'M' : 'I')};
    number(42, 2);
    number(8, 4);
    number(static_cast<std::uint32_t>(entries.size()), 2);
    for (const Entry& entry : entries) {
        number(entry.tag, 2);
        number(entry.type, 2);
        number(entry.count, 4);
        const bool is_short = entry.type == 3 && entry.count == 1;
        number(entry.value, is_short ? 2 : 4);
        if (is_short) number(0, 2);
    }
    number(0, 4);
    for (int i = 0; i < 3; ++i)
        number(spec.bits, 2);
    file.insert(file.end(), image.pixels.begin(), image.pixels.end());
    return file;
}

Error error_of(const Bytes& file) {
    const auto decoded = ImageDecoder().decode(as_media(file));
    EXPECT_FALSE(decoded.ok());
    return decoded.ok() ? Error{} : decoded.error();
}

TEST(TiffDecoder, AppliesAllEightOrientationsInBothByteOrders) {
    const RgbImage shown = draw_quarters(80, 48);
    for (int orientation = 1; orientation <= 8; ++orientation) {
        for (const bool big_endian : {false, true}) {
            const RgbImage stored = stored_for(shown, orientation);
            const Bytes file = make_tiff(stored, {.orientation = orientation, .big_endian = big_endian});
            const auto upright = ImageDecoder().decode(as_media(file));
            ASSERT_TRUE(upright.ok()) << upright.error().message;
            EXPECT_LT(difference(upright->image, shown), 0.01) << orientation;
            const auto as_stored = ImageDecoder().decode(as_media(file), {.upright = false});
            ASSERT_TRUE(as_stored.ok()) << as_stored.error().message;
            EXPECT_LT(difference(as_stored->image, stored), 0.01) << orientation;
        }
    }
}

TEST(TiffDecoder, ReadsWhatOpenCvWrites) {
    const RgbImage image = draw_sunset(163, 91);
    const auto decoded = ImageDecoder().decode(as_media(encode(image, ".tiff")));
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_EQ(decoded->header.kind, ImageKind::tiff);
    EXPECT_LT(difference(decoded->image, image), 0.01);
}

TEST(TiffDecoder, RefusesWhatTheDirectoryClaims) {
    const RgbImage image = draw_flat(16, 16, 1, 2, 3);
    EXPECT_EQ(error_of(make_tiff(image, {.width = 60'000, .height = 60'000})).code, ErrorCode::too_large);
    EXPECT_EQ(error_of(make_tiff(image, {.width = 0xFFFFFFFF})).code, ErrorCode::corrupt);
    EXPECT_EQ(error_of(make_tiff(image, {.tile = 0x7FFFFFF0})).code, ErrorCode::too_large);
    const Error deep = error_of(make_tiff(image, {.bits = 64}));
    EXPECT_EQ(deep.code, ErrorCode::unsupported);
    EXPECT_EQ(deep.message, "a TIFF image with 3 samples of 64 bits");
}

TEST(TiffDecoder, ADirectoryThatIsNotThereIsCorrupt) {
    const Bytes file = make_tiff(draw_flat(16, 16, 1, 2, 3));
    for (const std::size_t length : {8U, 9U, 20U, 60U}) {
        const Bytes cut(file.begin(), file.begin() + length);
        EXPECT_EQ(error_of(cut).code, ErrorCode::corrupt) << length;
    }
    EXPECT_EQ(error_of(Bytes{0x49, 0x49, 42, 0, 0xFF, 0xFF, 0xFF, 0xFF}).code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace bgm
