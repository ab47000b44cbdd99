// Pictures as phones write them: HEIC and AVIF come out upright, once; what lies about its size is refused by
// its boxes, and what is damaged is an error.
#include "workers/media/picture/heif_decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string_view>

#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/heif_files.hpp"
#include "workers/media/picture/image_decoder.hpp"

namespace bgm {
namespace {

using namespace test;
using namespace std::string_view_literals;

constexpr std::array kCodecs{HeifCodec::hevc, HeifCodec::av1};

RgbImage decode(const Bytes& file, const DecodeOptions& options = {}) {
    const ImageDecoder decoder;
    auto decoded = decoder.decode(as_media(file), options);
    EXPECT_TRUE(decoded.ok()) << (decoded ? "" : decoded.error().message);
    return decoded ? std::move(decoded->image) : RgbImage{};
}

Error error_of(const Bytes& file, const ImageLimits& limits = {}) {
    const auto decoded = ImageDecoder(limits).decode(as_media(file));
    EXPECT_FALSE(decoded.ok());
    return decoded.ok() ? Error{} : decoded.error();
}

// Where the picture's declared width stands: behind "ispe", version and flags.
Bytes resized(Bytes file, std::uint32_t width, std::uint32_t height) {
    constexpr std::string_view kSize = "ispe";
    for (auto at = file.begin(); (at = std::search(at, file.end(), kSize.begin(), kSize.end())) != file.end();
         at += 4) {
        for (int i = 0; i < 4; ++i) {
            *(at + 8 + i) = static_cast<std::uint8_t>(width >> (8 * (3 - i)));
            *(at + 12 + i) = static_cast<std::uint8_t>(height >> (8 * (3 - i)));
        }
    }
    return file;
}

TEST(HeifDecoder, GivesBackWhatWasDrawn) {
    const RgbImage image = draw_sunset(162, 90);
    for (const HeifCodec codec : kCodecs) {
        const Bytes file = encode_heif(image, {.codec = codec});
        const auto header = probe_image(as_media(file));
        ASSERT_TRUE(header.ok()) << header.error().message;
        EXPECT_EQ(header->kind, codec == HeifCodec::av1 ? ImageKind::avif : ImageKind::heic);
        EXPECT_EQ(header->width, 162);
        EXPECT_EQ(header->height, 90);
        EXPECT_LT(difference(decode(file), image), 6.0);
    }
}

TEST(HeifDecoder, MakesTheTurnsOfTheContainerOnce) {
    const RgbImage shown = draw_quarters(160, 96);
    for (int orientation = 1; orientation <= 8; ++orientation) {
        const Bytes file = encode_heif(stored_for(shown, orientation), {.orientation = orientation});
        EXPECT_LT(difference(decode(file), shown), 6.0) << orientation;
        EXPECT_LT(difference(decode(file, {.upright = false}), shown), 6.0)
            << "they are part of the picture " << orientation;
    }
}

TEST(HeifDecoder, ShowsTransparencyOnWhite) {
    const RgbImage image = draw_flat(64, 64, 200, 0, 0);
    for (const HeifCodec codec : kCodecs) {
        const RgbImage shown = decode(encode_heif(image, {.codec = codec, .alpha = 0}));
        ASSERT_TRUE(shown.consistent() && shown.width == 64);
        EXPECT_NEAR(shown.pixels[32 * 64 * 3 + 8 * 3 + 1], 0, 12) << "left, opaque";
        EXPECT_NEAR(shown.pixels[32 * 64 * 3 + 56 * 3 + 1], 255, 12) << "right, see-through";
    }
}

TEST(HeifDecoder, RefusesADeclaredSizeBeforeDecoding) {
    for (const HeifCodec codec : kCodecs) {
        const Bytes file = encode_heif(draw_sunset(64, 48), {.codec = codec});
        EXPECT_EQ(error_of(resized(file, 60'000, 60'000)).code, ErrorCode::too_large);
        EXPECT_EQ(error_of(resized(file, 9'000, 8'000)).code, ErrorCode::too_large);
        EXPECT_EQ(error_of(file, {.pixels_max = 64 * 48 - 1}).code, ErrorCode::too_large);
        EXPECT_TRUE(ImageDecoder({.pixels_max = 64 * 48}).decode(as_media(file)).ok());
        EXPECT_FALSE(retryable(error_of(resized(file, 0xFFFFFFFF, 0xFFFFFFFF)).code));
        EXPECT_EQ(error_of(resized(file, 0, 0)).code, ErrorCode::corrupt);
    }
}

TEST(HeifDecoder, CallsACutOffFileCorrupt) {
    for (const HeifCodec codec : kCodecs) {
        const Bytes file = encode_heif(draw_quarters(90, 70), {.codec = codec});
        for (std::size_t length = 20; length + 4 < file.size(); length += 1 + length / 20) {
            const Bytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length));
            const Error error = error_of(cut);
            EXPECT_FALSE(retryable(error.code)) << length << ' ' << error.message;
            EXPECT_FALSE(error.message.empty());
        }
    }
}

TEST(HeifDecoder, SurvivesDamageInItsBoxes) {
    const ImageDecoder decoder({.pixels_max = 1'000'000});
    std::mt19937 random(7);
    testing::internal::CaptureStderr();
    for (const HeifCodec codec : kCodecs) {
        const Bytes file = encode_heif(draw_quarters(90, 70), {.codec = codec});
        for (int round = 0; round < 100; ++round) {
            Bytes damaged = file;
            for (int i = 0; i <= round % 4; ++i)
                damaged[random() % std::min<std::size_t>(damaged.size(), round % 2 == 0 ? 100'000 : 400)] ^=
                    static_cast<std::uint8_t>(1U << (random() % 8));
            const auto decoded = decoder.decode(as_media(damaged));
            if (!decoded.ok()) continue;
            EXPECT_TRUE(decoded->image.consistent());
            EXPECT_LE(decoded->image.pixels.size(), 3'000'000U);
        }
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace bgm
