// What a person would say of a post that is an emoji: an emoji made of several is one, and its parts are not
// read; tone, sex and style make no difference; letters that came another way are the same letters.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "ops/lab/train/text_model.hpp"

namespace bgm {
namespace {

TextModel& model() {
    static TextModel shipped =
        TextModel::open(std::filesystem::path(BGM_SOURCE_DIR) / "data/builtin").value();
    return shipped;
}

TextAnswer answer(const std::string& text) {
    return model().answer(text).value();
}

/// How much stronger a mood is than if nothing were known.
float lift(const TextAnswer& answer, Mood mood) {
    return answer.fused.moods.at(static_cast<std::size_t>(mood)) * static_cast<float>(kMoodCount);
}

struct Judged {
    const char* name;
    std::vector<const char*> texts;
    std::set<Mood> accepted;
};

class EmojiMood : public testing::TestWithParam<Judged> {};

TEST_P(EmojiMood, IsOneThatAPersonAccepts) {
    for (const std::string text : GetParam().texts) {
        const TextAnswer answered = answer(text);
        EXPECT_TRUE(GetParam().accepted.contains(answered.fused.top))
            << text << " is " << name(answered.fused.top);
        for (const Mood mood : {Mood::erotic, Mood::scary, Mood::annoying, Mood::indignant}) {
            if (GetParam().accepted.contains(mood)) continue;
            EXPECT_LT(lift(answered, mood), 1.7F) << text << " " << name(mood);
        }
        EXPECT_GT(answered.quality, 0.2F) << text;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table, EmojiMood,
    testing::Values(
        Judged{"Families",
               {"👨‍👩‍👧‍👦", "👨‍👩‍👦", "👩‍👩‍👧‍👧",
                "👨‍👨‍👦", "👩‍👧", "👨‍👧‍👦", "👪", "🧑‍🧑‍🧒‍🧒",
                "🧑‍🧒", "👨🏽‍👩🏽‍👧🏽‍👦🏽", "👨👩👧👦"},
               {Mood::beautiful, Mood::joyful, Mood::calm}},
        Judged{"FamiliesInText",
               {"우리 가족 👨‍👩‍👧‍👦 사랑해",
                "행복한 하루 👨‍👩‍👧‍👦", "happy family day 👨‍👩‍👧‍👦",
                "👨‍👩‍👧‍👦❤️"},
               {Mood::beautiful, Mood::joyful, Mood::calm}},
        Judged{"Couples",
               {"👩‍❤️‍👨", "👨🏿‍❤️‍👨🏻", "👩‍❤️‍👩", "💑",
                "💑🏽", "👩‍❤️‍💋‍👨", "🧑🏻‍❤️‍💋‍🧑🏿", "💏"},
               {Mood::beautiful, Mood::joyful, Mood::dreamy}},
        Judged{"Friends",
               {"🧑🏻‍🤝‍🧑🏿", "👭", "👬🏽", "🫱🏻‍🫲🏿"},
               {Mood::beautiful, Mood::joyful}},
        Judged{"Hearts",
               {"❤️‍🔥", "❤‍🔥", "♥️", "❤︎"},
               {Mood::beautiful, Mood::energizing, Mood::erotic}},
        Judged{
            "NewHearts", {"🩷", "🩵", "🩶", "🩵🩶"}, {Mood::beautiful, Mood::joyful, Mood::dreamy}},
        Judged{"CryingFaces", {"ㅠ_ㅠ", "ㅜ.ㅜ", "T_T", ";_;", "오늘 시험 망했어 ㅠ_ㅠ"}, {Mood::sad}},
        Judged{"MendingHeart", {"❤️‍🩹", "❤‍🩹"}, {Mood::beautiful, Mood::calm, Mood::sad}},
        Judged{"Sigh", {"😮‍💨"}, {Mood::sad, Mood::calm, Mood::anxious}},
        Judged{"Dizzy", {"😵‍💫"}, {Mood::anxious, Mood::scary, Mood::dreamy, Mood::indignant}},
        Judged{"InTheClouds", {"😶‍🌫️"}, {Mood::dreamy, Mood::calm}},
        Judged{"Runner",
               {"🏃🏽‍♀️", "🏃‍♀️‍➡️", "🏃‍♂️"},
               {Mood::energizing, Mood::joyful}},
        Judged{"FacePalm",
               {"🤦🏻‍♀️", "🤦‍♂️"},
               {Mood::annoying, Mood::indignant, Mood::sad}}),
    [](const auto& row) { return std::string(row.param.name); });

// They weigh nothing: what stands beside them decides.
TEST(EmojiWithoutFeeling, SaysNothing) {
    for (const std::string text : {"🇰🇷",
                                   "🇰🇷🇺🇸🇯🇵",
                                   "🏳️‍🌈",
                                   "🏳️‍⚧️",
                                   "🏴‍☠️",
                                   "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
                                   "1️⃣",
                                   "#️⃣*️⃣0️⃣",
                                   "👩‍⚕️",
                                   "👨🏽‍💻",
                                   "🧑‍🚀👩‍🚒",
                                   "🐻‍❄️",
                                   "🐈‍⬛",
                                   "🐦‍🔥",
                                   "👨",
                                   "👩🏽‍🦰",
                                   "👨👩",
                                   "👁️‍🗨️",
                                   "⛓️‍💥",
                                   "👨🏿‍🦽‍➡️"}) {
        const TextAnswer answered = answer(text);
        EXPECT_EQ(answered.quality, 0.0F) << text;
        for (std::size_t i = 0; i < kMoodCount; ++i)
            EXPECT_LT(lift(answered, static_cast<Mood>(i)), 1.1F)
                << text << " " << name(static_cast<Mood>(i));
    }
    for (const std::string text : {"정말 슬프다", "정말 행복해", "this is so scary", "너무 화가 난다"}) {
        for (const std::string sign :
             {" 🇰🇷", " 🏳️‍🌈", " 👩‍🚒", " 1️⃣", " 🐻‍❄️"})
            EXPECT_EQ(answer(text + sign).fused.top, answer(text).fused.top) << text << sign;
    }
}

TEST(EmojiStyle, MakesNoDifference) {
    const std::pair<const char*, const char*> same[] = {
        {"👍", "👍🏿"},
        {"🤷", "🤷🏻‍♀️"},
        {"🙏", "🙏🏽"},
        {"👨‍👩‍👧", "👨🏻‍👩🏿‍👧🏽"},
        {"❤", "❤️"},
        {"☺︎", "☺️"},
        {"👩‍❤️‍👨", "👨🏽‍❤️‍👨🏿"},
        {"🤦", "🤦🏽‍♂️"},
        {"💪", "💪🏼"},
        {"ok 👏", "ok 👏🏾"},
        {"🏃", "🏃‍♀️‍➡️"},
        {"🧘", "🧘🏿‍♂️"},
    };
    for (const auto& [one, other] : same) {
        EXPECT_EQ(answer(one).fused.moods, answer(other).fused.moods) << one << " " << other;
        EXPECT_EQ(answer(one).quality, answer(other).quality) << one << " " << other;
    }
}

// The same letters as NFC, NFD, NFKC, NFKD and half-width: the same language and the same bits.
TEST(HangulLetters, AreTheSameWhicheverWayTheyCame) {
    const std::pair<const char*, const char*> same[] = {
        {"ㅋㅋㅋ", "\u110F\u110F\u110F"},
        {"ㅋㅋㅋ", "\uFFBB\uFFBB\uFFBB"},
        {"ㅋㅋㅋ", "\u11BF\u11BF\u11BF"},
        {"ㅠㅠ", "\u1172\u1172"},
        {"ㅜㅜ", "\u116E\u116E"},
        {"ㅠㅠ", "\uFFD7\uFFD7"},
        {"ㅎㅎ", "\u1112\u1112"},
        {"ㅡㅡ", "\u1173\u1173"},
        {"ㄷㄷ", "\u1103\u1103"},
        {"ㅇㅈ ㄱㅅ ㅅㅂ ㄳ", "\u110B\u110C \u1100\u1109 \u1109\u1107 \u11AA"},
        {"ㅠ_ㅠ", "\u1172_\u1172"},
        {"ㅋㅋㅠㅠ", "\u110F\uD050\u1172"},
        {"오늘 웃겨ㅋㅋㅋ", "\u110B\u1169\u1102\u1173\u11AF 웃겨\u110F\u110F\u110F"},
        {"슬퍼ㅠㅠ", "\u1109\u1173\u11AF\u1111\u1165\u1172\u1172"},
        {"행복해", "\u1112\u1162\u11BC\u1107\u1169\u11A8\u1112\u1162"},
        {"so happy", "\uFF53\uFF4F 𝒽𝒶𝓅𝓅𝓎"},
        {"so happy", "s\u00ado ha\u200bp\u200dp\u2060y\u200f"},
        {"행복해", "행\u200b복\u00ad해\ufeff"},
    };
    for (const auto& [plain, other] : same) {
        const TextAnswer expected = answer(plain);
        const TextAnswer got = answer(other);
        EXPECT_EQ(got.language, expected.language) << plain;
        EXPECT_EQ(got.fused.moods, expected.fused.moods) << plain;
        EXPECT_EQ(got.evidence, expected.evidence) << plain;
        EXPECT_EQ(got.quality, expected.quality) << plain;
    }
}

}  // namespace
}  // namespace bgm
