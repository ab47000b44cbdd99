// Prompt files: what a well-formed one gives, that the ones which ship are well-formed, and what an operator
// is told about each kind of mistake.
#include "workers/prompts/prompt_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace bgm {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// A file in which a test can replace one part.
struct File {
    std::string templates = "text = [\"a {} post\", \"{}!\"]\nimage = [\"a {} photo\"]\naudio = [\"{}\"]\n";
    std::string calibration =
        "[calibration.text]\ntemperature = 0.5\nprecision = 1\n"
        "[calibration.image]\ntemperature = 0.25\nprecision = 0.5\n"
        "[calibration.audio]\ntemperature = 1\nprecision = 2.0\n";
    std::string moods = all_moods();
    std::string affect =
        "[affect.pleasant]\nwords = [\"good\"]\n[affect.unpleasant]\nwords = [\"bad\"]\n"
        "[affect.excited]\nwords = [\"wild\"]\n[affect.quiet]\nwords = [\"still\"]\n";

    static std::string all_moods() {
        std::string text;
        for (std::size_t k = 0; k < kMoodCount; ++k) {
            const std::string mood(name(static_cast<Mood>(k)));
            text += "[moods." + mood + "]\nwords = [\"very " + mood + "\"]\n";
        }
        return text;
    }
    std::string text() const { return "[templates]\n" + templates + calibration + moods + affect; }
};

Result<PromptSet> parse(const std::vector<std::string>& texts) {
    std::vector<PromptFile> files;
    for (const std::string& text : texts)
        files.push_back({.name = "prompts/" + std::to_string(files.size()) + ".toml", .text = text});
    return PromptSet::parse(files);
}

std::string replaced(std::string text, const std::string& old, const std::string& by) {
    const auto at = text.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    return text.replace(at, old.size(), by);
}

TEST(PromptSet, PutsEveryWordIntoEveryTemplate) {
    File file;
    file.moods = replaced(file.moods, "words = [\"very sad\"]",
                          "words = [\"sad\", \"blue\"]\ntext = [\"I cry\"]\nimage = [\"rain\"]");
    const auto set = parse({file.text()});
    ASSERT_TRUE(set) << set.error().to_string();
    const auto sad = static_cast<std::size_t>(Mood::sad);
    EXPECT_THAT(set->texts(Modality::text).moods[sad],
                ElementsAre("a sad post", "a blue post", "sad!", "blue!", "I cry"));
    EXPECT_THAT(set->texts(Modality::image).moods[sad], ElementsAre("a sad photo", "a blue photo", "rain"));
    EXPECT_THAT(set->texts(Modality::audio).moods[sad], ElementsAre("sad", "blue"));
    EXPECT_THAT(set->texts(Modality::image).pleasant, ElementsAre("a good photo"));
    EXPECT_THAT(set->texts(Modality::audio).quiet, ElementsAre("still"));
    EXPECT_EQ(set->texts(Modality::image).temperature, 0.25F);
    EXPECT_EQ(set->texts(Modality::audio).precision, 2.0F);
}

TEST(PromptSet, ReadsAVideosFramesAsPhotos) {
    const auto set = parse({File().text()});
    ASSERT_TRUE(set);
    EXPECT_EQ(&set->texts(Modality::video), &set->texts(Modality::image));
}

TEST(PromptSet, AddsALanguageToTheModalitiesThatItHasTemplatesFor) {
    File second;
    second.templates = "text = [\"{} 글\"]\n";
    second.calibration = "";
    second.moods = replaced(second.moods, "very sad", "슬픈");
    const auto set = parse({File().text(), second.text()});
    ASSERT_TRUE(set) << set.error().to_string();
    const auto sad = static_cast<std::size_t>(Mood::sad);
    EXPECT_THAT(set->texts(Modality::text).moods[sad],
                ElementsAre("a very sad post", "very sad!", "슬픈 글"));
    EXPECT_THAT(set->texts(Modality::image).moods[sad], ElementsAre("a very sad photo"));
}

