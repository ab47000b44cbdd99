// How often a person would accept what is said of posts that are easy to get wrong: sentences.tsv, some of
// which the lexicon was written against ("tune") and some of which it never saw ("judge"). The floors are
// shares of the model that ships, rounded down: a model that reads a kind worse is not to ship unnoticed.
// Every mood can win.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "ops/lab/train/lexicon_digest.hpp"
#include "ops/lab/train/text_model.hpp"
#include "schemas/mapped_file.hpp"
#include "schemas/safetensors.hpp"

namespace bgm {
namespace {

const std::filesystem::path kSource = BGM_SOURCE_DIR;

struct Post {
    std::string kind, part, accepted, text;
};

std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, at);)
        parts.push_back(part);
    return parts;
}

const std::vector<Post>& posts() {
    static const std::vector<Post> all = [] {
        std::vector<Post> read;
        std::ifstream file(kSource / "tests/workers/text/sentences.tsv");
        for (std::string line; std::getline(file, line);) {
            if (line.empty() || line.front() == '#') continue;
            const auto columns = split(line, '\t');
            for (const std::string& text : split(columns.at(3), '|'))
                read.push_back({columns[0], columns[1], columns[2], text});
        }
        return read;
    }();
    return all;
}

const FusedMood& answer(const std::string& text) {
    static TextModel model = TextModel::open(kSource / "data/builtin").value();
    static std::map<std::string, FusedMood> answers;
    auto found = answers.find(text);
    if (found == answers.end()) found = answers.emplace(text, model.answer(text).value().fused).first;
    return found->second;
}

bool acceptable(const Post& post) {
    const FusedMood& fused = answer(post.text);
    if (post.accepted == "plain") return fused.plain;
    const auto moods = split(post.accepted, ';');
    if (fused.ambiguous && std::find(moods.begin(), moods.end(), "ambiguous") != moods.end()) return true;
    if (fused.plain) return false;
    if (post.accepted == "pleasant") return affect(fused.top).valence > 0;
    if (post.accepted == "unpleasant") return affect(fused.top).valence < 0;
    return std::find(moods.begin(), moods.end(), name(fused.top)) != moods.end();
}

struct Floor {
    const char* kind;
    double tune, judge;
};

class SentenceShare : public testing::TestWithParam<Floor> {};

TEST_P(SentenceShare, IsAtLeastTheFloor) {
    const Floor& floor = GetParam();
    for (const auto& [part, least] : {std::pair{"tune", floor.tune}, std::pair{"judge", floor.judge}}) {
        double right = 0, all = 0;
        std::string wrong;
        for (const Post& post : posts()) {
            if (post.kind != floor.kind || post.part != part) continue;
            ++all;
            if (acceptable(post)) {
                ++right;
                continue;
            }
            const FusedMood& fused = answer(post.text);
            wrong += "  " + post.text + ": " + (fused.plain ? "plain, " : "") + std::string(name(fused.top)) +
                     '\n';
        }
        if (all == 0) continue;
        std::printf("%s, %s: %.0f of %.0f\n", floor.kind, part, right, all);
        EXPECT_GE(right / all, least) << part << '\n' << wrong;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table, SentenceShare,
    testing::Values(Floor{"Plain", 0.95, 0.95}, Floor{"Negation", 0.95, 0.85}, Floor{"Irony", 0.85, 0.4},
                    Floor{"Grief", 0.9, 0.65}, Floor{"Hashtags", 0.95, 0.9}, Floor{"Slang", 0.8, 0.85},
                    Floor{"Words", 0.95, 0.95}, Floor{"Mixed", 0.95, 0.95}, Floor{"Emoji", 0.9, 0.9},
                    Floor{"Moods", 0, 0.65}, Floor{"Crisis", 0.95, 0.9}, Floor{"Denial", 0.8, 0.85},
                    Floor{"Loss", 0.85, 0.65}, Floor{"Marked", 0.8, 0.6}, Floor{"Figures", 0.9, 0.75}),
    [](const auto& row) { return std::string(row.param.kind); });

TEST(EveryMood, CanWin) {
    std::set<std::string> judged;
    for (const Post& mood : posts()) {
        if (mood.kind != "Moods" || !judged.insert(mood.accepted).second) continue;
        const std::string first = split(mood.accepted, ';').front();
        bool wins = false;
        for (const Post& post : posts())
            wins = wins || (post.accepted == mood.accepted && name(answer(post.text).top) == first);
        EXPECT_TRUE(wins) << first;
    }
    EXPECT_EQ(judged.size(), kMoodCount);
}

// A lexicon that changed after the training promises what the weights do not hold.
TEST(ShippedText, WasTrainedOnTheLexiconThatShips) {
    const auto head = MappedFile::open(kSource / "data/builtin/text_head.safetensors").value();
    const auto tensors = SafeTensors::parse(head.bytes()).value();
    const auto trained_on = tensors.metadata().find("lexicon");
    ASSERT_NE(trained_on, tensors.metadata().end());
    EXPECT_EQ(
        trained_on->second,
        lexicon_digest({kSource / "data/affect_lexicon.tsv", kSource / "data/affect_phrases.tsv"}).value())
        << "run bgm-train text (docs/models.md, Rebuilding)";
}

TEST(GraveWeights, AreThoseOfThePhrasesThatShip) {
    const auto file = MappedFile::open(kSource / "data/builtin/grave.safetensors").value();
    const auto tensors = SafeTensors::parse(file.bytes()).value();
    const auto trained_on = tensors.metadata().find("phrases");
    ASSERT_NE(trained_on, tensors.metadata().end());
    EXPECT_EQ(
        trained_on->second,
        lexicon_digest({kSource / "data/grave_phrases.tsv", kSource / "data/grave_comments.tsv"}).value())
        << "run bgm-train grave (docs/models.md, Rebuilding)";
}

}  // namespace
}  // namespace bgm
