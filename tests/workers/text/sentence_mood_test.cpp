// What a person would say of sentences that are easy to get wrong: plain ones, negation, irony with a mark,
// hashtags, slang, emoji alone, single words, two languages in one post, and grief. None of them is in the
// lexicon as it stands here.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "ops/lab/train/text_model.hpp"

namespace bgm {
namespace {

const std::set<Mood> kUnpleasant{Mood::annoying, Mood::anxious, Mood::indignant, Mood::sad, Mood::scary};
const std::set<Mood> kPleasant{Mood::amusing,    Mood::beautiful, Mood::calm,   Mood::dreamy,
                               Mood::energizing, Mood::erotic,    Mood::joyful, Mood::triumphant};

struct Kind {
    const char* name;
    std::set<Mood> accepted;  // empty: plain, whatever the strongest mood is
    std::vector<const char*> texts;
};

class SentenceMood : public testing::TestWithParam<Kind> {};

TEST_P(SentenceMood, IsOneThatAPersonAccepts) {
    static TextModel model = TextModel::open(std::filesystem::path(BGM_SOURCE_DIR) / "data/builtin").value();
    for (const std::string text : GetParam().texts) {
        const FusedMood fused = model.answer(text).value().fused;
        if (GetParam().accepted.empty()) {
            EXPECT_TRUE(fused.plain && fused.ambiguous) << text << ": felt " << fused.felt;
            EXPECT_EQ(fused.likely.front(), Mood::calm) << text;
            continue;
        }
        EXPECT_FALSE(fused.plain) << text << ": felt " << fused.felt;
        EXPECT_TRUE(GetParam().accepted.contains(fused.top)) << text << " is " << name(fused.top);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table, SentenceMood,
    testing::Values(
        Kind{"PlainKorean",
             {},
             {"그냥 점심 먹음", "회의는 4시에 시작합니다", "오늘 버스 타고 회사 감",
              "내일 오전에 치과 예약 있음", "노트북 충전 중", "방금 양치함", "문서는 공유 폴더에 있습니다",
              "지금 시간 7시 반"}},
        Kind{"PlainEnglish",
             {},
             {"the meeting is at 3 pm", "I parked the car behind the building",
              "The package was delivered to the front desk", "The library closes at six on Sundays",
              "We moved the call to Tuesday", "He lives two blocks from the station",
              "Added two eggs and a cup of flour"}},
        Kind{"NoJoy",
             kUnpleasant,
             {"기분이 별로 좋지 않다", "나 오늘 하나도 안 행복해", "이 영화 전혀 재밌지 않았다",
              "웃을 기분이 아니야", "좋은 일이 하나도 없다", "i'm not happy with how this turned out",
              "this is not fun at all", "i don't feel good today", "nothing about this is okay"}},
        Kind{"NoSorrow",
             kPleasant,
             {"not sad anymore", "더 이상 무섭지 않아", "i'm not afraid of you anymore", "전혀 걱정하지 않아",
              "couldn't be prouder"}},
        Kind{"MarkedIrony",
             kUnpleasant,
             {"지갑 잃어버렸다 ㅋㅋㅋ 참 좋은 하루네", "또 지각이네 ㅋㅋ 인생 최고다", "시험 망쳤다 ㅋㅋㅋㅋ",
              "oh wonderful, the train is late again", "i love being stuck in traffic for two hours /s",
              "what a fantastic way to start monday /s",
              "best customer service ever... been on hold for an hour"}},
        Kind{"PleasantHashtags",
             kPleasant,
             {"#행복 #주말 #여행스타그램", "#힐링 #여유 #카페", "#blessed #grateful", "#불금 #파티타임",
              "#합격 #드디어", "#chill #sundayvibes", "비오는날 #감성 #새벽"}},
        Kind{"UnpleasantHashtags",
             kUnpleasant,
             {"#sad #lonely #brokenheart", "#angry #injustice", "#horror #halloween", "#우울 #이별",
              "today was long #exhausted #depressed"}},
        Kind{"PleasantSlang",
             kPleasant,
             {"개웃겨 진짜", "이 집 존맛이야", "이 노래 개좋네", "this track is lit", "slay queen slay",
              "that concert was fire", "bro i'm dead 💀", "오졌다 진짜 예쁨"}},
        Kind{"UnpleasantSlang",
             kUnpleasant,
             {"ㄹㅇ 슬프다", "존나 짜증나네 진짜", "lowkey heartbroken rn", "킹받네 진짜",
              "this is so cringe"}},
        Kind{"PleasantEmoji", kPleasant, {"😂😂", "❤️❤️❤️", "🎉🎉", "💪", "👏👏👏", "😴"}},
        Kind{"UnpleasantEmoji", kUnpleasant, {"😭", "😡", "😱", "🥺"}},
        Kind{"PleasantWord", kPleasant, {"행복", "yay", "설렘", "gorgeous", "편안", "축하해", "합격!"}},
        Kind{"UnpleasantWord", kUnpleasant, {"우울", "짜증", "ugh", "lonely", "무서워", "분노", "boring"}},
        Kind{"PleasantMixed",
             kPleasant,
             {"오늘 진짜 so happy ㅎㅎ", "weekend에 festival 간다 let's go", "my 강아지 너무 cute해",
              "coffee 한잔하며 relax", "love you 우리 엄마"}},
        Kind{"UnpleasantMixed",
             kUnpleasant,
             {"너무 tired하고 sad한 밤", "이 service 진짜 worst다", "interview 앞두고 너무 nervous",
              "homework 또 있음 so annoying", "무서운 movie 봤더니 scary해서 잠이 안 와"}},
        Kind{"Grief",
             {Mood::sad},
             {"할머니가 오늘 새벽에 돌아가셨다", "우리 강아지가 무지개다리를 건넜어요", "아빠 없는 첫 생일",
              "친구 장례식에 다녀왔다", "엄마가 너무 보고 싶다", "삼촌이 세상을 떠나셨다",
              "하늘에서 편히 쉬길", "lost my grandma today", "my dog passed away this morning",
              "the house feels so empty without dad", "it's been a year since you left us"}}),
    [](const auto& table) { return std::string(table.param.name); });

}  // namespace
}  // namespace bgm
