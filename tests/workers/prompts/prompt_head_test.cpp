// From the prompts to the head that a worker sends, with a stand-in for the text tower that counts how often
// it is asked: what can be taken from the cache is not encoded again, and what must not be taken from it is.
#include "workers/prompts/prompt_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>

#include "fusion/mood/head.hpp"
#include "fusion/stable_hash.hpp"
#include "tests/daemon/base/scratch_folder.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::ScratchFolder;

constexpr std::size_t kWidth = 512;

// Each word of a sentence adds a direction of its own; of so many numbers, they are next to orthogonal.
std::vector<float> embed(const std::string& sentence) {
    std::vector<float> sum(kWidth, 0.1F);
    std::string word;
    for (const char letter : sentence + " ") {
        if (letter != ' ') {
            word += letter;
            continue;
        }
        std::uint64_t state = std::hash<std::string>{}(word);
        for (float& value : sum)
            value += (mix64(state++) & 1U) != 0 ? 1.0F : -1.0F;
        word.clear();
    }
    return sum;
}

class PromptHeadTest : public ::testing::Test {
 protected:
    void SetUp() override {
        auto loaded = PromptSet::load(BGM_SOURCE_DIR "/data/prompts");
        ASSERT_TRUE(loaded);
        prompts_ = std::move(*loaded);
    }
    Result<std::string> make() {
        return make_prompt_head(prompts_, request_, HeadCache(cache_folder()),
                                [this](std::span<const std::string> texts) -> Result<PromptEmbeddings> {
                                    ++encoded_;
                                    PromptEmbeddings made;
                                    for (const std::string& text : texts)
                                        made.push_back(embed(text));
                                    return made;
                                });
    }
    fs::path cache_folder() const { return scratch_.path() / "heads"; }

    ScratchFolder scratch_;
    PromptSet prompts_;
    PromptHeadRequest request_{.model = "clip@1", .modality = Modality::image, .tower_version = "t1"};
    int encoded_ = 0;
};

TEST_F(PromptHeadTest, FindsTheMoodOfItsOwnPrompts) {
    const auto file = make();
    ASSERT_TRUE(file) << file.error().to_string();
    const auto head = LinearHead::parse(std::as_bytes(std::span(*file)));
    ASSERT_TRUE(head);
    EXPECT_EQ(head->model(), "clip@1");
    EXPECT_EQ(head->temperature(), prompts_.texts(Modality::image).temperature);
    EXPECT_EQ(head->precision(), prompts_.texts(Modality::image).precision);
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        std::vector<float> x = embed(prompts_.texts(Modality::image).moods[k].front());
        double square = 0;
        for (const float value : x)
            square += value * value;
        for (float& value : x)
            value /= static_cast<float>(std::sqrt(square));
        const auto evidence = head->read(x, 1);
        ASSERT_TRUE(evidence);
        const auto top = std::max_element(evidence->mood.begin(), evidence->mood.end());
        EXPECT_EQ(top - evidence->mood.begin(), static_cast<std::ptrdiff_t>(k)) << name(static_cast<Mood>(k));
    }
}

TEST_F(PromptHeadTest, EncodesThePromptsOnlyOnce) {
    const auto first = make();
    const auto second = make();
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_EQ(encoded_, 1);
    EXPECT_EQ(*first, *second);
}

TEST_F(PromptHeadTest, EncodesThemAnewForAnotherTowerModelModalityOrEdition) {
    ASSERT_TRUE(make());
    request_.tower_version = "t2";
    ASSERT_TRUE(make());
    EXPECT_EQ(encoded_, 2);
    request_.model = "clip@2";
    ASSERT_TRUE(make());
    EXPECT_EQ(encoded_, 3);
    request_.modality = Modality::audio;
    ASSERT_TRUE(make());
    EXPECT_EQ(encoded_, 4);
    const fs::path edited = scratch_.path() / "prompts";
    fs::copy(BGM_SOURCE_DIR "/data/prompts", edited);
    std::ofstream(edited / "en.toml", std::ios::app) << "# a remark changes nothing\n";
    prompts_ = *PromptSet::load(edited);
    ASSERT_TRUE(make());
    EXPECT_EQ(encoded_, 4);
    fs::remove(edited / "ko.toml");
    prompts_ = *PromptSet::load(edited);
    ASSERT_TRUE(make());
    EXPECT_EQ(encoded_, 4) << "Korean prompts have no part in a head for sounds";
    request_.modality = Modality::text;
    ASSERT_TRUE(make());
    prompts_ = *PromptSet::load(BGM_SOURCE_DIR "/data/prompts");
    ASSERT_TRUE(make());
    EXPECT_EQ(encoded_, 6);
}

TEST_F(PromptHeadTest, ReplacesADamagedFileOfTheCache) {
    const auto first = make();
    ASSERT_TRUE(first);
    for (const auto& entry : fs::directory_iterator(cache_folder()))
        fs::resize_file(entry.path(), 300);
    const auto second = make();
    ASSERT_TRUE(second);
    EXPECT_EQ(*first, *second);
    EXPECT_EQ(encoded_, 2);
    ASSERT_TRUE(make());
    EXPECT_EQ(encoded_, 2) << "and the new one is kept";
}

TEST_F(PromptHeadTest, NeedsNoCache) {
    scratch_.write("heads", "a file where the folder should be");
    EXPECT_TRUE(make());
    EXPECT_TRUE(make());
    EXPECT_EQ(encoded_, 2);
}

TEST_F(PromptHeadTest, PassesOnWhatTheTowerSays) {
    const HeadCache none({});
    const auto failed = make_prompt_head(prompts_, request_, none, [](auto) -> Result<PromptEmbeddings> {
        return Error{.code = ErrorCode::corrupt, .message = "the tower is broken"};
    });
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "the tower is broken");
    const auto short_answer = make_prompt_head(prompts_, request_, none, [](auto) {
        return Result<PromptEmbeddings>({{1, 2}});
    });
    ASSERT_FALSE(short_answer);
    EXPECT_THAT(short_answer.error().message, HasSubstr("1 embeddings for"));
    const auto zeros = make_prompt_head(prompts_, request_, none, [](std::span<const std::string> texts) {
        return Result<PromptEmbeddings>(PromptEmbeddings(texts.size(), std::vector<float>(kWidth)));
    });
    ASSERT_FALSE(zeros);
    EXPECT_EQ(zeros.error().field, "amusing");
}

}  // namespace
}  // namespace bgm
