// What a text speaks of, against tables of sentences as people write them. grave_*.tsv were written before
// the rules, and the rules were made by them; grave_judge_*.tsv and grave_told_*.tsv (told without the usual
// words) were judged by the reader as it stood before anything was learnt from them. grave_posts_*.tsv and
// grave_held_out_*.tsv are by two writers who had seen neither the tables nor the patterns: the first have
// been learnt from since; the others were judged before anything was learnt from them. grave_strangers_*.tsv
// are by a third one: which kinds of them were judged wrongly was looked at once, and none was taken over.
#include "workers/text/grave.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "schemas/safetensors.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "workers/text/grave_classes.hpp"

namespace bgm {
namespace {

using ::testing::HasSubstr;

const std::filesystem::path kModels = std::filesystem::path(BGM_SOURCE_DIR) / "data/builtin";

const GraveReader& shipped() {
    static const Result<GraveReader> reader = GraveReader::open(kModels);
    return reader.value();
}

std::string subjects(std::string_view text, const GraveReader& reader = shipped()) {
    const std::uint8_t found = reader.read(normalise(text));
    std::string names;
    for (std::size_t i = 0; i < kGraveSubjects.size(); ++i) {
        if ((found >> i & 1U) != 0) names += (names.empty() ? "" : ",") + std::string(kGraveSubjects[i]);
    }
    return names.empty() ? "-" : names;
}

struct Figures {
    int sentences = 0;
    int traps = 0;
    int right = 0;    // grave or not
    int named = 0;    // those of which the table names the subject
    int subject = 0;  // of these, those of that subject
    std::string wrong;

