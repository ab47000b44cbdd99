// The weight file stores features as numbers: their values are a format, pinned here, and what the encoder is
// meant to notice must change them.
#include "workers/text/features.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace bgm {
namespace {

TextFeatures features(std::string_view text) {
    TextFeatures out;
    extract_features(normalise(text), out);
    return out;
}

bool holds(const std::vector<std::uint32_t>& all, std::uint32_t wanted) {
    return std::find(all.begin(), all.end(), wanted) != all.end();
}

// Computed once by hand from the formula in the header. If this fails, every shipped weight file is void.
TEST(Features, NumbersAreAFormat) {
    EXPECT_EQ(word_feature(U"happy"), 2742422605U);
    EXPECT_EQ(word_feature(U"행복"), 4269904621U);
}

TEST(Features, WordsAreFoundUnderTheirOwnFeature) {
    EXPECT_TRUE(holds(features("so HAPPY!").words, word_feature(U"happy")));
    EXPECT_FALSE(holds(features("so sad!").words, word_feature(U"happy")));
}

TEST(Features, ElongatedWordsAlsoCountAsThePlainOne) {
    EXPECT_TRUE(holds(features("soooo").words, word_feature(U"so")));
    EXPECT_FALSE(holds(features("good").words, word_feature(U"god")));
}

// A denied word gets a feature more, and its own features are listed as denied.
TEST(Features, DeniedWordsAreListed) {
    const auto count = [](std::string_view text) { return features(text).words.size(); };
    EXPECT_EQ(count("not a happy day"), count("yes a happy day") + 3);
    EXPECT_EQ(count("not happy , thanks"), count("yes happy , thanks") + 1);
    EXPECT_EQ(count("안 좋아"), count("참 좋아") + 1);
    const auto denied = [](std::string_view text, std::u32string_view word) {
        const TextFeatures all = features(text);
        return std::any_of(all.denied_words.begin(), all.denied_words.end(), [&](const FeatureRange& range) {
            return std::find(all.words.begin() + range.begin, all.words.begin() + range.end,
                             word_feature(word)) != all.words.begin() + range.end;
        });
    };
    EXPECT_TRUE(denied("i am not happy", U"happy"));
    EXPECT_FALSE(denied("i am happy", U"happy"));
    EXPECT_FALSE(denied("not now, happy", U"happy"));
    EXPECT_TRUE(denied("즐겁지 않아", U"즐겁지"));
    EXPECT_FALSE(denied("즐겁지 않아", U"않아"));
}

// The pieces of a denied word are denied, those of its neighbours are not.
TEST(Features, PiecesOfDeniedWordsAreListed) {
    const auto denied = [](std::string_view text) {
        std::size_t pieces = 0;
        for (const FeatureRange& range : features(text).denied_characters)
            pieces += range.end - range.begin;
        return pieces;
    };
    EXPECT_EQ(denied("not happy"), features("happy").characters.size());
    EXPECT_EQ(denied("so happy"), 0U);
    EXPECT_GT(denied("즐겁지 않아"), 0U);
    EXPECT_LT(denied("즐겁지 않아"), features("즐겁지 않아").characters.size());
}

TEST(Features, KoreanSpacingHardlyMatters) {
    const auto spaced = features("정말 너무 좋아요").characters;
    const auto joined = features("정말너무좋아요").characters;
    const auto shared = std::count_if(spaced.begin(), spaced.end(), [&](auto f) { return holds(joined, f); });
    EXPECT_GT(static_cast<double>(shared), 0.85 * static_cast<double>(spaced.size()));
}

TEST(Features, EmptyTextHasNone) {
    EXPECT_TRUE(features("").words.empty());
    EXPECT_TRUE(features(" \n").characters.empty());
}

TEST(Features, SameTextSameFeaturesInTheSameOrder) {
    const auto one = features("오늘 #SoHappy ㅋㅋㅋ 😂 don't stop!!");
    const auto two = features("오늘 #SoHappy ㅋㅋㅋ 😂 don't stop!!");
    EXPECT_EQ(one.words, two.words);
    EXPECT_EQ(one.characters, two.characters);
}

}  // namespace
}  // namespace bgm
