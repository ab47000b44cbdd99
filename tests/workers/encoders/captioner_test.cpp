// The captioner as a worker sees it: pixels in, sentences out, and an error for everything else.
#include "workers/encoders/captioner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "tests/workers/encoders/tiny_blip.hpp"

namespace bgm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// 22 tokens: as in the published model the id that begins a caption, 22, has none.
constexpr const char* kVocabulary =
    "[PAD]\n[UNK]\n[SEP]\n[CLS]\nthe\nsea\n##side\nis\nblue\n,\n.\nand\nso\nare\nwe\na\nb\nc\nd\ne\nf\ng\n";
constexpr std::size_t kPixels = std::size_t{3} * 8 * 8;

class CaptionerTest : public testing::Test {
 protected:
    CaptionerTest()
        : folder_(std::filesystem::path(testing::TempDir()) /
                  ("bgm_captioner_" + std::to_string(::getpid()))) {}
    ~CaptionerTest() override { std::filesystem::remove_all(folder_); }

    Result<std::unique_ptr<Captioner>> open(const TinyBlip& tiny,
                                            const std::string& vocabulary = kVocabulary) {
        tiny.write(folder_);
        std::ofstream(folder_ / "vocab.txt", std::ios::binary) << vocabulary;
        return open_captioner(folder_, {.precision = PrecisionChoice::fp32});
    }
    // A model that says one token whatever it sees.
    static TinyBlip saying(std::size_t token) {
        TinyBlip tiny;
        auto& weight = tiny.tensors["text_decoder.cls.predictions.decoder.weight"].values;
        std::fill(weight.begin(), weight.end(), 0.0F);
        tiny.tensors["text_decoder.cls.predictions.bias"].values[token] = 9;
        return tiny;
    }
    static std::vector<float> pictures(std::size_t count) {
        std::vector<float> pixels(count * kPixels);
        for (std::size_t i = 0; i < pixels.size(); ++i)
            pixels[i] = static_cast<float>(i * i % 61) / 20 - 1.5F;
        return pixels;
    }

    const std::filesystem::path folder_;
};

TEST_F(CaptionerTest, SpeaksInTheWordsOfItsVocabulary) {
    auto captioner = open(saying(5));
    ASSERT_TRUE(captioner.ok()) << captioner.error().to_string();
    EXPECT_EQ((*captioner)->image_size(), 8);
    EXPECT_EQ((*captioner)->arithmetic().precision, "fp32");
    const auto captions = (*captioner)->caption(pictures(2), 1);
    ASSERT_TRUE(captions.ok()) << captions.error().to_string();
    const std::string nine = "sea sea sea sea sea sea sea sea sea";
    EXPECT_THAT(*captions, ElementsAre(nine, nine));
}

TEST_F(CaptionerTest, PiecesAreJoinedAndPunctuationStandsClose) {
    auto pieces = open(saying(6));
    ASSERT_TRUE(pieces.ok());
    EXPECT_THAT(*(*pieces)->caption(pictures(1), 1), ElementsAre("##sidesidesidesidesidesidesidesideside"));
    auto full_stops = open(saying(10));
    ASSERT_TRUE(full_stops.ok());
    EXPECT_THAT(*(*full_stops)->caption(pictures(1), 1), ElementsAre("........."));
}

TEST_F(CaptionerTest, NothingToSayIsAnEmptyCaption) {
    auto captioner = open(saying(2));
    ASSERT_TRUE(captioner.ok());
    for (const std::size_t beams : {std::size_t{1}, std::size_t{4}})
        EXPECT_THAT((*captioner)->caption(pictures(1), beams)->at(0), testing::Not(HasSubstr("[")));
    EXPECT_EQ((*captioner)->caption(pictures(1), 1)->at(0), "");
}

TEST_F(CaptionerTest, EachPictureGetsItsOwnCaption) {
    auto captioner = open(TinyBlip(3));
    ASSERT_TRUE(captioner.ok());
    const std::vector<float> pixels = pictures(3);
    for (const std::size_t beams : {std::size_t{1}, std::size_t{3}}) {
        const auto together = (*captioner)->caption(pixels, beams);
        ASSERT_TRUE(together.ok()) << together.error().to_string();
        ASSERT_EQ(together->size(), 3U);
        for (std::size_t i = 0; i < 3; ++i) {
            const auto alone = (*captioner)->caption(std::span(pixels).subspan(i * kPixels, kPixels), beams);
            EXPECT_EQ(alone->at(0), together->at(i));
        }
    }
}

TEST_F(CaptionerTest, RefusesWhatIsNoPicture) {
    auto captioner = open(TinyBlip());
    ASSERT_TRUE(captioner.ok());
    for (const std::size_t count : {std::size_t{0}, kPixels - 1, kPixels + 1}) {
        const auto captions = (*captioner)->caption(std::vector<float>(count), 1);
        ASSERT_FALSE(captions.ok());
        EXPECT_EQ(captions.error().code, ErrorCode::invalid_argument);
    }
    for (const std::size_t beams : {std::size_t{0}, std::size_t{17}})
        EXPECT_EQ((*captioner)->caption(pictures(1), beams).error().code, ErrorCode::invalid_argument);
}

TEST_F(CaptionerTest, APictureThatIsNoNumberIsAnErrorOfThatCall) {
    auto captioner = open(TinyBlip());
    ASSERT_TRUE(captioner.ok());
    std::vector<float> pixels = pictures(1);
    pixels[5] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ((*captioner)->caption(pixels, 1).error().code, ErrorCode::corrupt);
    EXPECT_TRUE((*captioner)->caption(pictures(1), 1).ok());
}

TEST_F(CaptionerTest, NeedsAWholeDirectory) {
    auto no_words = open(TinyBlip(), "");
    ASSERT_FALSE(no_words.ok());
    EXPECT_THAT(no_words.error().message, HasSubstr("vocab.txt"));
    std::filesystem::remove(folder_ / "vocab.txt");
    EXPECT_EQ(open_captioner(folder_, {}).error().code, ErrorCode::not_found);
    auto other_family = TinyBlip();
    other_family.config["model_type"] = "clip";
    EXPECT_THAT(open(other_family).error().message, HasSubstr("is not blip"));
    TinyBlip().write(folder_);
    EXPECT_EQ(open_captioner(folder_, {.device = "cuda:77"}).error().code, ErrorCode::unsupported);
}

TEST_F(CaptionerTest, AVocabularyThatIsNotUtf8MakesNoCaption) {
    std::string vocabulary = kVocabulary;
    vocabulary.replace(vocabulary.find("sea"), 3, "\xFF\xFE!");
    auto captioner = open(saying(5), vocabulary);
    if (!captioner.ok()) return;  // refused at once is as good
    EXPECT_EQ((*captioner)->caption(pictures(1), 1).error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace bgm
