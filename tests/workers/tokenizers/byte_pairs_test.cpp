// Byte pairs are joined as training ranked them, whatever the length of the word.
#include "workers/tokenizers/byte_pairs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace bgm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Vocabulary vocabulary_of(const std::vector<std::string>& tokens) {
    Vocabulary vocabulary(tokens.size(), 64);
    for (std::size_t i = 0; i < tokens.size(); ++i)
        EXPECT_TRUE(vocabulary.add(tokens[i], static_cast<std::int64_t>(i)).ok());
    return vocabulary;
}

std::vector<std::int64_t> ids_of(const BytePairs& pairs, std::string_view word) {
    BytePairs::Scratch scratch;
    std::vector<std::int64_t> ids;
    pairs.append(word, scratch, ids);
    return ids;
}

TEST(BytePairs, EveryByteHasAVisibleSymbol) {
    EXPECT_EQ(byte_symbol('a'), "a");
    EXPECT_EQ(byte_symbol(0), "\u0100");
    EXPECT_EQ(byte_symbol('\n'), "\u010A");
    EXPECT_EQ(byte_symbol(' '), "\u0120");
    EXPECT_EQ(byte_symbol(0x7F), "\u0121");
    EXPECT_EQ(byte_symbol(0xA1), "\u00A1");
    EXPECT_EQ(byte_symbol(0xAD), "\u0143");
    EXPECT_EQ(byte_symbol(0xFF), "\u00FF");
}

TEST(BytePairs, TheLowestRankIsJoinedFirst) {
    const Vocabulary vocabulary = vocabulary_of({"a", "b", "c", "ab", "bc", "abc"});
    const auto left = BytePairs::make(vocabulary, {{"a", "b"}, {"b", "c"}, {"ab", "c"}}, "", std::nullopt);
    EXPECT_THAT(ids_of(*left, "abc"), ElementsAre(5));
    const auto right = BytePairs::make(vocabulary, {{"b", "c"}, {"a", "b"}, {"ab", "c"}}, "", std::nullopt);
    EXPECT_THAT(ids_of(*right, "abc"), ElementsAre(0, 4));
}

TEST(BytePairs, OfEqualPairsTheLeftmostIsJoinedFirst) {
    const Vocabulary vocabulary = vocabulary_of({"a", "aa", "aaa"});
    const auto pairs = BytePairs::make(vocabulary, {{"a", "a"}, {"aa", "a"}}, "", std::nullopt);
    EXPECT_THAT(ids_of(*pairs, "aaa"), ElementsAre(2));
    EXPECT_THAT(ids_of(*pairs, "aaaaa"), ElementsAre(1, 2));
}

TEST(BytePairs, TheLastSymbolCarriesTheEndOfTheWord) {
    const Vocabulary vocabulary = vocabulary_of({"a", "a</w>", "aa</w>"});
    const auto pairs = BytePairs::make(vocabulary, {{"a", "a</w>"}}, "</w>", std::nullopt);
    EXPECT_THAT(ids_of(*pairs, "a"), ElementsAre(1));
    EXPECT_THAT(ids_of(*pairs, "aaa"), ElementsAre(0, 2));
}

TEST(BytePairs, AByteWithoutASymbolIsUnknownOrLeftOut) {
    const Vocabulary vocabulary = vocabulary_of({"a", "b", "?"});
    EXPECT_THAT(ids_of(*BytePairs::make(vocabulary, {}, "", 2), "axxb"), ElementsAre(0, 2, 2, 1));
    EXPECT_THAT(ids_of(*BytePairs::make(vocabulary, {}, "", std::nullopt), "axxb"), ElementsAre(0, 1));
    EXPECT_THAT(ids_of(*BytePairs::make(vocabulary, {}, "", std::nullopt), "xx"), ElementsAre());
}

TEST(BytePairs, AWordMayBeOfAnyLength) {
    const Vocabulary vocabulary = vocabulary_of({"a", "aa", "aaaa"});
    const auto pairs = BytePairs::make(vocabulary, {{"a", "a"}, {"aa", "aa"}}, "", std::nullopt);
    EXPECT_EQ(ids_of(*pairs, std::string(1 << 16, 'a')), std::vector<std::int64_t>(1 << 14, 2));
}

TEST(BytePairs, RefusesMergesThatDoNotFit) {
    const Vocabulary vocabulary = vocabulary_of({"a", "b", "ab"});
    EXPECT_THAT(BytePairs::make(vocabulary, {{"a", "b"}, {"b", "a"}}, "", std::nullopt).error().message,
                HasSubstr("merge 2 is of tokens that the vocabulary does not have"));
    EXPECT_THAT(BytePairs::make(vocabulary, {{"a", "b"}, {"a", "b"}}, "", std::nullopt).error().message,
                HasSubstr("merge 2 is there twice"));
}

}  // namespace
}  // namespace bgm
