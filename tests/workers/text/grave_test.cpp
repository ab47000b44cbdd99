// What a text speaks of, against tables of sentences as people write them. grave_*.tsv were written before
// the rules, and the rules were made by them; grave_judge_*.tsv were never used for that, and say how good
// the rules are on others.
#include "workers/text/grave.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace bgm {
namespace {

std::string subjects(std::string_view text) {
    const std::uint8_t found = find_grave(normalise(text));
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
    int subject = 0;  // of the grave ones, those of the subject that the table names
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
        if (wanted != "-" && found.find(wanted) != std::string::npos) ++figures.subject;
    }
    std::cout << file << ": " << figures.right << " of " << figures.sentences << " right, " << figures.traps
              << " of them traps; the subject right in " << figures.subject << " of "
              << figures.sentences - figures.traps << '\n';
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

TEST(Grave, OfNothingAndOfTooMuchItSaysNothingAndEnds) {
    EXPECT_EQ(subjects(""), "-");
    EXPECT_EQ(subjects("🙂 !! 123"), "-");
    std::string much;
    while (much.size() < 8192)
        much += "put put put lost died. ";
    EXPECT_EQ(subjects(much), "-");
}

}  // namespace
}  // namespace bgm
