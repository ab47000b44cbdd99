// Token ids against reference files: a directory that agrees is ok, the first line that does not is shown.
// The reference's own directories are not part of the repository: set BGM_SHARED_DIR, or have them in
// ../shared.
#include "ops/lab/parity/tokenizer_cases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/ops/bgmctl/temporary_folder.hpp"
#include "tests/shared_folder.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class TokenizerCases : public testing::Test {
 protected:
    TokenizerCases() {
        fs::create_directory(folder_.file("vocab"));
        folder_.write("vocab/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nb\n");
        folder_.write("manifest.json", R"({"stats": {"max_length": 4}})");
    }
    std::vector<ParityLine> lines() const { return check_tokenizer(folder_.file("")).value(); }

    TemporaryFolder folder_;
};

TEST_F(TokenizerCases, AgreeingIdsAreOk) {
    folder_.write("cases.jsonl", R"({"text": "a b", "ids": [2, 4, 5, 3]})"
                                 "\n"
                                 R"({"text": "a b a", "ids": [2, 4, 5, 4, 3], "truncated": [2, 4, 5, 3]})"
                                 "\n");
    folder_.write("special_literals.jsonl", R"({"text": "a[SEP]", "ids": [2, 4, 3, 3]})");
    const auto all = lines();
    ASSERT_EQ(all.size(), 3U);
    for (const ParityLine& line : all) {
        EXPECT_TRUE(line.ok) << line.name << ": " << line.detail;
        EXPECT_EQ(line.difference, 0);
    }
    EXPECT_THAT(all[0].name, HasSubstr("/cases"));
    EXPECT_THAT(all[1].name, HasSubstr("/truncated"));
    EXPECT_THAT(all[2].name, HasSubstr("/special_literals"));
}

TEST_F(TokenizerCases, TheFirstThatDiffersIsShown) {
    folder_.write("cases.jsonl", R"({"text": "a", "ids": [2, 4, 3]})"
                                 "\n"
                                 R"({"text": "\uac00", "ids": [2, 5, 3]})"
                                 "\n");
    const auto all = lines();
    EXPECT_FALSE(all[0].ok);
    EXPECT_EQ(all[0].difference, 0.5);
    EXPECT_EQ(all[0].detail, R"("\uac00": ours [2 1 3], reference [2 5 3])");
}

TEST_F(TokenizerCases, BrokenDirectoriesAreErrors) {
    EXPECT_EQ(check_tokenizer(folder_.file("")).error().code, ErrorCode::not_found);
    folder_.write("cases.jsonl", "{\"text\": \"a\"}\n");
    EXPECT_THAT(check_tokenizer(folder_.file("")).error().message, HasSubstr("cases.jsonl: line 1"));
    folder_.write("cases.jsonl", "");
    EXPECT_THAT(check_tokenizer(folder_.file("")).error().message, HasSubstr("it holds no case"));
    folder_.write("manifest.json", "{}");
    EXPECT_THAT(check_tokenizer(folder_.file("")).error().message, HasSubstr("manifest.json"));
}

class ReferenceCases : public testing::TestWithParam<const char*> {};

TEST_P(ReferenceCases, EveryLineIsIdentical) {
    const fs::path directory = shared_folder() / "parity" / GetParam();
    if (!fs::exists(directory)) GTEST_SKIP() << "no " << directory << " (set BGM_SHARED_DIR)";
    const auto lines = check_tokenizer(directory);
    ASSERT_TRUE(lines.ok()) << lines.error().to_string();
    EXPECT_EQ(lines->size(), 3U);
    for (const ParityLine& line : *lines)
        EXPECT_TRUE(line.ok) << line.name << " " << line.difference << ": " << line.detail;
}

INSTANTIATE_TEST_SUITE_P(Shared, ReferenceCases,
                         testing::Values("tok_bert_multilingual_cased", "tok_bert_uncased", "tok_clip_bpe",
                                         "tok_roberta_bpe"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace bgm
