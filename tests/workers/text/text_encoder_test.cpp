// The shipped encoder and head, as the daemon runs them: sentences that anybody would agree on, what must not
// matter, what must lower the quality, and text made to hurt.
#include "workers/text/text_encoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "ops/lab/train/text_model.hpp"

namespace bgm {
namespace {

const std::filesystem::path kModels = std::filesystem::path(BGM_SOURCE_DIR) / "data/builtin";

std::unique_ptr<Encoder> encoder() {
    auto made = make_text_encoder(kModels);
    EXPECT_TRUE(made) << made.error().to_string();
    return std::move(*made);
}

Encoding encode(Encoder& encoder, std::string_view text, std::string_view lang = {}) {
    const EncodeTask task{.text = text, .lang = lang, .media = {}};
    auto results = encoder.encode({&task, 1});
    EXPECT_EQ(results.size(), 1U);
    EXPECT_TRUE(results[0]) << results[0].error().to_string();
    EXPECT_EQ(results[0]->size(), 1U);
    return std::move(results[0]->front());
}

bool has_note(const Encoding& encoding, std::string_view note) {
    return std::find(encoding.notes.begin(), encoding.notes.end(), note) != encoding.notes.end();
}

float distance(const Encoding& a, const Encoding& b) {
    float sum = 0;
    for (std::size_t i = 0; i < a.embedding.size(); ++i)
        sum += std::fabs(a.embedding[i] - b.embedding[i]);
    return sum;
}

class Sentence : public testing::Test {
 protected:
    TextAnswer answer(std::string_view text) {
        auto answered = model_.answer(text);
        EXPECT_TRUE(answered);
        return *answered;
    }
    float valence(std::string_view text) { return answer(text).fused.affect.valence; }
    bool top_is(std::string_view text, std::initializer_list<Mood> moods) {
        const Mood top = answer(text).fused.top;
        const bool found = std::find(moods.begin(), moods.end(), top) != moods.end();
        if (!found) ADD_FAILURE() << text << " -> " << name(top);
        return found;
    }

