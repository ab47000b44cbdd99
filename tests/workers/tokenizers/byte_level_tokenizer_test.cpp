// RoBERTa's tokeniser on a vocabulary of bytes and a few merges: which spaces go with which word.
#include "workers/tokenizers/byte_level_tokenizer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workers/tokenizers/small_models.hpp"

namespace bgm::test {
namespace {

class ByteLevel : public testing::Test {
 protected:
    ByteLevel() { write_byte_pairs(folder_, pairs_); }

    std::vector<std::int64_t> ids(std::initializer_list<const char*> tokens) const {
        std::vector<std::int64_t> ids{pairs_.id("<s>")};
        for (const char* token : tokens)
            ids.push_back(pairs_.id(token));
        ids.push_back(pairs_.id("</s>"));
        return ids;
    }

    TemporaryFolder folder_;
    // Ġ is a space, Ċ a line end. Merges reach as far as a word does, so they show where it begins and ends.
    SmallBytePairs pairs_ = small_byte_level({{"Ġ", "a"},
                                              {"Ġ", "Ġ"},
                                              {"a", "a"},
                                              {"Ġa", "a"},
                                              {"1", "2"},
                                              {"Ġ", "12"},
                                              {"'", "s"},
                                              {"Ġ", "!"},
                                              {"Ċ", "Ċ"},
                                              {"Ċ", "Ġ"},
                                              {"a", "1"},
                                              {"Ċ", "a"}});
};

TEST_F(ByteLevel, OneSpaceGoesWithTheWordBehindIt) {
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->encode("a a"), ids({"a", "Ġa"}));
    EXPECT_EQ(tokenizer->encode(" aa"), ids({"Ġaa"}));
    EXPECT_EQ(tokenizer->encode("a   a"), ids({"a", "ĠĠ", "Ġa"}));
    EXPECT_EQ(tokenizer->encode("a 12 !"), ids({"a", "Ġ12", "Ġ!"}));
}

TEST_F(ByteLevel, OtherWhiteSpaceStandsAlone) {
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->encode("a\na"), ids({"a", "Ċ", "a"}));
    EXPECT_EQ(tokenizer->encode("a\n\na"), ids({"a", "Ċ", "Ċ", "a"}));  // the last is parted from the run
    EXPECT_EQ(tokenizer->encode("a\n a"), ids({"a", "Ċ", "Ġa"}));
    EXPECT_EQ(tokenizer->encode("a\n\n"), ids({"a", "ĊĊ"}));  // the run ends the text: it stays whole
    EXPECT_EQ(tokenizer->encode(" "), ids({"Ġ"}));
}

TEST_F(ByteLevel, ClassesAndContractionsPartWords) {
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->encode("aa12"), ids({"aa", "12"}));
    EXPECT_EQ(tokenizer->encode("a's"), ids({"a", "'s"}));
    EXPECT_EQ(tokenizer->encode("a'S"), ids({"a", "'", "S"}));  // in lower case only
    EXPECT_EQ(tokenizer->encode("a 's"), ids({"a", "Ġ", "'", "s"}));
}

TEST_F(ByteLevel, TextStaysAsItIs) {
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->encode("A"), ids({"A"}));
    EXPECT_EQ(tokenizer->encode("e\u0301"), ids({"e", "Ì", "ģ"}));
}

TEST_F(ByteLevel, CutsTo512) {
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->length_max(), 512U);
    const auto cut = tokenizer->encode(repeated(" a", 2000));
    ASSERT_EQ(cut.size(), 512U);
    EXPECT_EQ(cut[510], pairs_.id("Ġa"));
    EXPECT_EQ(cut[511], tokenizer->end_id());
    EXPECT_EQ(tokenizer->pad_id(), pairs_.id("<pad>"));
}

TEST_F(ByteLevel, TheMaskTakesTheSpaceBeforeIt) {
    const auto tokenizer = open(folder_, TokenizerOptions::as_reference());
    EXPECT_EQ(tokenizer->encode("a <mask> a"), ids({"a", "<mask>", "Ġa"}));
    EXPECT_EQ(tokenizer->encode("a \n<mask>"), ids({"a", "<mask>"}));
    EXPECT_EQ(tokenizer->encode("a </s>a"), ids({"a", "Ġ", "</s>", "a"}));
    EXPECT_EQ(tokenizer->encode("<s><pad>"), ids({"<s>", "<pad>"}));
}

TEST_F(ByteLevel, SpecialTokensInATextAreTextUnlessAskedFor) {
    const auto ids = open(folder_)->encode("</s>a<mask>");
    EXPECT_EQ(std::count(ids.begin(), ids.end(), pairs_.id("</s>")), 1);
    EXPECT_EQ(std::count(ids.begin(), ids.end(), pairs_.id("<mask>")), 0);
}

TEST_F(ByteLevel, ATextIsGivenASpaceWhereTheConfigurationSaysSo) {
    folder_.write("tokenizer_config.json", R"({"add_prefix_space": true})");
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->encode("a"), ids({"Ġa"}));
    EXPECT_EQ(tokenizer->encode(" a"), ids({"Ġa"}));
    EXPECT_EQ(tokenizer->encode(""), ids({}));
}

}  // namespace
}  // namespace bgm::test
