// CLIP's tokeniser on a vocabulary of bytes and a few merges: what is a word, and what a text becomes.
#include "workers/tokenizers/clip_tokenizer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workers/tokenizers/small_models.hpp"

namespace bgm::test {
namespace {

using testing::ElementsAre;

class Clip : public testing::Test {
 protected:
    Clip() { write_byte_pairs(folder_, pairs_); }

    std::vector<std::int64_t> ids(std::initializer_list<const char*> tokens) const {
        std::vector<std::int64_t> ids{pairs_.id("<|startoftext|>")};
        for (const char* token : tokens)
            ids.push_back(pairs_.id(token));
        ids.push_back(pairs_.id("<|endoftext|>"));
        return ids;
    }

    TemporaryFolder folder_;
    SmallBytePairs pairs_ = small_clip({{"c", "a"},
                                        {"ca", "t</w>"},
                                        {"'", "s</w>"},
                                        {"1", "2</w>"},
                                        {"!", "!</w>"},
                                        {"Ã", "©</w>"},
                                        {"'", "r"},
                                        {"'r", "e</w>"}});
};

TEST_F(Clip, WordsAreLowerCasedAndEndInTheirOwnSymbol) {
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->encode(""), ids({}));
    EXPECT_EQ(tokenizer->encode("cat"), ids({"cat</w>"}));
    EXPECT_EQ(tokenizer->encode(" CAT\t\u3000cAt\n"), ids({"cat</w>", "cat</w>"}));
    EXPECT_EQ(tokenizer->encode("cata"), ids({"ca", "t", "a</w>"}));
}

TEST_F(Clip, DigitsStandAloneAndSignsTogether) {
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->encode("12"), ids({"1</w>", "2</w>"}));
    EXPECT_EQ(tokenizer->encode("cat!!"), ids({"cat</w>", "!!</w>"}));
    EXPECT_EQ(tokenizer->encode("! !"), ids({"!</w>", "!</w>"}));
}

TEST_F(Clip, ContractionsAreWords) {
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->encode("cat's"), ids({"cat</w>", "'s</w>"}));
    EXPECT_EQ(tokenizer->encode("cat'S"), ids({"cat</w>", "'s</w>"}));
    EXPECT_EQ(tokenizer->encode("cat're"), ids({"cat</w>", "'re</w>"}));
    // A sign before the apostrophe takes it along.
    EXPECT_EQ(tokenizer->encode("!'s"), ids({"!", "'</w>", "s</w>"}));
}

TEST_F(Clip, TextIsComposedFirst) {
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->encode("e\u0301"), ids({"Ã©</w>"}));
    EXPECT_EQ(tokenizer->encode("É"), ids({"Ã©</w>"}));
}

TEST_F(Clip, CutsToItsLengthAndKeepsTheEnd) {
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->length_max(), 77U);
    const auto cut = tokenizer->encode(repeated("cat ", 200));
    ASSERT_EQ(cut.size(), 77U);
    EXPECT_EQ(cut.front(), tokenizer->start_id());
    EXPECT_EQ(cut[75], pairs_.id("cat</w>"));
    EXPECT_EQ(cut.back(), tokenizer->end_id());
    EXPECT_EQ(tokenizer->encode(repeated("cat ", 75)).size(), 77U);
    EXPECT_EQ(tokenizer->encode(repeated("cat ", 200), 1000).size(), 202U);
    // A word is cut too, and there is always a start and an end.
    EXPECT_EQ(tokenizer->encode("bbbbb", 4), ids({"b", "b"}));
    EXPECT_THAT(tokenizer->encode("cat", 0), ElementsAre(tokenizer->start_id(), tokenizer->end_id()));
}

TEST_F(Clip, PadsWithTheEnd) {
    const auto tokenizer = open(folder_);
    EXPECT_EQ(tokenizer->pad_id(), tokenizer->end_id());
    EXPECT_EQ(tokenizer->ids_end(), pairs_.tokens.size());
}

TEST_F(Clip, SpecialTokensInATextAreTextUnlessAskedFor) {
    const auto as_text = open(folder_)->encode("cat<|endoftext|>cat");
    EXPECT_EQ(std::count(as_text.begin(), as_text.end(), pairs_.id("<|endoftext|>")), 1);
    EXPECT_GT(as_text.size(), 12U);

    const auto as_reference = open(folder_, TokenizerOptions::as_reference());
    EXPECT_EQ(as_reference->encode("cat<|endoftext|>cat"), ids({"cat</w>", "<|endoftext|>", "cat</w>"}));
    EXPECT_EQ(as_reference->encode("<|ENDOFTEXT|>").size(), as_reference->encode("<|endoftexx|>").size());
}

}  // namespace
}  // namespace bgm::test
