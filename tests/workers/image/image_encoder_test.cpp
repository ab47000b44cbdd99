// From a file's bytes to mood evidence: the encoder as the worker uses it, with the head that ships.
#include "workers/image/image_encoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "fusion/mood/head.hpp"
#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/image_files.hpp"

namespace bgm {
namespace {

using namespace test;

class ImageEncoderTest : public testing::Test {
 protected:
    EncodeResult encode_file(const Bytes& file) {
        const EncodeTask task{.text = {}, .lang = {}, .media = as_media(file)};
        return encoder_->encode(std::span(&task, 1)).front();
    }
    Encoding encode_photo(const RgbImage& image) {
        auto encoded = encode_file(encode(image, ".jpg"));
        EXPECT_TRUE(encoded.ok());
        return encoded ? encoded->front() : Encoding{};
    }
    static LinearHead shipped_head() {
        std::ifstream stream(BGM_SOURCE_DIR "/data/builtin/image_head.safetensors", std::ios::binary);
        const std::string content{std::istreambuf_iterator<char>(stream), {}};
        return *LinearHead::parse(std::as_bytes(std::span(content)));
    }
    static Evidence read(const Encoding& encoding) {
        return *shipped_head().read(encoding.embedding, encoding.quality);
    }
    static float share(const Evidence& evidence, Mood mood) {
        return evidence.mood[static_cast<std::size_t>(mood)];
    }

    std::unique_ptr<Encoder> encoder_ = *make_image_encoder({});
};

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    return ab / std::sqrt(aa * bb);
}

TEST_F(ImageEncoderTest, AnswersEveryTaskOnItsOwn) {
    const Bytes good = encode(draw_sunset(200, 150), ".png");
    const Bytes bad{'P', 'K', 3, 4, 0, 0};
    const std::vector<EncodeTask> tasks{{.text = {}, .lang = {}, .media = as_media(bad)},
                                        {.text = {}, .lang = {}, .media = as_media(good)}};
    const auto results = encoder_->encode(tasks);
    ASSERT_EQ(results.size(), 2U);
    EXPECT_EQ(results[0].error().code, ErrorCode::unsupported);
    ASSERT_TRUE(results[1].ok());
    const Encoding& encoding = results[1]->front();
    EXPECT_EQ(encoding.modality, Modality::image);
    EXPECT_EQ(encoding.model, encoder_->model());
    EXPECT_EQ(encoding.facts.at("width_px"), 200);
    EXPECT_EQ(encoding.facts.at("height_px"), 150);
}

TEST_F(ImageEncoderTest, TheEightOrientationsOfOnePhotoEmbedAlike) {
    // 1003 x 701 is decoded at half size, where odd edges fall differently for each way of holding the
    // camera.
    for (const RgbImage& shown : {draw_quarters(1003, 701), draw_sunset(1003, 701)}) {
        const Encoding upright = encode_photo(shown);
        for (int orientation = 2; orientation <= 8; ++orientation) {
            const auto turned = encode_file(
                with_exif(encode(stored_for(shown, orientation), ".jpg"), exif_block(orientation, true)));
            ASSERT_TRUE(turned.ok());
            EXPECT_GT(cosine(upright.embedding, turned->front().embedding), 0.99) << orientation;
            EXPECT_EQ(turned->front().facts.at("width_px"), 1003);
        }
        // The test means something only if a photo shown the wrong way round does embed differently.
        const auto wrong = encode_file(encode(stored_for(shown, 6), ".jpg"));
        EXPECT_LT(cosine(upright.embedding, wrong->front().embedding), 0.99);
    }
}

TEST_F(ImageEncoderTest, TheFormatHardlyMatters) {
    const RgbImage image = draw_sky(600, 400);
    const Encoding jpeg = encode_photo(image);
    for (const std::string format : {".png", ".webp", ".bmp"}) {
        EXPECT_GT(cosine(jpeg.embedding, encode_file(encode(image, format))->front().embedding), 0.99)
            << format;
    }
}

TEST_F(ImageEncoderTest, TheShippedHeadFitsThisEmbedding) {
    const LinearHead head = shipped_head();
    EXPECT_EQ(head.model(), encoder_->model());
    EXPECT_EQ(head.modality(), Modality::image);
    EXPECT_EQ(head.width(), encode_photo(draw_sky(100, 80)).embedding.size());
    EXPECT_LT(head.precision(), 0.5F);  // colour alone is weak evidence
}

TEST_F(ImageEncoderTest, ScenesFeelLikeThemselves) {
    const Evidence sunset = read(encode_photo(draw_sunset(800, 600)));
    const Evidence forest = read(encode_photo(draw_forest(800, 600)));
    const Evidence night = read(encode_photo(draw_night(800, 600)));
    const Evidence gloom = read(encode_photo(draw_gloom(800, 600)));
    const Evidence sky = read(encode_photo(draw_sky(800, 600)));
    EXPECT_GT(share(sunset, Mood::beautiful), share(night, Mood::beautiful));
    EXPECT_GT(share(sunset, Mood::beautiful), share(gloom, Mood::beautiful));
    EXPECT_GT(share(forest, Mood::calm) + share(forest, Mood::beautiful), 0.3F);
    EXPECT_GT(share(night, Mood::energizing), share(sunset, Mood::energizing));
    EXPECT_GT(share(gloom, Mood::sad) + share(gloom, Mood::scary), 0.5F);
    EXPECT_GT(sky.affect.valence, gloom.affect.valence);
    EXPECT_GT(night.affect.arousal, sky.affect.arousal);
}

TEST_F(ImageEncoderTest, ABlackPhotoSaysNothing) {
    const Encoding black = encode_photo(draw_flat(640, 480, 0, 0, 0));
    EXPECT_EQ(black.quality, 0);
    EXPECT_EQ(read(black).precision, 0);
}

TEST_F(ImageEncoderTest, ABombIsRefused) {
    const auto result = encode_file(make_png(60'000, 60'000, 8, 2, {}, Bytes(100, 0)));
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace bgm
