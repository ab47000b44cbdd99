// Which files make which tokeniser, and that a missing, broken or hostile file is an error that names it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/workers/tokenizers/small_models.hpp"
#include "workers/tokenizers/tokenizer.hpp"

namespace bgm::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

json document_of(const SmallBytePairs& pairs, const std::string& word_end, bool merges_as_pairs) {
    json merges = json::array();
    for (const auto& [left, right] : pairs.merges) {
        if (merges_as_pairs) {
            merges.push_back({left, right});
        } else {
            merges.push_back(left + " " + right);
        }
    }
    return {{"added_tokens", json::array()},
            {"normalizer", nullptr},
            {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
            {"model",
             {{"type", "BPE"},
              {"unk_token", nullptr},
              {"continuing_subword_prefix", ""},
              {"end_of_word_suffix", word_end},
              {"vocab", pairs.vocabulary_json()},
              {"merges", merges}}}};
}

json word_piece_document() {
    return {{"normalizer",
             {{"type", "BertNormalizer"},
              {"clean_text", true},
              {"handle_chinese_chars", true},
              {"strip_accents", nullptr},
              {"lowercase", true}}},
            {"model",
             {{"type", "WordPiece"},
              {"unk_token", "[UNK]"},
              {"continuing_subword_prefix", "##"},
              {"max_input_chars_per_word", 4},
              {"vocab", {{"[PAD]", 0}, {"[UNK]", 1}, {"[CLS]", 2}, {"[SEP]", 3}, {"e", 4}, {"##a", 5}}}}}};
}

// The same ids from tokenizer.json alone as from the two files, in both ways to write a merge.
TEST(OpenTokenizer, ReadsTheOneFileWhereTheOthersAreNot) {
    const auto merges = std::vector<std::pair<std::string, std::string>>{{"c", "a"}, {"Ġ", "ca"}};
    for (const bool as_pairs : {false, true}) {
        const SmallBytePairs pairs = small_byte_level(merges);
        TemporaryFolder folder;
        folder.write("tokenizer.json", document_of(pairs, "", as_pairs).dump());
        EXPECT_THAT(open(folder)->encode("ca ca"),
                    testing::ElementsAre(0, pairs.id("ca"), pairs.id("Ġca"), 2));
    }
    const SmallBytePairs clip = small_clip({{"c", "a</w>"}});
    TemporaryFolder folder;
    folder.write("tokenizer.json", document_of(clip, "</w>", false).dump());
    EXPECT_THAT(open(folder)->encode("CA"), testing::ElementsAre(512, clip.id("ca</w>"), 513));
}

TEST(OpenTokenizer, ReadsWordPieceFromTheOneFile) {
    TemporaryFolder folder;
    folder.write("tokenizer.json", word_piece_document().dump());
    EXPECT_THAT(open(folder)->encode("Éa"), testing::ElementsAre(2, 4, 5, 3));
    EXPECT_THAT(open(folder)->encode("eaaaa"), testing::ElementsAre(2, 1, 3));  // longer than it allows
    EXPECT_EQ(open(folder)->ids_end(), 6U);
}

TEST(OpenTokenizer, TakesAddedTokensFromTheOneFile) {
    json document = word_piece_document();
    document["added_tokens"] = {
        {{"id", 7}, {"content", "[DE"}, {"special", true}, {"normalized", true}},
        {{"id", 9}, {"content", "[DEC]"}, {"special", true}, {"normalized", true}, {"rstrip", true}},
        {{"id", 3}, {"content", "[SEP]"}, {"special", true}},
        {{"id", 8}, {"content", "ea"}, {"special", false}}};
    TemporaryFolder folder;
    folder.write("tokenizer.json", document.dump());
    const auto as_reference = open(folder, TokenizerOptions::as_reference());
    EXPECT_THAT(as_reference->encode("e[dec] e[SEP]"), testing::ElementsAre(2, 4, 9, 4, 3, 3));
    EXPECT_EQ(as_reference->ids_end(), 10U);
}

TEST(OpenTokenizer, AnEmptyFolderIsNotFound) {
    TemporaryFolder folder;
    EXPECT_EQ(open_tokenizer(folder.file("")).error().code, ErrorCode::not_found);
    EXPECT_THAT(error_of_opening(folder), HasSubstr("neither vocab.txt, nor vocab.json with merges.txt"));
    EXPECT_EQ(open_tokenizer(folder.file("no-such-folder")).error().code, ErrorCode::not_found);
}

TEST(OpenTokenizer, BrokenJsonIsNamed) {
    TemporaryFolder folder;
    write_byte_pairs(folder, small_clip({}));
    const std::string whole = folder.read("vocab.json");
    folder.write("vocab.json", whole.substr(0, whole.size() / 2));
    EXPECT_THAT(error_of_opening(folder), HasSubstr(folder.file("vocab.json")));
    folder.write("vocab.json", "[1, 2]");
    EXPECT_THAT(error_of_opening(folder), HasSubstr("vocab.json: it is not a JSON object"));
    folder.write("vocab.json", repeated("{\"a\":", 5000));
    EXPECT_THAT(error_of_opening(folder), HasSubstr("vocab.json"));
    folder.write("vocab.json", "");
    EXPECT_THAT(error_of_opening(folder), HasSubstr("vocab.json: empty"));

    folder.write("vocab.json", whole);
    folder.write("tokenizer_config.json", "{\"do_lower_case\": tru");
    EXPECT_THAT(error_of_opening(folder), HasSubstr("tokenizer_config.json"));
}

TEST(OpenTokenizer, IdsThatCannotBeAreNamed) {
    TemporaryFolder folder;
    write_byte_pairs(folder, small_clip({}));
    const auto error_with = [&](const char* vocabulary) {
        folder.write("vocab.json", vocabulary);
        return error_of_opening(folder);
    };
    EXPECT_THAT(error_with(R"({"a": 1, "b": 1})"), HasSubstr("vocab.json: two tokens have the id 1"));
    EXPECT_THAT(error_with(R"({"a": 1, "a": 2})"), HasSubstr("vocab.json: a token is listed twice"));
    EXPECT_THAT(error_with(R"({"a": -1})"), HasSubstr("vocab.json: the id -1 is out of range"));
    EXPECT_THAT(error_with(R"({"a": 4000000000})"), HasSubstr("out of range"));
    EXPECT_THAT(error_with(R"({"a": 99999999999999999999})"), HasSubstr("vocab.json"));
    EXPECT_THAT(error_with(R"({"a": 1.5})"), HasSubstr("not a whole number"));
    EXPECT_THAT(error_with(R"({"a": "1"})"), HasSubstr("not a whole number"));
    EXPECT_THAT(error_with(R"({"a": 1})"), HasSubstr("its vocabulary has no <s>"));
}

TEST(OpenTokenizer, MergesThatDoNotFitAreNamed) {
    TemporaryFolder folder;
    write_byte_pairs(folder, small_clip({{"a", "b"}}));
    folder.write("merges.txt", "#version: 0.2\na b\nabc\n");
    EXPECT_THAT(error_of_opening(folder), HasSubstr("merges.txt: line 3 is not two tokens"));
    folder.write("merges.txt", "#version: 0.2\na b\nx y\n");
    EXPECT_THAT(error_of_opening(folder), HasSubstr("merges.txt: merge 2 is of tokens that the vocabulary"));
    folder.write("merges.txt", "a b\r\n");  // without the version line, and from another system
    EXPECT_EQ(error_of_opening(folder), "");
    folder.write("merges.txt", "a \xFF\n");
    EXPECT_THAT(error_of_opening(folder), HasSubstr("merges.txt: it is not valid UTF-8"));
}

TEST(OpenTokenizer, BrokenLinesAreNamed) {
    TemporaryFolder folder;
    folder.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\na\n");
    EXPECT_THAT(error_of_opening(folder), HasSubstr("vocab.txt: a token is listed twice"));
    folder.write("vocab.txt", "[PAD]\n[CLS]\n[SEP]\na\n");
    EXPECT_THAT(error_of_opening(folder), HasSubstr("vocab.txt: its vocabulary has no token for unknown"));
    folder.write("vocab.txt", "[PAD]\n[UNK]\n[SEP]\na\n");
    EXPECT_THAT(error_of_opening(folder), HasSubstr("vocab.txt: its vocabulary has no [CLS]"));
    folder.write("vocab.txt", "[PAD]\n\xC3\x28\n");
    EXPECT_THAT(error_of_opening(folder), HasSubstr("vocab.txt: it is not valid UTF-8"));
    folder.write("vocab.txt", "[PAD]\r\n[UNK]\r\n[CLS]\r\n\r\n[SEP]\r\na");  // an empty line has a number too
    EXPECT_THAT(open(folder)->encode("a"), testing::ElementsAre(2, 5, 4));
}

TEST(OpenTokenizer, WhatIsTooLargeIsNotRead) {
    TemporaryFolder folder;
    folder.write("vocab.txt", "[PAD]\n");
    std::filesystem::resize_file(folder.file("vocab.txt"), 1ULL << 30);  // takes no room on the disk
    EXPECT_EQ(open_tokenizer(folder.file("")).error().code, ErrorCode::too_large);
    EXPECT_THAT(error_of_opening(folder), AllOf(HasSubstr("vocab.txt"), HasSubstr("1073741824 bytes")));
    std::filesystem::remove(folder.file("vocab.txt"));
    folder.write("tokenizer.json", "{}");
    std::filesystem::resize_file(folder.file("tokenizer.json"), 1ULL << 30);
    EXPECT_EQ(open_tokenizer(folder.file("")).error().code, ErrorCode::too_large);
}

TEST(OpenTokenizer, APipeIsNotWaitedFor) {
    TemporaryFolder folder;
    ASSERT_EQ(::mkfifo(folder.file("vocab.txt").c_str(), 0600), 0);
    EXPECT_THAT(error_of_opening(folder), HasSubstr("vocab.txt: it is not a plain file"));
}

TEST(OpenTokenizer, OtherKindsAreUnsupported) {
    TemporaryFolder folder;
    const auto code_of = [&](const json& document) {
        folder.write("tokenizer.json", document.dump());
        const auto tokenizer = open_tokenizer(folder.file(""));
        return tokenizer ? std::string("ok") : std::string(name(tokenizer.error().code));
    };
    json unigram = {{"model", {{"type", "Unigram"}, {"vocab", {{"a", -1.5}}}}}};
    unigram["model"]["vocab"] = json::array({json::array({"a", -1.5})});
    EXPECT_EQ(code_of(unigram), "unsupported");
    EXPECT_EQ(code_of(json::object()), "corrupt");

    json other_normalizer = word_piece_document();
    other_normalizer["normalizer"] = nullptr;
    EXPECT_EQ(code_of(other_normalizer), "unsupported");

    json document = document_of(small_byte_level({}), "", false);
    EXPECT_EQ(code_of(document), "ok");
    document["model"]["byte_fallback"] = true;
    EXPECT_EQ(code_of(document), "unsupported");
    document = document_of(small_byte_level({}), "", false);
    document["pre_tokenizer"] = {{"type", "Metaspace"}};
    EXPECT_EQ(code_of(document), "unsupported");
}

TEST(OpenTokenizer, HostileDocumentsAreErrors) {
    TemporaryFolder folder;
    const auto error_with = [&](const json& document) {
        folder.write("tokenizer.json", document.dump());
        return error_of_opening(folder);
    };
    json document = word_piece_document();
    document["added_tokens"] = {{{"id", 5000000000}, {"content", "[X]"}, {"special", true}}};
    EXPECT_THAT(error_with(document),
                HasSubstr("an added token has no content, or an id that is out of range"));
    document["added_tokens"] = {17};
    EXPECT_THAT(error_with(document), HasSubstr("an added token is not an object"));
    document = document_of(small_byte_level({}), "", false);
    document["model"]["merges"] = {json::array({"a", "b", "c"})};
    EXPECT_THAT(error_with(document), HasSubstr("a merge is not two tokens"));
    document["model"]["merges"] = {"ab"};
    EXPECT_THAT(error_with(document), HasSubstr("a merge is not two tokens"));
}

}  // namespace
}  // namespace bgm::test
