// Well-formed UTF-8 is decided here once for the whole program. The reference is the definition itself: a
// string is well-formed exactly if it is the encoding of a sequence of scalar values.
#include "schemas/utf8.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace bgm {
namespace {

std::string encoded(std::uint32_t code) {
    const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
    if (code < 0x80) return {byte(code)};
    if (code < 0x800) return {byte(0xC0 | code >> 6), byte(0x80 | (code & 0x3F))};
    if (code < 0x10000)
        return {byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F))};
    return {byte(0xF0 | code >> 18), byte(0x80 | (code >> 12 & 0x3F)), byte(0x80 | (code >> 6 & 0x3F)),
            byte(0x80 | (code & 0x3F))};
}

bool is_scalar(std::uint32_t code) {
    return code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

TEST(Utf8, TakesTheEncodingOfEveryScalarValueAndOfNothingElse) {
    for (std::uint32_t code = 0; code < 0x200000; ++code) {
        ASSERT_EQ(valid_utf8(encoded(code)), is_scalar(code)) << std::hex << code;
    }
}

// Every string of two bytes, at the two ways through the check: by itself, and where eight bytes are read at
// once.
TEST(Utf8, JudgesEveryPairOfBytes) {
    for (std::uint32_t first = 0; first < 256; ++first) {
        for (std::uint32_t second = 0; second < 256; ++second) {
            const bool both_ascii = first < 0x80 && second < 0x80;
            const bool one_sequence = first >= 0xC2 && first <= 0xDF && second >= 0x80 && second <= 0xBF;
            const std::string pair{static_cast<char>(first), static_cast<char>(second)};
            for (const std::string& text : {pair, "0123456" + pair + "789abcdef", "01234567" + pair}) {
                ASSERT_EQ(valid_utf8(text), both_ascii || one_sequence) << first << ' ' << second;
            }
        }
    }
}

TEST(Utf8, RefusesOverlongForms) {
    for (const char* text : {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xF0\x80\x80\x80",
                             "\xF0\x8F\xBF\xBF", "\xF8\x88\x80\x80\x80", "\xFE", "\xFF"}) {
        EXPECT_FALSE(valid_utf8(text));
    }
}

TEST(Utf8, RefusesEverySequenceThatIsCutShort) {
    for (const std::string& whole : {encoded(0xE9), encoded(0xD55C), encoded(0x1F3B5)}) {
        for (std::size_t length = 1; length < whole.size(); ++length) {
            EXPECT_FALSE(valid_utf8(whole.substr(0, length)));
            EXPECT_FALSE(valid_utf8(whole.substr(0, length) + "a"));
            EXPECT_FALSE(valid_utf8(whole.substr(length)));
        }
    }
}

TEST(Utf8, TakesTheEmptyStringAndNul) {
    EXPECT_TRUE(valid_utf8(""));
    EXPECT_TRUE(valid_utf8(std::string_view("\0", 1)));
}

// The cut is the longest well-formed prefix: nothing of a split code point stays, and nothing whole goes.
TEST(CuttingUtf8, KeepsTheLongestPrefixOfWholeCodePoints) {
    const std::vector<std::uint32_t> codes{'a', 0xE9, 0xD55C, 0x1F3B5, 'z'};
    std::string text;
    std::vector<std::size_t> ends{0};
    for (const std::uint32_t code : codes) {
        text += encoded(code);
        ends.push_back(text.size());
    }
    for (std::size_t bytes_max = 0; bytes_max <= text.size() + 2; ++bytes_max) {
        std::size_t expected = 0;
        for (const std::size_t end : ends) {
            if (end <= bytes_max) expected = end;
        }
        EXPECT_EQ(truncate_utf8(text, bytes_max), std::string_view(text).substr(0, expected)) << bytes_max;
    }
}

// At each end of each length.
TEST(Utf8, IsAppendedAsItIsRead) {
    const std::vector<std::pair<char32_t, std::string>> cases{
        {U'a', "a"},
        {U'\u007F', "\x7F"},
        {U'\u0080', "\xC2\x80"},
        {U'\u07FF', "\xDF\xBF"},
        {U'\u0800', "\xE0\xA0\x80"},
        {U'바', "바"},
        {U'\uD7FF', "\xED\x9F\xBF"},
        {U'\uFFFF', "\xEF\xBF\xBF"},
        {U'\U00010000', "\xF0\x90\x80\x80"},
        {U'\U0010FFFF', "\xF4\x8F\xBF\xBF"},
    };
    std::string all;
    for (const auto& [character, bytes] : cases) {
        std::string text;
        append_utf8(text, character);
        EXPECT_EQ(text, bytes);
        append_utf8(all, character);
    }
    EXPECT_TRUE(valid_utf8(all));
    EXPECT_EQ(character_count(all), cases.size());
}

}  // namespace
}  // namespace bgm
