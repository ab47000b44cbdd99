// Sentences drawn from patterns: what is drawn, what a class is, and what is refused.
#include "ops/lab/train/grave_phrases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/daemon/base/scratch_folder.hpp"
#include "workers/text/grave_words.hpp"

namespace bgm::train {
namespace {

using ::testing::HasSubstr;

Result<GravePhrases> read(const std::string& text) {
    const testing::ScratchFolder folder;
    return GravePhrases::read(folder.write("phrases.tsv", text));
}

TEST(GravePhrases, DrawsEveryChoiceOfAPatternAndEveryWordOfAClass) {
    const auto phrases = read("# kin\n@kin\tmum,dad\n{we lost,rip} @kin\tdeath;illness\nlol\t-\n");
    ASSERT_TRUE(phrases) << phrases.error().to_string();
    Random random(1);
    std::set<std::string> drawn;
    for (int i = 0; i < 200; ++i) {
        const GraveExample example = phrases->draw_grave(random);
        EXPECT_EQ(example.subjects, kGraveDeath | kGraveIllness);
        drawn.insert(example.text);
    }
    EXPECT_EQ(drawn, (std::set<std::string>{"we lost mum", "we lost dad", "rip mum", "rip dad"}));
    EXPECT_EQ(phrases->draw_trap(random).text, "lol");
    EXPECT_EQ(phrases->draw_trap(random).subjects, 0);
}

TEST(GravePhrases, AClassHoldsUntilItIsWrittenAnew) {
    const auto phrases = read("@a\tx\ngone @a\tdeath\n@a\ty\nfunny @a|very @a\t-\n");
    ASSERT_TRUE(phrases) << phrases.error().to_string();
    Random random(1);
    EXPECT_EQ(phrases->draw_grave(random).text, "gone x");
    EXPECT_THAT(phrases->draw_trap(random).text, HasSubstr(" y"));
}

TEST(GravePhrases, ManyClassesDoNotDisturbThePatterns) {
    std::string text;
    for (char first = 'a'; first <= 'h'; ++first) {
        for (char second = 'a'; second <= 'z'; ++second)
            text += std::string("@") + first + second + "\tword\n";
    }
    const auto phrases = read(text + "{@as,@bt} @cv, @gd\tviolence\nlol\t-\n");
    ASSERT_TRUE(phrases) << phrases.error().to_string();
    Random random(1);
    EXPECT_EQ(phrases->draw_grave(random).text, "word word, word");
}

TEST(GravePhrases, NamesTheLineOfAMistake) {
    for (const auto& [text, message] : {std::pair{"lol\t-\ngone @kin\tdeath\n", ":2: there is no class @kin"},
                                        {"gone\tdead\n", ":1: 'dead' is no subject"},
                                        {"gone\n", ":1: expected two fields"},
                                        {"@Kin\tmum\n", ":1: a class is named by small letters"},
                                        {"gone\tdeath\n", "none that only sounds so"}}) {
        const auto phrases = read(text);
        ASSERT_FALSE(phrases) << text;
        EXPECT_THAT(phrases.error().message, HasSubstr(message));
    }
    EXPECT_EQ(GravePhrases::read("/nowhere/phrases.tsv").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace bgm::train