    double share() const { return static_cast<double>(right) / sentences; }
};

Figures judge(const std::string& file) {
    Figures figures;
    std::ifstream lines(std::string(BGM_SOURCE_DIR) + "/tests/workers/text/" + file);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t tab = line.find('\t');
        if (line.starts_with('#') || tab == std::string::npos) continue;
        const std::string wanted = line.substr(0, tab);
        const std::string found = subjects(line.substr(tab + 1));
        ++figures.sentences;
        if (wanted == "-") ++figures.traps;
        if ((wanted == "-") == (found == "-")) {
            ++figures.right;
        } else {
            figures.wrong += "\n  " + found + " for " + line;
        }
        if (wanted == "-" || wanted == "grave") continue;
        ++figures.named;
        if (found.find(wanted) != std::string::npos) ++figures.subject;
    }
    std::cout << file << ": " << figures.right << " of " << figures.sentences << " right, " << figures.traps
              << " of them traps; the subject right in " << figures.subject << " of " << figures.named
              << '\n';
    return figures;
}

/// Of one writer's: half of them are traps.
Figures judge_posts(const std::string& file) {
    Figures figures = judge(file);
    EXPECT_EQ(figures.sentences, 150);
    EXPECT_EQ(figures.traps, 75);
    return figures;
}

TEST(Grave, TellsWhatATextSpeaksOf) {
    for (const char* const file : {"grave_en.tsv", "grave_ko.tsv"}) {
        const Figures figures = judge(file);
        EXPECT_GE(figures.sentences, 200);
        EXPECT_GE(figures.traps, 100);
        EXPECT_GE(figures.share(), 0.95) << file << figures.wrong;
    }
}

TEST(Grave, HoldsOnSentencesThatItWasNotMadeBy) {
    for (const char* const file : {"grave_judge_en.tsv", "grave_judge_ko.tsv"}) {
        const Figures figures = judge(file);
        EXPECT_GE(figures.sentences, 90);
        EXPECT_GE(figures.share(), 0.95) << file << figures.wrong;
    }
}

TEST(Grave, IsToldWithoutTheUsualWords) {
    for (const char* const file : {"grave_told_en.tsv", "grave_told_ko.tsv"}) {
        const Figures figures = judge(file);
        EXPECT_GE(figures.sentences, 100);
        EXPECT_GE(2 * figures.traps, figures.sentences);
        EXPECT_GE(figures.share(), 0.95) << file << figures.wrong;
    }
}

TEST(Grave, HoldsOnPostsOfAWriterWhoHadNotSeenThePatterns) {
    for (const char* const file : {"grave_posts_en.tsv", "grave_posts_ko.tsv"}) {
        const Figures figures = judge_posts(file);
        EXPECT_GE(figures.share(), 0.95) << file << figures.wrong;
    }
}

TEST(Grave, HoldsOnPostsOfAnotherWriterThatNothingWasLearntFrom) {
    for (const auto& [file, least] :
         {std::pair{"grave_held_out_en.tsv", 134}, std::pair{"grave_held_out_ko.tsv", 142}}) {
        const Figures figures = judge_posts(file);
        EXPECT_GE(figures.right, least) << file;  // how many, and not which
    }
}

TEST(Grave, HoldsOnPostsOfAThirdWriter) {
    for (const auto& [file, least] :
         {std::pair{"grave_strangers_en.tsv", 135}, std::pair{"grave_strangers_ko.tsv", 142}}) {
        const Figures figures = judge_posts(file);
        EXPECT_GE(figures.right, least) << file << figures.wrong;
    }
}

TEST(Grave, ACheerfulSentenceBesideItDoesNotHideAGraveOne) {
    const std::string cheerful = "Pizza, karaoke, so much laughing with the girls tonight! ";
    EXPECT_NE(subjects(cheerful + "Her mother is in hospice now."), "-");
    EXPECT_EQ(subjects(cheerful + "Her mother is in Lisbon now."), "-");
    EXPECT_NE(subjects("오늘 게임 진짜 꿀잼이었고 치킨도 최고였다 ㅋㅋㅋ! 아빠는 여섯 주 남았다고 한다."),
              "-");
}

TEST(Grave, HoldsOnSentencesThatNothingWasLearntFrom) {
    for (const char* const file : {"grave_unlearnt_en.tsv", "grave_unlearnt_ko.tsv"}) {
        const Figures figures = judge(file);
        EXPECT_GE(figures.sentences, 30);
        EXPECT_GE(figures.share(), 0.9) << file << figures.wrong;
    }
}

TEST(Grave, HoldsOnPostsThatNobodyHasLookedInto) {
    for (const char* const file : {"grave_fresh_en.tsv", "grave_fresh_ko.tsv"}) {
        const Figures figures = judge(file);
        EXPECT_EQ(figures.sentences, 100);
        EXPECT_EQ(figures.traps, 50);
        // How many, and not which: whoever learns from them has nothing left to judge by.
        EXPECT_GE(figures.share(), 0.9) << file;
    }
}

TEST(Grave, NamesEverySubject) {
    EXPECT_EQ(subjects("My father died of cancer"), "death,illness");
    EXPECT_EQ(subjects("지진으로 친구가 죽었다"), "death,disaster");
    EXPECT_EQ(subjects("He was murdered in the war"), "violence");
}

TEST(Grave, AnIdiomTakesOnlyItsOwnWords) {
    EXPECT_EQ(subjects("I'm dead. This is so funny"), "-");
    EXPECT_EQ(subjects("This beat is killer, I wrote it the day my mother died"), "death");
    EXPECT_EQ(subjects("배고파 죽겠다"), "-");
    EXPECT_EQ(subjects("배고파 죽겠는데 할머니 장례식장이라 먹을 수가 없다"), "death");
}

TEST(Grave, AScoreIsOfAGame) {
    EXPECT_EQ(subjects("They were killed 5-0 at home"), "-");
    EXPECT_EQ(subjects("5 were killed at home"), "death");
    EXPECT_EQ(subjects("3명이 숨졌다"), "death,disaster");
}

TEST(Grave, WhatIsFarAwayInTheTextHasNoSay) {
    EXPECT_EQ(subjects("My grandma died. We are so sad. Nothing helps. Later we watched a movie."), "death");
    EXPECT_EQ(subjects("In that movie the grandma died."), "-");
}

TEST(Grave, WithoutItsWordsIsToldByTheNetwork) {
    const GraveReader tables;
    for (const char* const text :
         {"She weighs 38 kilos now and still won't eat", "유골함이 이렇게 가벼울 줄 몰랐어",
          "the doctors say weeks, not months", "산소호흡기를 뗐다"}) {
        EXPECT_NE(subjects(text), "-") << text;
    }
    EXPECT_EQ(subjects("Her desk is empty now and the children put flowers on it", tables), "-");
    EXPECT_EQ(subjects("Her desk is empty now and the children put flowers on it"), "death");
}

TEST(Grave, TheTablesAreKeptQuietWhereTheNetworkIsSure) {
    const GraveReader tables;
    const char* const text = "Well it was just an educated shot in the dark but glad to help";
    EXPECT_NE(subjects(text, tables), "-");
    EXPECT_EQ(subjects(text), "-");
}

TEST(Grave, AFolderWithoutTheNetworkHasTheTables) {
    const auto reader = GraveReader::open("/nowhere");
    ASSERT_TRUE(reader);
    EXPECT_EQ(subjects("My father died of cancer", *reader), "death,illness");
}

class GraveFolder : public ::testing::Test {
 protected:
    void SetUp() override {
        for (const char* const file : {"grave.safetensors", "text.safetensors"})
            std::filesystem::copy_file(kModels / file, folder_ / file);
    }

