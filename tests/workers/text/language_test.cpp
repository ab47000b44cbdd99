// Sentences of many languages, short slang, mixed scripts: which of them the encoder may claim to understand.
#include "workers/text/language.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bgm {
namespace {

struct Row {
    const char* text;
    Language language;
};

constexpr Row kRows[] = {
    // Korean
    {"오늘 너무 행복해", Language::korean},
    {"ㅋㅋㅋㅋ", Language::korean},
    {"ㅇㅈ", Language::korean},
    {"굿", Language::korean},
    {"진짜 짜증나 ㅡㅡ", Language::korean},
    {"나 오늘 meeting 너무 boring했다", Language::korean},
    {"드디어 iPhone 샀다!!!", Language::korean},
    {"BTS 콘서트 다녀옴 💜", Language::korean},
    {"#행복한하루 #daily #ootd", Language::korean},
    {"OMG 대박", Language::korean},
    {"Netflix 드라마 정주행 중", Language::korean},
    {"https://example.org 이거 봐봐", Language::korean},
    {"행복", Language::korean},
    {"韓國 사람들은 정말 친절하다", Language::korean},
    {"happy birthday 우리 아들 사랑해", Language::korean},
    // English
    {"I am so happy today", Language::english},
    {"not happy", Language::english},
    {"lol", Language::english},
    {"omg fr fr no cap", Language::english},
    {"u ok bro?", Language::english},
    {"idk tbh", Language::english},
    {"yolo", Language::english},
    {"this slaps", Language::english},
    {"what a day!!!", Language::english},
    {"Had the best café latte ever", Language::english},
    {"so naïve of me", Language::english},
    {"pls help im stuck", Language::english},
    {"Monday again...", Language::english},
    {"gonna miss you all", Language::english},
    {"it is what it is", Language::english},
    {"HAPPY NEW YEAR", Language::english},
    {"@user thanks for the follow!", Language::english},
    {"Kimchi jjigae is my favorite food", Language::english},
    {"no worries mate", Language::english},
    {"me too", Language::english},
    {"lets goooo", Language::english},
    {"I can't even", Language::english},
    {"such a lovely sunset at the beach", Language::english},
    {"#SoHappy #blessed", Language::english},
    {"ngl that was fire", Language::english},
    // French
    {"Je suis très heureux aujourd'hui", Language::other},
    {"C'est la vie, mais je t'aime", Language::other},
    {"Quelle belle journée avec mes amis", Language::other},
    {"je suis trop fatigué mdr", Language::other},
    // Spanish
    {"Estoy muy feliz hoy", Language::other},
    {"Qué día tan bonito", Language::other},
    {"te quiero mucho amiga", Language::other},
    {"no puedo más con este calor jajaja", Language::other},
    // German
    {"Ich bin heute sehr glücklich", Language::other},
    {"Guten Morgen zusammen", Language::other},
    {"Das war ein schöner Tag", Language::other},
    {"ich habe keine Lust mehr", Language::other},
    // Indonesian, Malay
    {"aku sangat bahagia hari ini", Language::other},
    {"selamat pagi semua", Language::other},
    {"capek banget hari ini wkwkwk", Language::other},
    // Vietnamese
    {"Hôm nay tôi rất vui", Language::other},
    {"cảm ơn mọi người rất nhiều", Language::other},
    {"hom nay buon qua", Language::other},
    // Others in Latin letters
    {"Hoje estou muito feliz", Language::other},
    {"Oggi sono molto felice", Language::other},
    {"Ik ben heel blij vandaag", Language::other},
    {"Bugün çok mutluyum", Language::other},
    {"Jestem dzisiaj bardzo szczęśliwy", Language::other},
    {"Jag är så glad idag", Language::other},
    {"Olen tänään hyvin onnellinen", Language::other},
    {"Masaya ako ngayon sobra", Language::other},
    // Other scripts
    {"今日はとても幸せです", Language::other},
    {"今天我很开心", Language::other},
    {"Сегодня я очень счастлив", Language::other},
    {"أنا سعيد جدا اليوم", Language::other},
    {"मैं आज बहुत खुश हूँ", Language::other},
    {"วันนี้มีความสุขมาก", Language::other},
    {"σήμερα είμαι πολύ χαρούμενος", Language::other},
    {"היום אני מאוד שמח", Language::other},
    // No language
    {"", Language::none},
    {"😂😂😂", Language::none},
    {"❤️", Language::none},
    {"123 !!!", Language::none},
    {":)", Language::none},
    {"https://example.org", Language::none},
};

class LanguageTable : public testing::TestWithParam<Row> {};

TEST_P(LanguageTable, IsDetected) {
    EXPECT_EQ(detect_language(normalise(GetParam().text)).language, GetParam().language) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(Sentences, LanguageTable, testing::ValuesIn(kRows));

TEST(Language, HintDecidesOnlyWhatTheTextLeavesOpen) {
    const auto open = normalise("zumba kizomba");
    EXPECT_EQ(detect_language(open, "pt-BR").language, Language::other);
    EXPECT_EQ(detect_language(open, "en").language, Language::english);
    EXPECT_FALSE(detect_language(open, "en").certain);
    EXPECT_EQ(detect_language(normalise("오늘 너무 행복해"), "en").language, Language::korean);
    EXPECT_EQ(detect_language(normalise("Je suis très heureux aujourd'hui"), "en").language, Language::other);
}

TEST(Language, NamesAreTheThreeOfTheContract) {
    EXPECT_EQ(name(Language::korean), "ko");
    EXPECT_EQ(name(Language::english), "en");
    EXPECT_EQ(name(Language::other), "other");
    EXPECT_EQ(name(Language::none), "other");
}

}  // namespace
}  // namespace bgm
