// What the reference's libraries say of a character, each with the Unicode tables of its year.
#include "workers/tokenizers/characters.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bgm::reference {
namespace {

std::string lower(char32_t character) {
    std::string text;
    append_lower(text, character);
    return text;
}

TEST(Characters, Utf8GoesInAndComesOut) {
    for (const char32_t character :
         {U'\0', U'a', U'\u007F', U'\u0080', U'\u07FF', U'\u0800', U'\uFFFF', U'\U00010000', U'\U0010FFFF'}) {
        std::string text = "x";
        append_utf8(text, character);
        std::size_t at = 1;
        EXPECT_EQ(next_character(text, at), character);
        EXPECT_EQ(at, text.size());
    }
}

TEST(Characters, IllFormedPiecesAreReplaced) {
    EXPECT_EQ(repair_utf8("a\xFF"
                          "b\xC3"),
              "a\uFFFDb\uFFFD");
    EXPECT_EQ(repair_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // a lone surrogate
    EXPECT_EQ(repair_utf8("가"), "가");
}

TEST(Characters, ClassesAreLettersNumbersSpacesAndTheRest) {
    for (const char32_t letter : {U'a', U'Z', U'é', U'가', U'ㅋ', U'猫', U'ª'})
        EXPECT_EQ(class_of(letter), CharacterClass::letter) << static_cast<unsigned>(letter);
    for (const char32_t number : {U'0', U'9', U'½', U'Ⅷ', U'٣'})
        EXPECT_EQ(class_of(number), CharacterClass::number) << static_cast<unsigned>(number);
    for (const char32_t space : {U' ', U'\t', U'\v', U'\u0085', U'\u00A0', U'\u2028', U'\u3000'})
        EXPECT_EQ(class_of(space), CharacterClass::space) << static_cast<unsigned>(space);
    // Neither the information separators nor the zero-width space are white space.
    for (const char32_t other : {U'!', U'\0', U'\u001C', U'\u200B', U'\u0301', U'😀', U'_'})
        EXPECT_EQ(class_of(other), CharacterClass::other) << static_cast<unsigned>(other);
}

TEST(Characters, LowerCaseKnowsNoNeighbours) {
    EXPECT_EQ(lower(U'A'), "a");
    EXPECT_EQ(lower(U'É'), "é");
    EXPECT_EQ(lower(U'Σ'), "σ");        // also at the end of a word
    EXPECT_EQ(lower(U'İ'), "i\u0307");  // the only one that becomes two
    EXPECT_EQ(lower(U'\u1E9E'), "ß");
    EXPECT_EQ(lower(U'가'), "가");
}

TEST(Characters, CleaningDropsControlsAndMakesSpacesPlain) {
    for (const char32_t space : {U' ', U'\t', U'\n', U'\r', U'\u00A0', U'\u2029', U'\u3000'})
        EXPECT_EQ(clean_up(space), U' ') << static_cast<unsigned>(space);
    for (const char32_t dropped : {U'\0', U'\v', U'\f', U'\u0085', U'\u007F', U'\u00AD', U'\u200B', U'\u200D',
                                   U'\uFEFF', U'\uFFFD', U'\uE000', U'\uE123', U'\U00100001'})
        EXPECT_EQ(clean_up(dropped), 0U) << static_cast<unsigned>(dropped);
    // Unassigned, a variation selector, and a format character that came after Unicode 8: they stay.
    for (const char32_t kept : {U'\u0378', U'\uFE0F', U'\u08E2', U'\U000110CD'})
        EXPECT_EQ(clean_up(kept), kept) << static_cast<unsigned>(kept);
}

TEST(Characters, PunctuationIsThatOfUnicode8AndAllAsciiSigns) {
    for (const char32_t mark : {U'!', U'$', U'+', U'^', U'`', U'~', U'…', U'。', U'「', U'·', U'\u166D'})
        EXPECT_TRUE(is_bert_punctuation(mark)) << static_cast<unsigned>(mark);
    for (const char32_t other : {U'a', U'5', U'€', U'＋', U'\u2E43', U'\U00011459'})
        EXPECT_FALSE(is_bert_punctuation(other)) << static_cast<unsigned>(other);
}

TEST(Characters, StrippedMarksAreThoseOfUnicode8) {
    for (const char32_t mark : {U'\u0301', U'\u3099', U'\uFE0F', U'\u1734'})
        EXPECT_TRUE(is_stripped_mark(mark)) << static_cast<unsigned>(mark);
    // Spacing and enclosing marks; later ones; those that only later became nonspacing.
    for (const char32_t other : {U'a', U'\u093E', U'\u20E3', U'\u1DF6', U'\u1885', U'\uA9BD', U'\U000111C9'})
        EXPECT_FALSE(is_stripped_mark(other)) << static_cast<unsigned>(other);
}

TEST(Characters, IdeographsAreNotHangulOrKana) {
    for (const char32_t ideograph : {U'猫', U'\u3400', U'\u9FFF', U'\uF900', U'\U00020000', U'\U0002B920'})
        EXPECT_TRUE(is_bert_ideograph(ideograph)) << static_cast<unsigned>(ideograph);
    for (const char32_t other : {U'가', U'ね', U'ネ', U'。', U'\U0002B91F', U'\U00030000'})
        EXPECT_FALSE(is_bert_ideograph(other)) << static_cast<unsigned>(other);
}

TEST(Characters, DecomposesAndOrdersMarks) {
    EXPECT_EQ(decompose("é"), U"e\u0301");
    EXPECT_EQ(decompose("한가"), U"\u1112\u1161\u11AB\u1100\u1161");
    EXPECT_EQ(decompose("q\u0307\u0323\u0301"),
              U"q\u0323\u0307\u0301");  // below before above, else as it was
    EXPECT_EQ(decompose("\u2126"), U"\u03A9");
    EXPECT_EQ(decompose("ﬁ½"), U"ﬁ½");  // canonical only
}

TEST(Characters, Composes) {
    EXPECT_EQ(compose("plain"), "plain");
    EXPECT_EQ(compose("e\u0301"), "é");
    EXPECT_EQ(compose("\u1112\u1161\u11AB\u1100\u1161"), "한가");
    EXPECT_EQ(compose("가\u11A8"), "각");
    EXPECT_EQ(compose("e\u0323\u0302"), "\u1EC7");
    EXPECT_EQ(compose("e\u0302\u0323"), "\u1EC7");
    EXPECT_EQ(compose("\u0301e"), "\u0301e");
    EXPECT_EQ(compose("a\u0300\u0301"), "\u00E0\u0301");
    EXPECT_EQ(compose("a\u0313\u0300"), "a\u0313\u0300");  // blocked by one of its own class
    EXPECT_EQ(compose("a\u0315\u0300b\u0300"), "\u00E0\u0315b\u0300");
    EXPECT_EQ(compose("\u0958"), "\u0915\u093C");  // excluded from composition
    EXPECT_EQ(compose("か\u3099"), "が");
}

TEST(Characters, WhatCameAfterUnicode9NeitherComposesNorMoves) {
    EXPECT_EQ(compose("\U00011935\U00011930"), "\U00011935\U00011930");
    EXPECT_EQ(decompose("\U00011938"), U"\U00011938");
    EXPECT_EQ(decompose("a\u0301\u1DF9"), U"a\u0301\u1DF9");  // class 220 since Unicode 11
}

TEST(Characters, ALongRunOfMarksIsOnlySorted) {
    std::string marks = "a";
    for (int i = 0; i < 16000; ++i)
        marks += "\u0307\u0323";
    const std::u32string decomposed = decompose(marks);
    ASSERT_EQ(decomposed.size(), 32001U);
    EXPECT_EQ(decomposed[1], U'\u0323');
    EXPECT_EQ(decomposed[16000], U'\u0323');
    EXPECT_EQ(decomposed[16001], U'\u0307');
    EXPECT_EQ(compose(marks).substr(0, 3), "\u1EA1");  // a with dot below; the dot above is blocked
}

}  // namespace
}  // namespace bgm::reference
