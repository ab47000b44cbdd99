// What people type, and the tokens that are read from it: one row a habit. Then text made to hurt.
#include "workers/text/normalise.hpp"

#include <gtest/gtest.h>

#include <string>

#include "schemas/utf8.hpp"

namespace bgm {
namespace {

struct Row {
    const char* name;
    const char* text;
    const char* tokens;
};

class NormaliseTable : public testing::TestWithParam<Row> {};

TEST_P(NormaliseTable, GivesTheTokens) {
    EXPECT_EQ(normalise(GetParam().text).to_utf8(), GetParam().tokens);
}

INSTANTIATE_TEST_SUITE_P(
    Habits, NormaliseTable,
    testing::Values(
        Row{"CaseFolded", "I LOVE this", "i love this"}, Row{"Apostrophe", "Don’t can't", "don't can't"},
        Row{"Elongation", "soooo goooood", "soo good"},
        Row{"ElongatedMarks", "what!!!! why??? hm......", "what !! why ?? hm .."},
        Row{"LaughingKorean", "ㅋㅋㅋㅋㅋ", "ㅋㅋ"}, Row{"LaughingOnceStaysOnce", "네ㅋ", "네 ㅋ"},
        Row{"CryingKorean", "슬퍼ㅠㅠㅠ ㅜㅜㅜㅜ", "슬퍼 ㅠㅠ ㅠㅠ"},
        Row{"MixedCryingEyes", "ㅠㅜㅠㅜ", "ㅠㅠ"}, Row{"LaughAfterWord", "좋아ㅎㅎㅎ", "좋아 ㅎㅎ"},
        Row{"StretchedSyllable", "안녕하세요오오오오", "안녕하세요오오"},
        Row{"LaughingEnglish", "hahahahaha hahahah lololol", "haha hah lol"},
        Row{"Url", "see https://example.org/a?b=c#d now", "see <url> now"},
        Row{"UrlBare", "www.example.org pic.twitter.com/xyz", "<url> <url>"},
        Row{"UrlThenHangul", "https://a.kr보세요", "<url> 보세요"},
        Row{"Mention", "@some_one.kr hi @한글이름 ok", "<user> hi <user> ok"},
        Row{"Mail", "write to a.b@example.org please", "write to <user> please"},
        Row{"Reddit", "u/someone in r/aww and /r/funny", "<user> in <user> and <user>"},
        Row{"Placeholder", "[NAME] is [RELIGION] [ok]", "<name> is <name> [ ok ]"},
        Row{"HashtagCamel", "#SoHappy #NYCMarathon #2020Goals", "so happy nyc marathon 2020 goals"},
        Row{"HashtagSnake", "#so_happy", "so happy"},
        Row{"HashtagHangul", "#행복한하루 #소확행", "행복한하루 소확행"},
        Row{"HashtagChain", "#love#peace", "love peace"}, Row{"HashAlone", "# 1", "# 1"},
        Row{"Emoji", "wow😂😂 ok", "wow 😂 😂 ok"}, Row{"SkinTone", "👍🏽", "👍"},
        Row{"VariationSelector", "❤️ ☺︎", "❤ ☺"},
        Row{"HeartsOfAllKinds", "♥ ♡ <3 ❤️", "❤ ❤ ❤ ❤"},
        Row{"JoinedEmoji", "🤷🏻‍♀️", "🤷"}, Row{"JoinedFamily", "👩‍👧", "🤗"},
        Row{"FamilyOfFourWithTones", "👨🏽‍👩🏻‍👧🏿‍👦🏼!", "🤗 !"},
        Row{"FamilyOfOneSign", "👪", "🤗"}, Row{"FamilyWithoutJoiners", "👨👩👧👦", "🤗"},
        Row{"CoupleWithoutJoiners", "👩❤️👨 👩❤️💋👨 👩❤️ 👨",
            "💞 🥰 🧑 ❤ 🧑"},
        Row{"NewFamily", "🧑‍🧑‍🧒‍🧒", "🤗"}, Row{"TwoPeopleAreNoFamily", "👨👩", "🧑 🧑"},
        Row{"Families", "👩‍👦👨‍👧", "🤗 🤗"},
        Row{"Profession", "👩🏾‍⚕️ 👨‍💻 🧑‍🚀", "🧑 🧑 🧑"},
        Row{"Hair", "👩‍🦰👨🏼‍🦲", "🧑 🧑"},
        Row{"HoldingHands", "🧑🏻‍🤝‍🧑🏿 👭 👫🏽", "🤝 🤝 🤝"},
        Row{"Handshake", "🫱🏻‍🫲🏿", "🤝"},
        Row{"Couple", "👩‍❤️‍👨 👨🏿‍❤️‍👨🏻 💑", "💞 💞 💞"},
        Row{"Kiss", "👩‍❤️‍💋‍👨 👩🏽‍❤️‍💋‍👩🏿 💏🏽",
            "🥰 🥰 🥰"},
        Row{"BurningHeart", "❤️‍🔥 ❤‍🔥", "❤ ❤"}, Row{"MendingHeart", "❤️‍🩹", "🥹"},
        Row{"FacesOfTwoParts", "😮‍💨 😵‍💫 😶‍🌫️ 🙂‍↔️ 🙂‍↕️",
            "😥 😵 🌫 😐 🙂"},
        Row{"Direction", "🏃‍♀️‍➡️ 🚶🏽‍♂️‍➡️ 🏃🏻‍➡️", "🏃 🚶 🏃"},
        Row{"Animals", "🐻‍❄️🐈‍⬛🐕‍🦺🐦‍🔥", "🐻 🐈 🐕 🐦"},
        Row{"Things", "⛓️‍💥 🍋‍🟩 👁️‍🗨️", "⛓ 🍋 👁"},
        Row{"UnknownSequence", "🐙‍💀‍🔪", "🐙"}, Row{"JoinerAtTheEnd", "😂‍ ok", "😂 ok"},
        Row{"JoinerAtTheStart", "‍😂", "😂"}, Row{"OnlyTone", "a🏽b", "ab"},
        Row{"TextStyle", "❤︎ 😂︎", "❤ 😂"}, Row{"Flag", "🇰🇷🇺🇸", "🇰🇷 🇺🇸"},
        Row{"HalfFlag", "🇰 a", "🇰 a"},
        Row{"FlagsOfTwoParts", "🏳️‍🌈 🏳️‍⚧️ 🏴‍☠️", "🏳 🏳 🏴"},
        Row{"TagFlags", "🏴󠁧󠁢󠁥󠁮󠁧󠁿🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🏴 🏴"},
        Row{"Keycap", "1️⃣", "1"}, Row{"Keycaps", "1️⃣2️⃣0", "1 2 0"},
        Row{"KeycapIsNoHashtag", "#️⃣So *️⃣", "# so *"},
        Row{"WordsAndEmojiTouch", "가족👨‍👩‍👧‍👦사랑❤️‍🔥love",
            "가족 🤗 사랑 ❤ love"},
        Row{"WesternSmiles", ":) :-) :))) =D", "<smile> <smile> <smile> <laugh>"},
        Row{"WesternFrowns", ":( :'( :/ >:(", "<sad> 😢 <uneasy> <angry>"},
        Row{"EasternFaces", "^^ ^_^ T_T -_- ㅡㅡ ㅠ_ㅠ", "<smile> <smile> 😢 <stare> <stare> 😢"},
        Row{"FaceInsideWordIsNone", "at 10:30 xDrive TTL", "at 10 : 30 xdrive ttl"},
        Row{"FaceBehindHangul", "좋아요^^", "좋아요 <smile>"},
        Row{"DecomposedHangul", "\u1112\u1162\u11BC\u1107\u1169\u11A8", "행복"},
        Row{"DecomposedWithFinals", "\u110B\u1161\u11AB\u1102\u1167\u11BC", "안녕"},
        Row{"LaughterFromNfkc", "\u110F\u110F\u110F 웃겨\u1112\u1112", "ㅋㅋ 웃겨 ㅎㅎ"},
        Row{"TearsFromNfkc", "\u1172\u1172 슬퍼\u116E\u116E\u116E", "ㅠㅠ 슬퍼 ㅠㅠ"},
        Row{"LaughterAndTearsFromNfkc", "\u110F\uD050\u1172", "ㅋㅋ ㅠㅠ"},
        Row{"ShortFormsFromNfkc", "\u110B\u110C \u1103\u1103 \u1173\u1173 \u11AA", "ㅇㅈ <shock> <stare> ㄳ"},
        Row{"FacesFromNfkc", "\u1172_\u1172 \u110B\u1106\u110B", "😢 <shock>"},
        Row{"TearsAfterOneLaugh", "\uD050\u1172 \u1112\uD734\u1172", "ㅋ ㅠㅠ ㅎㅎ ㅠㅠ"},
        Row{"ASighBeforeTears", "휴\u1172\u1172", "휴 ㅠㅠ"},
        Row{"StretchedVowels", "아\u1161\u1161\u1161 네\u1166\u1166", "아 ㅏㅏ 네 ㅔㅔ"},
        Row{"AWordBeforeTears", "다큐\u1172\u1172", "다큐 ㅠㅠ"},
        Row{"FinalLetterAlone", "\u11BF\u11BF", "ㅋㅋ"}, Row{"OldLetters", "\u1112\u119E\u11AB", "ㅎ ㆍㄴ"},
        Row{"ExtendedLetters", "\uA960\uD7B0", "\uA960\uD7B0"},
        Row{"HalfWidthVowels", "\uFFD7\uFFD7 \uFFDA\uFFDA", "ㅠㅠ <stare>"},
        Row{"CircledHangul", "㉠ ㋀", "ㄱ ㋀"}, Row{"DecomposedLatin", "cafe\u0301", "café"},
        Row{"FullWidth", "ＨＡＰＰＹ！", "happy !"}, Row{"HalfWidthJamo", "ﾻﾻﾻ", "ㅋㅋ"},
        Row{"StyledLetters", "𝓼𝓸 𝐇𝐀𝐏𝐏𝐘 ⓗⓘ", "so happy hi"},
        Row{"StyledLettersThatStandElsewhere", "𝒽ℯ𝓁𝓁ℴ ℋ𝒶𝓅𝓅𝓎", "hello happy"},
        Row{"WhiteOnBlack", "🅗🅐🅟🅟🅨 🅷🅴🆈 🅰", "happy hey 🅰"}, Row{"SmallCapitals", "ʜᴀᴘᴘʏ ᴅᴀʏ", "happy day"},
        Row{"MarksThatComposeWithNothing",
            "z\u0338\u0321\u031Ba\u0336\u0327\u035Dl\u0334g\u0335o h\u0489i 행\u0353복", "zalgo hi 행복"},
        Row{"MarksOfOtherScriptsStay", "и\u0301 ক\u09BE", "и\u0301 ক\u09BE"},
        Row{"RaisedLetters", "ʰᵃᵖᵖʸ", "happy"},
        Row{"StruckThrough", "h\u0336a\u0336p\u0336p\u0336y\u0336 행\u0332복\u0332", "happy 행복"},
        Row{"SoftHyphens", "hap\u00adpy 행\u00ad복", "happy 행복"},
        Row{"MarksOfDirection", "\u200fhap\u200epy\u061c 행\u2067복\u2069", "happy 행복"},
        Row{"Entities", "you &amp; me &lt;3", "you & me ❤"},
        Row{"Spaces", "a\tb\u3000c\u00a0d\r\ne", "a b c d e"},
        Row{"ZeroWidth", "ha\u200bppy\ufeff \u2060day", "happy day"},
        Row{"BidiControls", "\u202Ehello\u202C", "hello"}, Row{"ControlCharacters", "a\x01\x02z\x7f", "az"},
        Row{"NumbersWithUnits", "10점 만점에 0점", "10 점 만점에 0 점"},
        Row{"LeetStaysAWord", "gr8 b4 2nite", "gr8 b4 2nite"},
        Row{"ShortForms", "ㅇㅈ ㄱㅅ ㅅㅂ", "ㅇㅈ ㄱㅅ ㅅㅂ"},
        Row{"HangulThenLaugh", "미쳤나봐ㅋㅋㅋ대박", "미쳤나봐 ㅋㅋ 대박"},
        Row{"Cyrillic", "Привет МИР", "привет мир"}, Row{"Empty", "", ""}, Row{"OnlySpaces", " \n\t ", ""}),
    [](const auto& row) { return row.param.name; });

TEST(Normalise, MarksWhatFoldingTookAway) {
    const auto text = normalise("WOW soooo #NoFilter ok");
    ASSERT_EQ(text.tokens.size(), 5U);
    EXPECT_TRUE(text.tokens[0].shouted);
    EXPECT_TRUE(text.tokens[1].elongated);
    EXPECT_FALSE(text.tokens[1].shouted);
    EXPECT_TRUE(text.tokens[2].hashtag);
    EXPECT_TRUE(text.tokens[3].hashtag);
    EXPECT_FALSE(text.tokens[4].hashtag);
}

TEST(Normalise, OneCapitalIsNotShouting) {
    const auto text = normalise("I am A B");
    for (const Token& token : text.tokens)
        EXPECT_FALSE(token.shouted);
}

// Whatever is typed twice in a row for emphasis must not make the text another one.
TEST(Normalise, LengthOfAnElongationDoesNotMatter) {
    EXPECT_EQ(normalise("soooo happy!!!").to_utf8(), normalise("sooooooooooooo happy!!!!!!!!!").to_utf8());
    EXPECT_EQ(normalise("웃겨ㅋㅋㅋ").to_utf8(), normalise("웃겨ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ").to_utf8());
}

TEST(Normalise, IsItsOwnFixedPointOnPlainText) {
    const std::string once = normalise("오늘 너무 행복해 ㅎㅎ so happy !!").to_utf8();
    EXPECT_EQ(normalise(once).to_utf8(), once);
}

std::string repeated(std::string_view piece, std::size_t bytes) {
    std::string text;
    while (text.size() + piece.size() <= bytes)
        text += piece;
    return text;
}

class HostileText : public testing::TestWithParam<const char*> {};

TEST_P(HostileText, BecomesValidTokensWithinTheInput) {
    const std::string text = repeated(GetParam(), 64 * 1024);
    const NormalisedText normalised = normalise(text);
    std::uint32_t end = 0;
    for (const Token& token : normalised.tokens) {
        ASSERT_EQ(token.begin, end);
        ASSERT_LT(token.begin, token.end);
        end = token.end;
    }
    EXPECT_EQ(end, normalised.text.size());
    EXPECT_TRUE(valid_utf8(normalised.to_utf8()));
}

INSTANTIATE_TEST_SUITE_P(Pieces, HostileText,
                         testing::Values("\u0301", "a\u0301\u0316\u0327", "\u200b", "\u200d",
                                         "\U0001F468\u200d", "\U0001F468\u200d\U0001F467", "\U0001F468",
                                         "\u2764\ufe0f\u200d", "1\u20e3", "\U0001F3F4\U000E0067", "\u1172",
                                         "\uD050\u1172", "\U0001F1F0", "#", "@", "[", "[NAME", "u/",
                                         "http://", ":", ":(", "&amp", "&lt;", "ㅋ", "ㅠ", "가", "\u1100",
                                         "\u1100\u1161\u11A8", "ha", "_", "'", "a'", "\U000E0041", "\uFDFA",
                                         "𝓪", "a@", "\ufffd", "A", "0", ".", "\n", "\U0010FFFF", "T_", "xD"));

TEST(Normalise, CutsRunsOfCombiningMarks) {
    const auto text = normalise("z" + repeated("\u0301\u0316", 4000) + "a");
    EXPECT_LT(text.text.size(), 12U);
}

}  // namespace
}  // namespace bgm
