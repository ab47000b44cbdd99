// BERT's tokeniser on vocabularies of a few pieces: how text is cleaned, cut into words, and put together.
#include "workers/tokenizers/word_piece_tokenizer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workers/tokenizers/small_models.hpp"

namespace bgm::test {
namespace {

class WordPiece : public testing::Test {
 protected:
    void write(std::vector<std::string> tokens) {
        folder_.write("vocab.txt", vocabulary_lines(tokens));
        tokens_ = std::move(tokens);
    }
    std::vector<std::int64_t> ids(std::initializer_list<const char*> tokens) const {
        std::vector<std::int64_t> ids{kStart};
        for (const std::string token : tokens) {
            const auto found = std::find(tokens_.begin(), tokens_.end(), token);
            ids.push_back(found == tokens_.end() ? kUnknown : kFirst + (found - tokens_.begin()));
        }
        ids.push_back(kEnd);
        return ids;
    }
    static constexpr const char* kMissing = "?missing?";

    TemporaryFolder folder_;
    std::vector<std::string> tokens_;
};

TEST_F(WordPiece, TakesTheLongestPieces) {
    write({"A", "un", "##a", "##aff", "##able", "##ab", "unaff"});
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->encode("unaffable"), ids({"unaff", "##able"}));
    EXPECT_EQ(tokenizer->encode("unaaff"), ids({"un", "##a", "##aff"}));
    EXPECT_EQ(tokenizer->encode("  unaff\nunaff "), ids({"unaff", "unaff"}));
    EXPECT_EQ(tokenizer->encode(""), ids({}));
}

TEST_F(WordPiece, AWordWithAMissingPieceIsUnknownAsAWhole) {
    write({"A", "un", "##aff"});
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->encode("unaffx un"), ids({kMissing, "un"}));
    EXPECT_EQ(tokenizer->encode("aff"), ids({kMissing}));  // only within a word
}

TEST_F(WordPiece, AWordMayHaveAHundredCharacters) {
    write({"A", "가", "##가"});
    const auto tokenizer = open(folder_, {.length_max = 512});
    EXPECT_EQ(tokenizer->encode(repeated("가", 100)).size(), 102U);
    EXPECT_EQ(tokenizer->encode(repeated("가", 101)), ids({kMissing}));
}

TEST_F(WordPiece, PunctuationAndIdeographsAreWords) {
    write({"A", "a", "!", "。", "猫", "犬", "가", "##나"});
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->encode("a!!a。"), ids({"a", "!", "!", "a", "。"}));
    EXPECT_EQ(tokenizer->encode("猫犬a"), ids({"猫", "犬", "a"}));
    EXPECT_EQ(tokenizer->encode("가나"), ids({"가", "##나"}));
}

TEST_F(WordPiece, IdeographsStayInTheirWordWhereTheConfigurationSaysSo) {
    write({"A", "猫犬", "猫", "犬"});
    folder_.write("tokenizer_config.json", R"({"tokenize_chinese_chars": false})");
    EXPECT_EQ(open(folder_)->encode("猫犬"), ids({"猫犬"}));
}

TEST_F(WordPiece, ControlsVanishAndSpacesPart) {
    write({"A", "ab", "a", "b"});
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->encode(std::string("a\0b", 3)), ids({"ab"}));
    EXPECT_EQ(tokenizer->encode("a\u200Bb\uFFFD"), ids({"ab"}));
    EXPECT_EQ(tokenizer->encode("a\xFF"
                                "b"),
              ids({"ab"}));
    EXPECT_EQ(tokenizer->encode("a\u00A0b\u2028a"), ids({"a", "b", "a"}));
}

TEST_F(WordPiece, CasedKeepsCaseAndAccents) {
    write({"A", "a", "é", "É"});
    EXPECT_EQ(open(folder_)->encode("A a É é"), ids({"A", "a", "É", "é"}));
}

TEST_F(WordPiece, AVocabularyWithoutCapitalsLowersAndStripsAccents) {
    write({"a", "e", "i", "ᄒ", "##ᅡ", "##ᆫ"});
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->encode("A É e\u0301 \u0130"), ids({"a", "e", "e", "i"}));
    EXPECT_EQ(tokenizer->encode("한"), ids({"ᄒ", "##ᅡ", "##ᆫ"}));
}

