// A head made of prompts, read back as the daemon reads it: an embedding gets the softmax of its cosines with
// the moods' prompts, and its place between the opposites.
#include "fusion/mood/zero_shot_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "fusion/mood/head.hpp"
#include "tests/fusion/random_cases.hpp"

namespace bgm {
namespace {

using ::testing::HasSubstr;
using testing::RandomCases;

constexpr std::size_t kWidth = 16;
using Vector = std::vector<float>;

Vector unit(Vector vector) {
    const double length = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0));
    for (float& value : vector)
        value = static_cast<float>(value / length);
    return vector;
}

double cosine(const Vector& a, const Vector& b) {
    const Vector ua = unit(a);
    const Vector ub = unit(b);
    return std::inner_product(ua.begin(), ua.end(), ub.begin(), 0.0);
}

class ZeroShotHead : public ::testing::Test {
 protected:
    ZeroShotHead() {
        for (PromptEmbeddings& mood : prompts_.moods) {
            for (int i = 0; i < 3; ++i)
                mood.push_back(vector());
        }
        for (PromptEmbeddings* side :
             {&prompts_.pleasant, &prompts_.unpleasant, &prompts_.excited, &prompts_.quiet})
            *side = {vector(), vector()};
    }
    // Prompts share most of their direction, as those of a real model do.
    Vector vector() {
        Vector made(kWidth);
        for (float& value : made)
            value = cases_.between(-1, 1);
        made[0] = 4;
        return made;
    }
    LinearHead head() const {
        const auto file = make_zero_shot_head(prompts_, settings_);
        EXPECT_TRUE(file) << file.error().to_string();
        auto parsed = LinearHead::parse(std::as_bytes(std::span(*file)));
        EXPECT_TRUE(parsed);
        return *parsed;
    }
    std::string refusal() const {
        const auto made = make_zero_shot_head(prompts_, settings_);
        return made ? "made" : made.error().to_string();
    }

    RandomCases cases_{7};
    ZeroShotPrompts prompts_;
    ZeroShotSettings settings_{
        .model = "clip@1", .modality = Modality::image, .temperature = 0.05F, .precision = 0.75F};
};

TEST_F(ZeroShotHead, GivesTheSoftmaxOfTheCosinesWithThePrompts) {
    const LinearHead reader = head();
    for (int round = 0; round < 20; ++round) {
        const Vector x = unit(vector());
        std::array<double, kMoodCount> shares{};
        double total = 0;
        for (std::size_t k = 0; k < kMoodCount; ++k) {
            Vector sum(kWidth);
            for (const Vector& prompt : prompts_.moods[k]) {
                const Vector direction = unit(prompt);
                for (std::size_t i = 0; i < kWidth; ++i)
                    sum[i] += direction[i];
            }
            total += shares[k] = std::exp(cosine(x, sum) / 0.05);
        }
        const auto evidence = reader.read(x, 1);
        ASSERT_TRUE(evidence);
        for (std::size_t k = 0; k < kMoodCount; ++k)
            EXPECT_NEAR(evidence->mood[k], shares[k] / total, 1e-4) << name(static_cast<Mood>(k));
    }
}

TEST_F(ZeroShotHead, SaysWhatItIs) {
    const LinearHead reader = head();
    EXPECT_EQ(reader.model(), "clip@1");
    EXPECT_EQ(reader.modality(), Modality::image);
    EXPECT_EQ(reader.width(), kWidth);
    EXPECT_EQ(reader.temperature(), 0.05F);
    EXPECT_EQ(reader.precision(), 0.75F);
}

// By hand: pleasant is the first axis, unpleasant the second. x half way between the first and the third has
// (cos 45 deg) / (2 * 0.5) = 0.7071; on the second axis -1; excited and quiet likewise on axes 3 and 4.
TEST_F(ZeroShotHead, PlacesAnEmbeddingBetweenTheOpposites) {
    const auto axis = [](std::size_t i) {
        Vector made(kWidth);
        made[i] = 2.5F;
        return made;
    };
    settings_.temperature = 0.5F;
    prompts_.pleasant = {axis(0)};
    prompts_.unpleasant = {axis(1)};
    prompts_.excited = {axis(2)};
    prompts_.quiet = {axis(3)};
    const LinearHead reader = head();
    Vector between(kWidth);
    between[0] = between[2] = std::sqrt(0.5F);
    const auto first = reader.read(between, 1);
    ASSERT_TRUE(first);
    EXPECT_NEAR(first->affect.valence, 0.7071, 1e-4);
    EXPECT_NEAR(first->affect.arousal, 0.7071, 1e-4);
    Vector low(kWidth);
    low[1] = 1;
    const auto second = reader.read(low, 1);
    ASSERT_TRUE(second);
    EXPECT_NEAR(second->affect.valence, -1, 1e-6);
    EXPECT_NEAR(second->affect.arousal, 0, 1e-6);
}

TEST_F(ZeroShotHead, CountsEachPromptAlikeHoweverLong) {
    const auto before = make_zero_shot_head(prompts_, settings_);
    for (float& value : prompts_.moods[4][1])
        value *= 256;  // a power of two: the direction keeps its bits
    const auto after = make_zero_shot_head(prompts_, settings_);
    ASSERT_TRUE(before.ok() && after.ok());
    EXPECT_EQ(*before, *after);
}

TEST_F(ZeroShotHead, IsTheSameForTheSamePrompts) {
    EXPECT_EQ(*make_zero_shot_head(prompts_, settings_), *make_zero_shot_head(prompts_, settings_));
}

TEST_F(ZeroShotHead, NamesTheMoodWhosePromptsCannotBeUsed) {
    const ZeroShotPrompts good = prompts_;
    prompts_.moods[static_cast<std::size_t>(Mood::dreamy)].clear();
    EXPECT_THAT(refusal(), HasSubstr("dreamy: has no prompt"));
    prompts_ = good;
    prompts_.moods[static_cast<std::size_t>(Mood::sad)][1].pop_back();
    EXPECT_THAT(refusal(), HasSubstr("sad: has an embedding of 15 numbers where the others have 16"));
    prompts_ = good;
    prompts_.moods[static_cast<std::size_t>(Mood::calm)][0].assign(kWidth, 0);
    EXPECT_THAT(refusal(), HasSubstr("calm: has an embedding that points nowhere"));
    prompts_ = good;
    prompts_.moods[static_cast<std::size_t>(Mood::scary)][2][3] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_THAT(refusal(), HasSubstr("scary: has an embedding that points nowhere"));
    prompts_ = good;
    Vector opposite = prompts_.excited[0];
    for (float& value : opposite)
        value = -value;
    prompts_.excited = {prompts_.excited[0], opposite};
    EXPECT_THAT(refusal(), HasSubstr("excited: has prompts that cancel each other out"));
    prompts_ = good;
    prompts_.quiet.clear();
    EXPECT_THAT(refusal(), HasSubstr("quiet: has no prompt"));
}

TEST_F(ZeroShotHead, RefusesSettingsThatNoHeadMayHave) {
    const ZeroShotSettings good = settings_;
    settings_.temperature = 0;
    EXPECT_THAT(refusal(), HasSubstr("temperature"));
    settings_ = good;
    settings_.precision = 5;
    EXPECT_THAT(refusal(), HasSubstr("precision"));
    settings_ = good;
    settings_.model.clear();
    EXPECT_THAT(refusal(), HasSubstr("model"));
}

}  // namespace
}  // namespace bgm
