// Columns line up on a terminal whatever the script, and what strangers wrote cannot drive the terminal.
#include "ops/bgmctl/console/table.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace bgm {
namespace {

TEST(DisplayWidth, CountsTheCellsThatATerminalUses) {
    EXPECT_EQ(display_width("calm"), 4u);
    EXPECT_EQ(display_width("바다"), 4u);
    EXPECT_EQ(display_width("ㅋㅋ"), 4u);
    EXPECT_EQ(display_width("é"), 1u);
    EXPECT_EQ(display_width("e\u0301"), 1u) << "a combining accent takes no cell of its own";
    EXPECT_EQ(display_width("\u1112\u1161\u11ab"), 2u) << "한 in three conjoining jamo";
    EXPECT_EQ(display_width("🎵"), 2u);
    EXPECT_EQ(display_width("❤️"), 2u) << "a heart that asks for emoji form";
    EXPECT_EQ(display_width("👨‍👩‍👧"), 2u) << "a family is one picture";
    EXPECT_EQ(display_width("🇰🇷"), 2u) << "a flag is two letters in one picture";
    EXPECT_EQ(display_width(""), 0u);
}

TEST(Printable, TakesTheControlOverTheTerminalAway) {
    EXPECT_EQ(printable("red \x1b[31m text"), "red \uFFFD[31m text");
    EXPECT_EQ(printable("two\nlines\tand\x07"), "two lines and\uFFFD");
    EXPECT_EQ(printable("c1 \u009b31m"), "c1 \uFFFD31m");
    EXPECT_EQ(printable("abc\u202Ecba"), "abc\uFFFDcba") << "no text that reads backwards";
    EXPECT_EQ(printable("half \xed\x95"), "half \uFFFD");
    EXPECT_EQ(printable("바다 👍🏽"), "바다 👍🏽");
}

TEST(FitWidth, CutsBetweenCharactersAndNeverPastTheWidth) {
    EXPECT_EQ(fit_width("calm", 4), "calm");
    EXPECT_EQ(fit_width("calmer", 4), "cal…");
    EXPECT_EQ(fit_width("바다가", 4), "바…") << "a wide character that would stick out is left away";
    EXPECT_EQ(fit_width("👨‍👩‍👧👨‍👩‍👧", 3), "👨‍👩‍👧…");
    EXPECT_EQ(fit_width("abc", 0), "");
    for (std::size_t width = 1; width < 12; ++width) {
        EXPECT_LE(display_width(fit_width("오늘 sea 🎵 바다 e\u0301", width)), width);
    }
}

TEST(Bar, FillsItsShareAndKeepsItsWidth) {
    EXPECT_EQ(bar(0, 4), "    ");
    EXPECT_EQ(bar(1, 4), "████");
    EXPECT_EQ(bar(0.5, 4), "██  ");
    for (const double share : {-1.0, 0.03, 0.33, 0.999, 7.0, std::numeric_limits<double>::quiet_NaN()}) {
        EXPECT_EQ(display_width(bar(share, 10)), 10u) << share;
    }
}

TEST(Table, AlignsKoreanWithLatin) {
    Table table(
        {{"post", Table::Align::left, 0}, {"n", Table::Align::right, 0}, {"why", Table::Align::left, 0}});
    table.add_row({"바다", "7", "calm"});
    table.add_row({"sea", "12"});
    std::ostringstream out;
    table.print(out);
    EXPECT_EQ(out.str(),
              "post   n  why\n"
              "바다   7  calm\n"
              "sea   12\n");
}

}  // namespace
}  // namespace bgm