    std::string error() const {
        const auto reader = GraveReader::open(folder_);
        return reader ? "" : reader.error().to_string();
    }

    const testing::ScratchFolder scratch_;
    const std::filesystem::path folder_ = scratch_.path();
};

TEST_F(GraveFolder, IsReadWhole) {
    EXPECT_EQ(error(), "");
}

TEST_F(GraveFolder, WithATextNetworkInItsPlaceIsRefused) {
    std::filesystem::copy_file(kModels / "text.safetensors", folder_ / "grave.safetensors",
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_THAT(error(), HasSubstr("grave.weight"));
}

TEST_F(GraveFolder, WithAnotherTextEncoderThanItWasTrainedWithIsRefused) {
    std::string bytes;
    {
        std::ifstream in(kModels / "text.safetensors", std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(in), {});
    }
    const auto bias = SafeTensors::parse(std::as_bytes(std::span(bytes))).value().find("hidden.bias").value();
    const auto begin = reinterpret_cast<const char*>(bias.data.data()) - bytes.data();
    for (std::size_t i = 3; i < bias.data.size(); i += sizeof(float))
        bytes[static_cast<std::size_t>(begin) + i] ^= static_cast<char>(0x80);  // the sign
    std::ofstream(folder_ / "text.safetensors", std::ios::binary) << bytes;
    EXPECT_THAT(error(), HasSubstr("another text.safetensors"));
}

TEST_F(GraveFolder, WithNoNetworkAtAllIsRefusedAndNamed) {
    std::ofstream(folder_ / "grave.safetensors") << "nothing of the kind";
    EXPECT_THAT(error(), HasSubstr("grave.safetensors"));
}

TEST(Grave, RelativesAnimalsAndNumbersAreOneWordEach) {
    const auto folded = [](const char* text) { return with_classes(normalise(text)).to_utf8(); };
    EXPECT_EQ(folded("my grandma had 3 cats"), folded("my uncle had 12 cats"));
    EXPECT_EQ(folded("할머니가 떠났다"), folded("이모가 떠났다"));
    EXPECT_EQ(folded("우리 강아지 보고 싶다"), folded("우리 고양이 보고 싶다"));
    EXPECT_NE(folded("my grandma left"), folded("my grandmaster left"));
}

TEST(Grave, WordsOfAKindAreSeenAsThatKindToo) {
    const auto kinds = [](const char* text) { return with_kinds(normalise(text)).to_utf8(); };
    EXPECT_EQ(kinds("a burger to die for"), kinds("a dumpling to die for"));
    EXPECT_EQ(kinds("비빔밥이 미쳤다"), kinds("냉면이 미쳤다"));
    EXPECT_EQ(kinds("유방암이래요"), kinds("췌장암이래요"));
    EXPECT_NE(kinds("the miners died"), kinds("the burgers died"));
    EXPECT_EQ(kinds("간판을 바꿨다"), "간판을 바꿨다")
        << "a word of one syllable has nothing but a particle behind it";
    TextFeatures own, all;
    extract_features(with_classes(normalise("a burger to die for")), own);
    extract_grave_features(normalise("a burger to die for"), all);
    EXPECT_GT(all.words.size(), own.words.size()) << "beside the words themselves";
    EXPECT_EQ(all.characters, own.characters);
}

TEST(Grave, IsReadSentenceBySentenceInALongText) {
    std::string text = "We had lunch. The sun was out. We played cards. ";
    text += "Then the doctors told us there is nothing more they can do for dad. ";
    text += "The train was late. I bought milk. It is Monday.";
    EXPECT_NE(subjects(text), "-");
}

TEST(Grave, WhatSurroundsASentenceInALongTextHasASay) {
    EXPECT_EQ(
        subjects("Kids' cup final today. Their keeper looked as if he had been hit by a bus. Mine was in "
                 "tears of laughter. We had orange slices and ice cream. Best Sunday in ages!"),
        "-");
    EXPECT_EQ(
        subjects("동아리 운동회 후기입니다. 신입이 피구로 선배들을 다 죽였어요. 회장은 혼자 자폭했고요. "
                 "다 같이 배 잡고 웃었습니다. 뒤풀이는 삼겹살!"),
        "-");
}

TEST(Grave, OfNothingAndOfTooMuchItSaysNothingAndEnds) {
    EXPECT_EQ(subjects(""), "-");
    EXPECT_EQ(subjects("🙂 !! 123"), "-");
    std::string much;
    while (much.size() < 8192)
        much += "put put put lost died. ";
    EXPECT_EQ(subjects(much, GraveReader()), "-");
    subjects(much);
}

}  // namespace
}  // namespace bgm