    TextModel model_ = TextModel::open(kModels).value();
};

TEST_F(Sentence, EnglishMoods) {
    top_is("I am so happy today!", {Mood::joyful});
    top_is("this is hilarious lol 😂", {Mood::amusing});
    top_is("i miss you every day, i can't stop crying", {Mood::sad});
    top_is("I'm so angry, how dare they lie to us", {Mood::indignant, Mood::annoying});
    top_is("ugh this is so annoying", {Mood::annoying});
    top_is("I'm terrified, that was so scary", {Mood::scary, Mood::anxious});
    top_is("so nervous about the exam tomorrow", {Mood::anxious});
    top_is("what a beautiful sunset", {Mood::beautiful});
    top_is("a peaceful quiet morning, so relaxing", {Mood::calm});
}

TEST_F(Sentence, KoreanMoods) {
    top_is("오늘 너무 행복해 ㅎㅎ", {Mood::joyful});
    top_is("진짜 짜증나 ㅡㅡ", {Mood::annoying});
    top_is("무서워ㅠㅠ", {Mood::scary, Mood::anxious});
    top_is("너무 웃겨 ㅋㅋㅋㅋㅋ", {Mood::amusing});
    top_is("너무 슬퍼서 눈물이 난다", {Mood::sad});
    top_is("내일 면접인데 너무 떨리고 불안해", {Mood::anxious});
    top_is("드디어 합격했다!! 해냈어", {Mood::triumphant, Mood::joyful});
    top_is("조용한 카페에서 여유롭게 힐링 중", {Mood::calm});
}

TEST_F(Sentence, NegationTurnsValence) {
    EXPECT_GT(valence("I am happy"), 0.3F);
    EXPECT_LT(valence("I am not happy"), 0.0F);
    EXPECT_LT(valence("not happy"), valence("happy") - 0.5F);
    EXPECT_GT(valence("영화 재밌다"), 0.0F);
    EXPECT_LT(valence("영화 재미없다"), 0.0F);
}

TEST_F(Sentence, EmojiAloneSpeak) {
    EXPECT_GT(valence("😍😍"), 0.2F);
    EXPECT_LT(valence("😡😡"), -0.2F);
    top_is("😂😂😂", {Mood::amusing});
    top_is("😭💔", {Mood::sad});
    EXPECT_GT(answer("😂😂😂").quality, 0.2F);
}

// Prefer what people mean over how they type it.
TEST_F(Sentence, SpellingHardlyMatters) {
    for (const char* text : {"i am sooooo happyyyy", "I AM SO HAPPY", "im so hapy", "#SoHappy"}) {
        EXPECT_GT(valence(text), 0.2F) << text;
    }
    for (const char* text : {"너무너무행복해요", "행복해애애애", "넘 행복하당 ㅎㅎㅎㅎ"})
        EXPECT_GT(valence(text), 0.2F) << text;
}

TEST(TextEncoder, SameTextSameBits) {
    const auto first = encoder();
    const auto second = encoder();
    const auto a = encode(*first, "오늘 #SoHappy 😂 don't stop");
    encode(*first, "something else entirely");
    const auto b = encode(*first, "오늘 #SoHappy 😂 don't stop");
    const auto c = encode(*second, "오늘 #SoHappy 😂 don't stop");
    EXPECT_EQ(a.embedding, b.embedding);
    EXPECT_EQ(a.embedding, c.embedding);
    EXPECT_EQ(a.model, first->model());
    EXPECT_GE(a.embedding.size(), 64U);
}

TEST(TextEncoder, BatchGivesWhatSinglesGive) {
    const auto one = encoder();
    const std::vector<EncodeTask> tasks{{.text = "happy day", .lang = {}, .media = {}},
                                        {.text = "", .lang = {}, .media = {}},
                                        {.text = "\xff", .lang = {}, .media = {}},
                                        {.text = "슬프다", .lang = "ko", .media = {}}};
    const auto results = one->encode(tasks);
    ASSERT_EQ(results.size(), 4U);
    EXPECT_EQ(results[0]->front().embedding, encode(*one, "happy day").embedding);
    EXPECT_EQ(results[2].error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(results[2].error().field, "text");
    EXPECT_EQ(results[3]->front().embedding, encode(*one, "슬프다").embedding);
}

TEST(TextEncoder, UserNamesAndLinksLeaveNoTrace) {
    const auto one = encoder();
    const auto a = encode(*one, "@alice look at https://example.org/sad what a day");
    const auto b = encode(*one, "@bob_9 look at https://other.example/happy?x=1 what a day");
    EXPECT_EQ(distance(a, b), 0.0F);
}

TEST(TextEncoder, NothingToGoByIsQualityZero) {
    const auto one = encoder();
    for (const char* text : {"", " \n ", "...", "12345", "https://example.org", "@someone", "\u200b\u200d"}) {
        const auto encoding = encode(*one, text);
        EXPECT_EQ(encoding.quality, 0.0F) << text;
        EXPECT_FALSE(encoding.notes.empty()) << text;
    }
}

TEST(TextEncoder, MoreWordsMoreQuality) {
    const auto one = encoder();
    EXPECT_LT(encode(*one, "happy").quality, encode(*one, "so happy today").quality);
    EXPECT_LT(encode(*one, "so happy today").quality, encode(*one, "i am so happy about this today").quality);
    EXPECT_TRUE(has_note(encode(*one, "happy"), "very little text"));
    EXPECT_TRUE(encode(*one, "i am so happy about this today").notes.empty());
}

TEST(TextEncoder, OtherLanguagesAreNotGuessed) {
    const auto one = encoder();
    for (const char* text : {"Je suis très heureux aujourd'hui", "Estoy muy feliz hoy",
                             "今日はとても幸せです", "zcxv qwrty plmk zxcvb wrtp"}) {
        const auto encoding = encode(*one, text);
        EXPECT_EQ(encoding.language, "other") << text;
        EXPECT_LE(encoding.quality, 0.1F) << text;
        EXPECT_TRUE(has_note(encoding, "unsupported language")) << text;
    }
    EXPECT_EQ(encode(*one, "오늘 너무 행복해").language, "ko");
    EXPECT_EQ(encode(*one, "yolo lol").language, "en");
    EXPECT_FALSE(has_note(encode(*one, "😂😂"), "unsupported language"));
}

TEST(TextEncoder, HostileTextIsFiniteAndBounded) {
    const auto one = encoder();
    for (std::string_view piece :
         {"\u0301", "a\u0316\u0301", "\u200b", "\U0001F468\u200d", "ㅋ", "가", "\u1100", "@", "#a", "http://",
          ":(", "\U0010FFFF", "\uFDFA", "ha", "\n"}) {
        std::string text;
        while (text.size() < 64 * 1024)
            text += piece;
        const auto encoding = encode(*one, text);
        for (float value : encoding.embedding)
            ASSERT_TRUE(std::isfinite(value)) << piece;
        ASSERT_GE(encoding.quality, 0.0F);
        ASSERT_LE(encoding.quality, 1.0F);
    }
}

// The daemon cuts at 8 KiB; a worker that gets more must give the same answer as for the cut text.
TEST(TextEncoder, ReadsTheFirstEightKibibytes) {
    const auto one = encoder();
    std::string text(8 * 1024, 'x');
    for (std::size_t i = 0; i < text.size(); i += 6)
        text.replace(i, 6, "happy ", std::min<std::size_t>(6, text.size() - i));
    text.resize(8 * 1024);
    EXPECT_EQ(distance(encode(*one, text), encode(*one, text + " terrible sad awful")), 0.0F);
}

TEST(TextEncoder, MissingWeightsAreAnErrorThatNamesTheFile) {
    const auto made = make_text_encoder(testing::TempDir() + "/nowhere");
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().to_string().find("text.safetensors"), std::string::npos);
}

}  // namespace
}  // namespace bgm
