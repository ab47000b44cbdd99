// The measure of parity: relative to the largest expected value, and never satisfied by what is not a number.
#include "ops/lab/parity/comparison.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace bgm {
namespace {

TEST(Comparison, IsRelativeToTheLargestExpectedValue) {
    const std::vector<float> expected = {0.0F, -4.0F, 1.0F};
    const std::vector<float> ours = {0.001F, -4.0F, 1.0F};
    const ParityLine line = compare("a", ours, expected, 1e-3);
    EXPECT_NEAR(line.difference, 0.00025, 1e-8);
    EXPECT_TRUE(line.ok);
    EXPECT_FALSE(compare("a", ours, expected, 1e-4).ok);
}

TEST(Comparison, AcceptsNoNumberThatIsNotFinite) {
    const std::vector<float> expected = {1.0F, 2.0F};
    EXPECT_FALSE(compare("a", std::vector{1.0F, std::nanf("")}, expected, 1).ok);
    EXPECT_FALSE(compare("a", std::vector{1.0F, INFINITY}, expected, 1).ok);
    EXPECT_FALSE(compare("a", expected, std::vector{1.0F, std::nanf("")}, 1).ok);
}

TEST(Comparison, AcceptsNoOtherCount) {
    EXPECT_FALSE(compare("a", std::vector{1.0F}, std::vector{1.0F, 1.0F}, 1).ok);
    EXPECT_FALSE(compare("a", std::vector<float>{}, std::vector<float>{}, 1).ok);
}

TEST(Comparison, IsStricterWithWhatIsFinal) {
    for (const char* name :
         {"image_features", "text_embeds", "logits_per_image", "sentence_embedding", "unheard_of"})
        EXPECT_EQ(limit_of(name), 3e-5) << name;
    for (const char* name : {"hidden_0", "vision_last_hidden_state", "text_pooler_output", "pooled_mean",
                             "audio_stage_2", "input_features"})
        EXPECT_EQ(limit_of(name), 1e-4) << name;
}

}  // namespace
}  // namespace bgm
