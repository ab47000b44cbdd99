// Words in photos become evidence of the photo: what a person reads in a card, a screenshot or across a photo
// is read, in Korean and English, inside the sandbox; pictures without words give nothing, and cost no
// reading.
#include "workers/reading/photo_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/image_files.hpp"
#include "tests/workers/reading/cards.hpp"
#include "tests/workers/sandbox/in_a_child.hpp"
#include "workers/image/image_encoder.hpp"
#include "workers/reading/text_gate.hpp"

namespace bgm {
namespace {

using namespace test;
using ::testing::HasSubstr;

const std::string kModels = BGM_SOURCE_DIR "/data/builtin";
const std::string kTessdata = "/usr/share/tesseract-ocr/5/tessdata";

class PhotoTextTest : public ::testing::Test {
 protected:
    static void SetUpTestSuite() {
        auto opened = PhotoText::open(kModels, kTessdata);
        ASSERT_TRUE(opened) << opened.error().to_string();
        reader_ = std::move(*opened).release();
    }
    static void TearDownTestSuite() { delete std::exchange(reader_, nullptr); }

    static std::optional<Encoding> read(const RgbImage& image) {
        const Bytes file = encode(image, ".png");
        return reader_->read(as_media(file), image, decoder_);
    }
    static std::string text_of(const RgbImage& image) {
        const auto encoding = read(image);
        return encoding ? encoding->text : "";
    }

    static inline PhotoText* reader_ = nullptr;
    static inline ImageDecoder decoder_{ImageLimits{}};
};

RgbImage card() {
    return draw_flat(800, 400, 245, 245, 240);
}

TEST_F(PhotoTextTest, ReadsACard) {
    const auto encoding = read(write_on(card(), {.text = "I am so tired\nof everything today"}));
    ASSERT_TRUE(encoding);
    EXPECT_THAT(encoding->text, HasSubstr("tired"));
    EXPECT_THAT(encoding->text, HasSubstr("today"));
    EXPECT_EQ(encoding->modality, Modality::image);
    EXPECT_EQ(encoding->model, "builtin-text-4") << "the text's own head reads it";
    EXPECT_GE(encoding->facts.at("text_letters"), 20);
    EXPECT_GT(encoding->quality, 0.5F);
}

TEST_F(PhotoTextTest, ReadsKorean) {
    if (!has_korean_font()) GTEST_SKIP() << "no font with Hangul (fonts-nanum)";
    EXPECT_THAT(text_of(write_on(card(), {.text = "오늘 하루도 정말 힘들었다\n그래도 괜찮아", .height = 50})),
                HasSubstr("하루도"))
        << "syllables that stand together are one word";
}

TEST_F(PhotoTextTest, ReadsWhiteLettersOverAPhoto) {
    EXPECT_THAT(
        text_of(write_on(draw_sunset(900, 600),
                         {.text = "REST IN PEACE\nGRANDPA", .height = 60, .white = true, .top = 120})),
        HasSubstr("PEACE"));
}

TEST_F(PhotoTextTest, TakesAFewLettersForNoText) {
    EXPECT_FALSE(read(write_on(card(), {.text = "Hi 1234 5678"})));
}

TEST_F(PhotoTextTest, FindsNothingWhereNothingIsWritten) {
    for (const RgbImage& image : {draw_sunset(640, 480), draw_forest(640, 480), draw_night(640, 480),
                                  draw_sky(640, 480), draw_flat(640, 480, 9, 9, 9), draw_flat(1, 1, 0, 0, 0)})
        EXPECT_FALSE(read(image));
}

TEST_F(PhotoTextTest, AnswersBesideWhatThePhotoLooksLike) {
    const auto encoder = *make_image_encoder({.models = kModels, .reading = kTessdata});
    const Bytes file = encode(write_on(card(), {.text = "Happy birthday\nto my best friend"}), ".jpg");
    const EncodeTask task{.text = {}, .lang = {}, .media = as_media(file)};
    const auto encodings = encoder->encode({&task, 1}).front();
    ASSERT_TRUE(encodings);
    ASSERT_EQ(encodings->size(), 2U);
    EXPECT_EQ(encodings->at(0).model, "builtin-image-1");
    EXPECT_THAT(encodings->at(1).text, HasSubstr("birthday"));
}

TEST_F(PhotoTextTest, IsLeftOutWhereTheReadersDataAreNotThere) {
    const auto opened = PhotoText::open(kModels, "/nowhere");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::not_found);
    EXPECT_EQ(opened.error().field, "/nowhere/kor.traineddata");
    EXPECT_TRUE(make_image_encoder({.models = kModels, .reading = "/nowhere"}));
}

// What the library complains of while it reads must open nothing either: shapes that it can make no sense of.
TEST(PhotoTextConfined, ReadsWithoutOpeningAnything) {
    RgbImage specks = draw_flat(700, 500, 90, 120, 90);
    std::uint32_t state = 7;
    for (int i = 0; i < 4000; ++i) {
        state = state * 1'664'525 + 1'013'904'223;
        const std::size_t at = 3 * ((state >> 8) % (700U * 490));
        for (std::size_t byte = at; byte < at + 3 * (2 + state % 5); ++byte)
            specks.pixels[byte] = 255;
    }
    const RgbImage strewn = write_on(
        draw_sunset(900, 600), {.text = "REST IN PEACE\nGRANDPA", .height = 60, .white = true, .top = 120});
    RgbImage dotted = write_on(card(), {.text = "오늘 하루도 정말 힘들었다\n그래도 괜찮아", .height = 50});
    for (int y = 40; y < 360; y += 9) {  // taken for diacritics
        for (int x = 25; x < 780; x += 11)
            for (int part = 0; part < 6; ++part)
                dotted.pixels[3 * (static_cast<std::size_t>(y + part / 3) * 800 + x) + part % 3] = 20;
    }
    const RgbImage tired = write_on(card(), {.text = "I am so tired\nof everything today"});
    for (const RgbImage& image :
         {tired, strewn, specks, dotted,
          write_on(specks, {.text = "I am so tired", .height = 20, .white = true}),
          write_on(draw_forest(640, 480), {.text = "a b c d e f g", .height = 12, .white = true})}) {
        const Bytes file = encode(image, ".png");
        const Ended ended =
            confined([] { return *make_image_encoder({.models = kModels, .reading = kTessdata}); },
                     [&](const std::unique_ptr<Encoder>& encoder) {
                         const EncodeTask task{.text = {}, .lang = {}, .media = as_media(file)};
                         const auto encodings = encoder->encode({&task, 1}).front();
                         return encodings ? "read: " + encodings->back().text : encodings.error().to_string();
                     });
        EXPECT_THAT(ended.said, HasSubstr("read: "));
    }
}

}  // namespace
}  // namespace bgm
