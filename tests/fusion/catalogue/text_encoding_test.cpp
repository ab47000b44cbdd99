// Catalogues in the encodings that spreadsheets save them in, long and of one row: each is told from the
// others and comes out as the same UTF-8. What is none of them is an error that says so.
#include "fusion/catalogue/text_encoding.hpp"

#include <gtest/gtest.h>
#include <unicode/ucnv.h>

#include "fusion/catalogue/header_names.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

using namespace std::string_literals;

std::string encoded(const std::string& utf8, const char* converter) {
    std::string bytes(utf8.size() * 4 + 16, '\0');
    UErrorCode status = U_ZERO_ERROR;
    const auto length =
        ucnv_convert(converter, "UTF-8", bytes.data(), static_cast<std::int32_t>(bytes.size()), utf8.data(),
                     static_cast<std::int32_t>(utf8.size()), &status);
    EXPECT_TRUE(U_SUCCESS(status)) << converter;
    bytes.resize(static_cast<std::size_t>(length));
    return bytes;
}

struct Case {
    const char* name;
    const char* encoding;  // that is found
    const char* converter;
    const char* text;
};

class EncodingTable : public testing::TestWithParam<Case> {};

TEST_P(EncodingTable, IsFoundAndRead) {
    const std::string text = GetParam().text;
    for (const std::string& whole : {text, text + text + text}) {
        const std::string bytes = encoded(whole, GetParam().converter);
        const auto decoded = decode_text(bytes, {}, foreign_header_names());
        ASSERT_TRUE(decoded) << decoded.error().message;
        EXPECT_EQ(decoded->encoding, GetParam().encoding);
        EXPECT_TRUE(decoded->text() == whole) << decoded->text();
        EXPECT_EQ(decoded->damaged_places, 0U);
    }
    const std::string bytes = encoded(text, GetParam().converter);
    const auto asked = decode_text(bytes, GetParam().encoding);
    ASSERT_TRUE(asked) << asked.error().message;
    EXPECT_EQ(asked->text(), text);
}

constexpr const char* kKorean = "곡명,가수,기분\r\n벚꽃 엔딩,버스커 버스커,joyful\r\n봄날,방탄소년단,sad\r\n";
constexpr const char* kKoreanValues = "title,artist,mood\r\n좋은 날,아이유,joyful\r\n";
constexpr const char* kJapanese = "title,artist\r\n夜に駆ける,YOASOBI\r\n";
constexpr const char* kEnglishAndFrench =
    "title,artist\r\nDéjà Vu,Beyoncé\r\nÇa plane pour moi,Plastic Bertrand\r\n";