TEST(PromptSet, NamesTheFileTheLineAndTheKeyOfAMistake) {
    const std::string good = File().text();
    struct Mistake {
        std::string text;
        std::string line_and_key;
        std::string reason;
    };
    const auto with = [&](const std::string& old, const std::string& by) { return replaced(good, old, by); };
    const std::vector<Mistake> mistakes{
        {with("[moods.dreamy]\nwords = [\"very dreamy\"]\n", ""), "moods.dreamy", "is missing"},
        {with("words = [\"very amusing\"]", "words = []"), "line 15: moods.amusing.words", "is empty"},
        {with("words = [\"very amusing\"]", ""), "line 14: moods.amusing.words", "is missing"},
        {with("[\"very amusing\"]", "[\" \"]"), "line 15: moods.amusing.words", "holds an empty sentence"},
        {with("[\"very amusing\"]", "[1]"), "line 15: moods.amusing.words", "nothing but text"},
        {with("[\"very amusing\"]", "\"funny\""), "line 15: moods.amusing.words", "a list of sentences"},
        {with("[\"very amusing\"]", "[\"" + std::string(401, 'x') + "\"]"), "line 15: moods.amusing.words",
         "more than 400 bytes"},
        {with("[moods.amusing]", "[moods.funny]"), "line 14: moods.funny", "is not one of the 13 moods"},
        {with("[moods.amusing]", "[moods.amusing]\nsong = [\"x\"]"), "line 15: moods.amusing.song",
         "is not a known key"},
        {with("[templates]", "[patterns]"), "patterns", "is not a known key"},
        {with("image = [\"a {} photo\"]", "foto = [\"{}\"]"), "line 3: templates.foto", "is not a known key"},
        {with("\"a {} photo\"", "\"a photo\""), "line 3: templates.image", "must hold {} once"},
        {with("\"a {} photo\"", "\"{} {}\""), "line 3: templates.image", "must hold {} once"},
        {with("[affect.quiet]", "[affect.silent]"), "affect.silent", "is not a known key"},
        {with("[affect.quiet]\nwords = [\"still\"]\n", ""), "affect.quiet", "is missing"},
        {with("temperature = 0.25", "temperature = 0"), "line 9: calibration.image.temperature",
         "must be a number above 0 and at most 1000"},
        {with("precision = 2.0", "precision = 4.5"), "line 13: calibration.audio.precision", "at most 4"},
        {with("precision = 2.0", ""), "calibration.audio.precision", "is missing"},
        {with("[calibration.audio]", "[calibration.video]"), "line 11: calibration.video",
         "is not a known key"},
        {with("[templates]", "[templates"), "line 1", ""},
        {good + "moods = 1\n", "line", ""},
    };
    for (const Mistake& mistake : mistakes) {
        SCOPED_TRACE(mistake.line_and_key + " " + mistake.reason);
        const auto set = parse({mistake.text});
        ASSERT_FALSE(set);
        EXPECT_EQ(set.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(set.error().field, "prompts/0.toml");
        EXPECT_THAT(set.error().message,
                    AllOf(StartsWith("line "), HasSubstr(mistake.line_and_key), HasSubstr(mistake.reason)));
    }
}

TEST(PromptSet, RefusesSentencesOfAModalityThatTheLanguageIsNotFor) {
    File second;
    second.templates = "text = [\"{}\"]\n";
    second.calibration = "";
    second.moods =
        replaced(second.moods, "words = [\"very calm\"]", "words = [\"calm\"]\nimage = [\"a lake\"]");
    const auto set = parse({File().text(), second.text()});
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().field, "prompts/1.toml");
    EXPECT_THAT(set.error().message, HasSubstr("moods.calm.image: is not used"));
}

TEST(PromptSet, WantsEachModalityCalibratedOnce) {
    File second;
    second.calibration = "[calibration.text]\ntemperature = 1\nprecision = 1\n";
    const auto twice = parse({File().text(), second.text()});
    ASSERT_FALSE(twice);
    EXPECT_THAT(twice.error().message, HasSubstr("calibration.text: is given in prompts/0.toml already"));
    second.calibration = "";
    const auto never = parse({second.text()});
    ASSERT_FALSE(never);
    EXPECT_THAT(never.error().message, HasSubstr("calibration.text is missing"));
    File text_only;
    text_only.templates = "text = [\"{}\"]\n";
    const auto no_images = parse({text_only.text()});
    ASSERT_FALSE(no_images);
    EXPECT_THAT(no_images.error().message, HasSubstr("templates.image is missing"));
}

// A short file can ask for a great many sentences.
TEST(PromptSet, RefusesMorePromptsThanAreEncoded) {
    std::string many_templates = "text = [";
    std::string many_words = "words = [";
    for (int i = 0; i < 70; ++i) {
        many_templates += "\"{} " + std::to_string(i) + "\", ";
        many_words += "\"word " + std::to_string(i) + "\", ";
    }
    File file;
    file.templates = replaced(file.templates, "text = [", many_templates);
    file.moods = replaced(file.moods, "words = [", many_words);
    const auto set = parse({file.text()});
    ASSERT_FALSE(set);
    EXPECT_THAT(set.error().message, HasSubstr("more than 4096 prompts"));
    EXPECT_EQ(parse({std::string(300'000, '#')}).error().code, ErrorCode::too_large);
}

TEST(PromptSet, NamesAFolderWithoutPrompts) {
    const auto absent = PromptSet::load("/nowhere/prompts");
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().code, ErrorCode::not_found);
    EXPECT_EQ(absent.error().field, "/nowhere/prompts");
    EXPECT_EQ(parse({}).error().code, ErrorCode::invalid_argument);
}

TEST(ThePromptsThatShip, CoverEveryMoodInBothLanguages) {
    const auto set = PromptSet::load(BGM_SOURCE_DIR "/data/prompts");
    ASSERT_TRUE(set) << set.error().to_string();
    const auto korean = [](const std::string& prompt) {
        return std::any_of(prompt.begin(), prompt.end(), [](char byte) { return (byte & 0x80) != 0; });
    };
    std::set<std::string> all;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        SCOPED_TRACE(name(static_cast<Mood>(k)));
        const auto& text = set->texts(Modality::text).moods[k];
        EXPECT_GE(std::count_if(text.begin(), text.end(), korean), 10);
        EXPECT_GE(std::count_if(text.begin(), text.end(), std::not_fn(korean)), 10);
        for (const Modality english : {Modality::image, Modality::audio}) {
            const auto& prompts = set->texts(english).moods[k];
            EXPECT_GE(prompts.size(), 10U);
            EXPECT_TRUE(std::none_of(prompts.begin(), prompts.end(), korean)) << "its tower knows English";
        }
        for (const std::string& prompt : text)
            EXPECT_TRUE(all.insert(prompt).second) << prompt << " stands for two moods";
    }
}

}  // namespace
}  // namespace bgm
