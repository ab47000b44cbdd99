// What a text denies, in both languages: a tilde marks the words of the table that are denied.
#include "workers/text/denial.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bgm {
namespace {

std::string marked(std::string_view text) {
    const NormalisedText normal = normalise(text);
    std::vector<std::uint8_t> denied;
    find_denied(normal, denied);
    std::string out;
    for (std::size_t i = 0; i < denied.size(); ++i) {
        if (i > 0) out += ' ';
        if (denied[i] != 0) out += '~';
        out += utf8_of(normal.characters(normal.tokens[i]));
    }
    return out;
}

TEST(Denial, EnglishDeniesWhatFollows) {
    EXPECT_EQ(marked("not happy"), "not ~happy");
    EXPECT_EQ(marked("dont like it"), "dont ~like ~it");
    EXPECT_EQ(marked("nothing about this made me smile"), "nothing ~about ~this ~made ~me ~smile");
    EXPECT_EQ(marked("far from good"), "far from ~good");
    EXPECT_EQ(marked("a gift from mum"), "a gift from mum");
    EXPECT_EQ(marked("anything but fun"), "anything but ~fun");
}

TEST(Denial, EndsWithTheClause) {
    EXPECT_EQ(marked("not now, happy"), "not ~now , happy");
    EXPECT_EQ(marked("not good but fun"), "not ~good but fun");
    EXPECT_EQ(marked("no a b c d e f g h"), "no ~a ~b ~c ~d ~e ~f ~g h");
    EXPECT_EQ(marked("맛은 좋은데 멋이 없다"), "맛은 좋은데 ~멋이 없다");
    EXPECT_EQ(marked("좋아. 하지 않아"), "좋아 . ~하지 않아");
}

TEST(Denial, TwiceDeniedIsNotDenied) {
    EXPECT_EQ(marked("never fails to please"), "never ~fails to please");
    EXPECT_EQ(marked("can't stop smiling"), "can't ~stop smiling");
}

TEST(Denial, KoreanDeniesWhatIsBefore) {
    EXPECT_EQ(marked("즐겁지 않다"), "~즐겁지 않다");
    EXPECT_EQ(marked("행복하다고는 말 못하겠다"), "~행복하다고는 ~말 못하겠다");
    EXPECT_EQ(marked("후회는 하나도 없다"), "~후회는 ~하나도 없다");
    EXPECT_EQ(marked("너무 슬퍼하지 마"), "~너무 ~슬퍼하지 마");
    EXPECT_EQ(marked("엄마 마음"), "엄마 마음");
    EXPECT_EQ(marked("즐겁다고 하기 어렵다"), "~즐겁다고 ~하기 어렵다");
}

TEST(Denial, KoreanDeniesWithinTheWordAndBehindIt) {
    EXPECT_EQ(marked("재미없다"), "~재미없다");
    EXPECT_EQ(marked("즐겁지않아"), "~즐겁지않아");
    EXPECT_EQ(marked("안 슬퍼"), "안 ~슬퍼");
    EXPECT_EQ(marked("안녕 친구"), "안녕 친구");
}

TEST(Denial, NothingIsDeniedInNothing) {
    EXPECT_EQ(marked(""), "");
    EXPECT_EQ(marked("not"), "not");
    EXPECT_EQ(marked("못"), "못");
    EXPECT_EQ(marked("🙂 !!"), "🙂 !!");
}

}  // namespace
}  // namespace bgm