INSTANTIATE_TEST_SUITE_P(
    Encodings, EncodingTable,
    testing::Values(
        Case{"MsDosInEurope", "IBM850", "ibm-850_P100-1995",
             "Titel;Künstler\r\nÜber sieben Brücken;Peter Maffay\r\nFür Elise;Größe & Maß\r\n"},
        Case{"Cp949", "CP949", "windows-949", kKorean},
        Case{"Cp949Values", "CP949", "windows-949", kKoreanValues},
        Case{"Cp949OneSyllable", "CP949", "windows-949", "title,artist\n비,Rain\n"},
        Case{"Cp949OneName", "CP949", "windows-949", "title,artist\nLILAC,아이유\n"},
        Case{"Cp949OutsideEucKr", "CP949", "windows-949",
             "title,artist\n똠방각하 펲시콜라,홍길동\n힣,이찬원\n"},
        Case{"Cp949WithHanja", "CP949", "windows-949", "제목,가수\n戀歌 연가,김광석\n"},
        Case{"Cp949Semicolons", "CP949", "windows-949", "제목;가수;장르\r\n너의 의미;산울림;록\r\n"},
        Case{"French", "windows-1252", "windows-1252", kEnglishAndFrench},
        Case{"FrenchEuro", "windows-1252", "windows-1252",
             "Titre;Artiste\r\nL’été indien – 5 €;Joe Dassin\r\n"},
        Case{
            "German", "windows-1252", "windows-1252",
            "Titel;Künstler;Länge\r\nSchrei nach Liebe;Die Ärzte;3:45\r\nÜber sieben Brücken;Karat;4:05\r\n"},
        Case{"GermanOneWord", "windows-1252", "windows-1252", "title,artist\nSong,Die Ärzte\n"},
        Case{"Icelandic", "windows-1252", "windows-1252", "title,artist\nÁgætis byrjun,Sigur Rós\n"},
        Case{"Spanish", "windows-1252", "windows-1252",
             "título;artista\n¿Dónde jugarán los niños?;Maná\nAño;Ñu\n"},
        Case{"Portuguese", "windows-1252", "windows-1252", "titulo;artista\nConstrução;João Gilberto\n"},
        Case{"Latin9", "ISO-8859-15", "ISO-8859-15", "Titre;Artiste\nCœur brisé;Sœur Sourire\n"},
        Case{"ShiftJis", "Shift_JIS", "ibm-943_P15A-2003", kJapanese},
        Case{"ShiftJisHeader", "Shift_JIS", "ibm-943_P15A-2003", "曲名,アーティスト\nレモン,米津玄師\n"},
        Case{"EucJp", "EUC-JP", "euc-jp-2007", "title,artist\nさくらの唄,あいみょん\n"},
        Case{"Gbk", "GB18030", "gb18030", "歌名,歌手\n月亮代表我的心,邓丽君\n"},
        Case{"Gb18030Values", "GB18030", "gb18030", "title,artist\n我的歌声里,曲婉婷\n青花瓷,周杰伦\n"},
        Case{"Big5", "Big5", "windows-950-2000", "歌名,歌手\n月亮代表我的心,鄧麗君\n"},
        Case{"Cyrillic", "windows-1251", "windows-1251", "title,artist\nГруппа крови,Кино\n"},
        Case{"Ukrainian", "windows-1251", "windows-1251", "title,artist\nОбійми,Океан Ельзи\n"},
        Case{"Flower", "CP949", "windows-949", "title,artist\r\n꽃,BTS\r\n"},
        Case{"FlowerLight", "CP949", "windows-949", "title,artist\r\n꽃빛,IU\r\n"},
        Case{"Koi8", "KOI8-R", "KOI8-R", "title,artist\nГруппа крови,Кино\n"},
        Case{"Polish", "windows-1250", "windows-1250",
             "title,artist\nŻyję w kiosku; śnię o łące,Myślovitz\n"},
        Case{"OldMac", "macintosh", "macintosh", "title;artist\rDéjà Vu;Beyoncé\rÉté;Zoé\r"},
        Case{"Utf16LittleNoMark", "UTF-16LE", "UTF-16LE", kKorean},
        Case{"Utf16BigNoMark", "UTF-16BE", "UTF-16BE", kKorean},
        Case{"Utf16LittleEnglish", "UTF-16LE", "UTF-16LE", "title,artist\r\nOne,A\r\n"},
        Case{"Utf16LittleEmoji", "UTF-16LE", "UTF-16LE", "title,artist\r\n봄날 🌸🎵,방탄소년단\r\n"},
        Case{"Utf16BigOneColumn", "UTF-16BE", "UTF-16BE", "제목\n봄날\n가을\n"},
        Case{"Utf8", "UTF-8", "UTF-8", kKorean}, Case{"Ascii", "UTF-8", "UTF-8", "title,artist\nOne,A\n"}),
    [](const auto& row) { return std::string(row.param.name); });

// Sorted as spreadsheets sort, all Latin titles come before the first Korean one.
TEST(TextEncoding, LooksWhereTheTextIsMoreThanAscii) {
    std::string text = "title,artist\r\n";
    while (text.size() < 600'000)
        text += "Song " + std::to_string(text.size()) + ",Band\r\n";
    text += "좋은 날,아이유\r\n벚꽃 엔딩,버스커 버스커\r\n";
    const auto decoded = decode_text(encoded(text, "windows-949"), {}, foreign_header_names());
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->encoding, "CP949");
    EXPECT_TRUE(decoded->text() == text);
}

