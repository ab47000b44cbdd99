// Published data sets as files: what their formats allow is read, what they do not is an error with file and
// line.
#include "ops/evaluation/corpus.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace bgm {
namespace {

class Corpus : public testing::Test {
 protected:
    Corpus()
        : folder_(std::filesystem::path(testing::TempDir()) / ("bgm_corpus_" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(folder_);
    }
    ~Corpus() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path file(const char* name, const std::string& content) const {
        std::ofstream(folder_ / name, std::ios::binary) << content;
        return folder_ / name;
    }
    LabelMeanings meanings() const {
        return read_label_meanings(file("meanings.tsv",
                                        "dataset\tlabel\tmoods\tvalence\tarousal\n"
                                        "goemotions\tadmiration\tbeautiful\t0.6\t0.2\n"
                                        "goemotions\tsadness\tsad\t-0.8\t-0.2\n"
                                        "goemotions\tneutral\t-\t0\t0\n"
                                        "kote\tfirst\tjoyful;amusing\t0.5\t0.5\n"
                                        "kote\tsecond\tsad\t-0.5\t-0.5\n"))
            .value();
    }

    std::filesystem::path folder_;
};

TEST_F(Corpus, LabelsBecomeMoodsAndMeanAffect) {
    const auto rows = read_goemotions(file("go.tsv", "so good\t0,25\tabc\nmeh\t27\n"), meanings(), false);
    ASSERT_TRUE(rows) << rows.error().to_string();
    ASSERT_EQ(rows->size(), 2U);
    EXPECT_TRUE((*rows)[0].moods[static_cast<std::size_t>(Mood::beautiful)]);
    EXPECT_TRUE((*rows)[0].moods[static_cast<std::size_t>(Mood::sad)]);
    EXPECT_FLOAT_EQ((*rows)[0].affect.valence, -0.1F);
    EXPECT_FALSE((*rows)[1].in_five_moods);
}

TEST_F(Corpus, FiveMoodsFollowTheirDefinition) {
    // admiration, sadness -> happy, sad; love -> romantic; gratitude takes the row out of the task
    const auto rows = read_goemotions(file("go.tsv", "a\t0,25\nb\t18\nc\t0,15\n"), {}, false).value();
    EXPECT_EQ(rows[0].five_moods, (std::array<bool, 5>{true, false, true, false, false}));
    EXPECT_EQ(rows[1].five_moods, (std::array<bool, 5>{false, true, false, false, false}));
    EXPECT_TRUE(rows[1].in_five_moods);
    EXPECT_FALSE(rows[2].in_five_moods);
}

TEST_F(Corpus, QuotedFieldsAreUnquoted) {
    const auto labels = file("labels.txt", "first\nsecond\n\n");
    const auto rows = read_kote(file("kote.tsv", "1\t\"he said \"\"hi\"\"\"\t0\n2\tplain \"inside\"\t0,1\n"),
                                labels, meanings());
    ASSERT_TRUE(rows) << rows.error().to_string();
    EXPECT_EQ((*rows)[0].text, "he said \"hi\"");
    EXPECT_EQ((*rows)[1].text, "plain \"inside\"");
    const auto chat = read_chatbot(file("chat.csv", "Q,A,label\n\"a, b\",c,2   \n")).value();
    EXPECT_EQ(chat[0].text, "a, b");
    EXPECT_EQ(chat[0].labels.front(), 2);
}

TEST_F(Corpus, ScalesAreCentred) {
    const auto reviews = read_nsmc(file("nsmc.tsv", "rating\ttext\n10\tgood\n1\tbad\n")).value();
    EXPECT_EQ(reviews[0].polarity, 1);
    EXPECT_EQ(reviews[1].polarity, -1);
    const auto sentences =
        read_emobank(file("emo.tsv", "valence\tarousal\tdominance\ttext\n5\t1\t3\tx\n")).value();
    EXPECT_FLOAT_EQ(sentences[0].affect.valence, 1);
    EXPECT_FLOAT_EQ(sentences[0].affect.arousal, -1);
}

TEST_F(Corpus, MistakesNameFileAndLine) {
    const auto check = [](const Result<std::vector<Example>>& result, const char* where) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, ErrorCode::corrupt);
        EXPECT_NE(result.error().message.find(where), std::string::npos) << result.error().message;
    };
    check(read_goemotions(file("go.tsv", "fine\t0\nonly text\n"), meanings(), false), "go.tsv:2");
    check(read_goemotions(file("go.tsv", "text\t28\n"), meanings(), false), "go.tsv:1");
    check(read_goemotions(file("go.tsv", "text\t-1\n"), meanings(), false), "go.tsv:1");
    check(read_nsmc(file("nsmc.tsv", "rating\ttext\nten\tgood\n")), "nsmc.tsv:2");
    check(read_nsmc(file("nsmc.tsv", "rating\ttext\n1\t\xff\n")), "nsmc.tsv:2");
    check(read_chatbot(file("chat.csv", "Q,A,label\na,b,7\n")), "chat.csv:2");
    check(read_lexicon(file("lexicon.tsv", "# comment\nyay\thappyish\t1\t1\n")), "lexicon.tsv:2");
    EXPECT_EQ(read_nsmc(folder_ / "missing").error().code, ErrorCode::not_found);
}

TEST_F(Corpus, SpreadsheetsOfOtherEncodingsAreRead) {
    // 기분 최고, 너무 슬프다 as CP949; the same way in UTF-16 and with carriage returns alone.
    const auto korean =
        read_nsmc(file("cp949.tsv",
                       "rating\ttext\r\n10\t\xB1\xE2\xBA\xD0 \xC3\xD6\xB0\xED\r\n1\t\xB3\xCA\xB9\xAB "
                       "\xBD\xBD\xC7\xC1\xB4\xD9\r\n"));
    ASSERT_TRUE(korean) << korean.error().to_string();
    ASSERT_EQ(korean->size(), 2U);
    EXPECT_EQ(korean->at(0).text, "기분 최고");
    std::string wide = "\xFF\xFE";
    for (const char c : std::string("rating\ttext\r\n10\tgood\r\n"))
        wide.append(1, c).append(1, '\0');
    EXPECT_EQ(read_nsmc(file("wide.tsv", wide)).value().at(0).text, "good");
    EXPECT_EQ(read_nsmc(file("mac.tsv", "rating\ttext\r10\tgood\r1\tbad\r")).value().size(), 2U);
    EXPECT_EQ(read_nsmc(file("mark.tsv", "\xEF\xBB\xBFrating\ttext\n10\tgood\n")).value().size(), 1U);
}

TEST_F(Corpus, EveryTenthRowIsHeldBack) {
    std::vector<Example> rows(25);
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i].text = std::to_string(i);
    const auto held = hold_back_tenth(rows);
    ASSERT_EQ(held.size(), 2U);
    EXPECT_EQ(held[0].text, "9");
    EXPECT_EQ(held[1].text, "19");
    EXPECT_EQ(rows.size(), 23U);
}

TEST_F(Corpus, ShippedLexiconIsWellFormed) {
    const auto rows = read_lexicon(std::filesystem::path(BGM_SOURCE_DIR) / "data/affect_lexicon.tsv");
    ASSERT_TRUE(rows) << rows.error().to_string();
    EXPECT_GT(rows->size(), 1000U);
    for (const Example& row : *rows) {
        EXPECT_FALSE(row.text.empty());
        EXPECT_LE(std::abs(row.affect.valence), 1.0F) << row.text;
        EXPECT_LE(std::abs(row.affect.arousal), 1.0F) << row.text;
    }
}

}  // namespace
}  // namespace bgm