TEST_F(WordPiece, TheConfigurationDecidesOnCaseAndAccents) {
    write({"A", "a", "É", "é", "e"});
    folder_.write("tokenizer_config.json", R"({"do_lower_case": true})");
    EXPECT_EQ(open(folder_)->encode("A É"), ids({"a", "e"}));
    folder_.write("tokenizer_config.json", R"({"do_lower_case": true, "strip_accents": false})");
    EXPECT_EQ(open(folder_)->encode("A É"), ids({"a", "é"}));
    folder_.write("tokenizer_config.json", R"({"do_lower_case": false, "strip_accents": null})");
    EXPECT_EQ(open(folder_)->encode("A É"), ids({"A", "É"}));
}

TEST_F(WordPiece, HangulFromAMacIsComposedUnlessTheReferenceIsAskedFor) {
    write({"A", "한"});
    const char* decomposed = "\u1112\u1161\u11AB";
    EXPECT_EQ(open(folder_)->encode(decomposed), ids({"한"}));
    EXPECT_EQ(open(folder_, TokenizerOptions::as_reference())->encode(decomposed), ids({kMissing}));
}

TEST_F(WordPiece, TheLengthIsThatOfTheSentenceModel) {
    write({"A", "a"});
    const std::string text = repeated("a ", 1000);
    EXPECT_EQ(open(folder_)->encode(text).size(), 128U);
    folder_.write("tokenizer_config.json", R"({"model_max_length": 512})");
    EXPECT_EQ(open(folder_)->encode(text).size(), 512U);
    folder_.write("sentence_bert_config.json", R"({"max_seq_length": 64, "do_lower_case": false})");
    EXPECT_EQ(open(folder_)->encode(text).size(), 64U);
    EXPECT_EQ(open(folder_)->encode(text).back(), kEnd);
    EXPECT_EQ(open(folder_, {.length_max = 16})->encode(text).size(), 16U);
}

TEST_F(WordPiece, ALengthThatMeansNoneIsPassedOver) {
    write({"A", "a"});
    folder_.write("tokenizer_config.json", R"({"model_max_length": 1000000000000000019884624838656})");
    folder_.write("sentence_bert_config.json", R"({"max_seq_length": null})");
    EXPECT_EQ(open(folder_)->length_max(), 128U);
}

TEST_F(WordPiece, SpecialTokensInATextAreTextUnlessAskedFor) {
    write({"A", "a", "[", "]", "SEP"});
    EXPECT_EQ(open(folder_)->encode("a [SEP]"), ids({"a", "[", "SEP", "]"}));
    const auto as_reference = open(folder_, TokenizerOptions::as_reference());
    EXPECT_THAT(as_reference->encode("a[SEP][PAD] a[sep]"),
                testing::ElementsAre(kStart, kFirst + 1, kEnd, kPad, kFirst + 1, kFirst + 2, kUnknown,
                                     kFirst + 3, kEnd));
    EXPECT_THAT(as_reference->encode("[MASK]"), testing::ElementsAre(kStart, kMask, kEnd));
}

TEST_F(WordPiece, DecodesACaption) {
    write({"a", "cat", "##s", ".", ",", "it", "'", "s"});
    const auto tokenizer = open_word_piece_tokenizer(folder_.file(""));
    ASSERT_TRUE(tokenizer.ok());
    const auto id = [&](const char* token) {
        return kFirst + (std::find(tokens_.begin(), tokens_.end(), token) - tokens_.begin());
    };
    const std::vector<std::int64_t> caption{30522,    kStart,    id("it"),  id("'"), id("s"),
                                            id("a"),  id("cat"), id("##s"), id(","), id("cat"),
                                            kUnknown, id("."),   kEnd,      kPad,    -1};
    EXPECT_EQ((*tokenizer)->decode(caption), "it's a cats, cat.");
    EXPECT_EQ((*tokenizer)->decode({}), "");
}

TEST_F(WordPiece, DecodingNeedsWordPiece) {
    write_byte_pairs(folder_, small_clip({}));
    EXPECT_EQ(open_word_piece_tokenizer(folder_.file("")).error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace bgm::test