TEST(TextEncoding, FollowsTheByteOrderMark) {
    const std::string text = kKorean;
    const std::pair<std::string, const char*> marked[] = {
        {"\xEF\xBB\xBF"s + text, "UTF-8"},
        {"\xFF\xFE"s + encoded(text, "UTF-16LE"), "UTF-16LE"},
        {"\xFE\xFF"s + encoded(text, "UTF-16BE"), "UTF-16BE"},
        {"\xFF\xFE\0\0"s + encoded(text, "UTF-32LE"), "UTF-32LE"},
        {"\0\0\xFE\xFF"s + encoded(text, "UTF-32BE"), "UTF-32BE"},
    };
    for (const auto& [bytes, name] : marked) {
        const auto decoded = decode_text(bytes);
        ASSERT_TRUE(decoded) << name << decoded.error().message;
        EXPECT_EQ(decoded->encoding, name);
        EXPECT_TRUE(decoded->certain);
        EXPECT_EQ(decoded->text(), text) << name;
        EXPECT_EQ(decode_text(decoded->text(), "utf8")->text(), text);
    }
    EXPECT_EQ(decode_text("\xEF\xBB\xBFx", "UTF-8")->text(), "x");
}

TEST(TextEncoding, ADamagedPlaceCostsItsRowAndNotTheFile) {
    const std::string utf8 = kKorean + "가을,\xFF\n"s;
    const auto decoded = decode_text(utf8);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->encoding, "UTF-8");
    EXPECT_EQ(decoded->damaged_places, 1U);
    EXPECT_EQ(decoded->text(), utf8);

    const std::string cut = "title,artist\n봄,비\n가을,\xEB\xB0"s;
    ASSERT_TRUE(decode_text(cut)) << decode_text(cut).error().message;
    EXPECT_EQ(decode_text(cut)->encoding, "UTF-8");

    const std::string with_zero = kKorean + "a\0b,c\n"s;
    EXPECT_EQ(decode_text(with_zero)->text(), with_zero);

    std::string many;
    for (int i = 0; i < 200; ++i)
        many += kKorean;
    const auto cp949 = decode_text(encoded(many, "windows-949") + "\xFF\n", {}, foreign_header_names());
    ASSERT_TRUE(cp949) << cp949.error().message;
    EXPECT_EQ(cp949->encoding, "CP949");
    EXPECT_EQ(cp949->damaged_places, 1U);
    EXPECT_TRUE(cp949->text() == many + "\xFF\n");
    EXPECT_EQ(decode_text(encoded(kKorean, "windows-949"), "utf-8")->damaged_places > 0, true);
}

TEST(TextEncoding, WhatNoTextHoldsIsDamageInUtf16Too) {
    for (const std::string& unit : {"\xFF\xFF"s, "\x00\xDC"s, "\x3C\xD8"s}) {
        const std::string bytes = "\xFF\xFE"s + "a\0"s + unit + "b\0"s;
        const auto decoded = decode_text(bytes);
        ASSERT_TRUE(decoded);
        EXPECT_EQ(decoded->damaged_places, 1U);
        EXPECT_EQ(decoded->text(),
                  "a\xFF"
                  "b");
    }
}

TEST(TextEncoding, CharactersAcrossPiecesStayWhole) {
    std::string text = "x";
    while (text.size() < 400'000)
        text += "🎵가é,\n";
    for (const char* converter : {"UTF-16LE", "gb18030"}) {
        const auto decoded = decode_text(encoded(text, converter), converter);
        ASSERT_TRUE(decoded);
        EXPECT_TRUE(decoded->text() == text) << converter;
    }
}

TEST(TextEncoding, SaysWhatItCannotRead) {
    const auto error = [](const std::string& bytes, const char* encoding = "") {
        const auto decoded = decode_text(bytes, encoding);
        return decoded ? "read as " + decoded->encoding : decoded.error().message;
    };
    EXPECT_NE(error("a\0\0\0b\1\2\3\0"s).find("no text"), std::string::npos);
    EXPECT_NE(error("x", "klingon").find("klingon"), std::string::npos);
    std::string noise;
    for (unsigned i = 0; i < 2000; ++i)
        noise += static_cast<char>(1 + i * 7919 % 255);
    EXPECT_NE(error(noise).find("likeliest"), std::string::npos) << error(noise);
    EXPECT_EQ(decode_text("")->text(), "");
}

}  // namespace
}  // namespace bgm
