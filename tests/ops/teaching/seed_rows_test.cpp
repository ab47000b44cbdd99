// What may be learnt from: labels that are none, and numbers that are none, are not taken.
#include "ops/teaching/seed_rows.hpp"

#include <gtest/gtest.h>

#include "schemas/safetensors.hpp"

namespace bgm {
namespace {

SeedLabel calm() {
    SeedLabel label{.affect = {.valence = 0.3F, .arousal = -0.5F}, .weight = 0.5F, .group = 7};
    label.moods[static_cast<std::size_t>(Mood::calm)] = 1;
    return label;
}

const std::vector<std::uint16_t> kTwo{float_to_half(0.5F), float_to_half(-2)};

TEST(SeedRows, GivesBackWhatWasAdded) {
    SeedRows rows(2);
    ASSERT_TRUE(rows.add(kTwo, calm()));
    ASSERT_TRUE(rows.add(kTwo, calm()));
    std::vector<float> embedding(2);
    rows.embedding(1, embedding.data());
    EXPECT_EQ(embedding, (std::vector<float>{0.5F, -2}));
    EXPECT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows.groups(), 1U);
    EXPECT_EQ(rows.label(1).weight, 0.5F);
}

TEST(SeedRows, TakesNothingThatIsNone) {
    SeedRows rows(2);
    EXPECT_FALSE(rows.add(std::vector<std::uint16_t>{kTwo[0]}, calm())) << "another width";
    EXPECT_FALSE(rows.add(std::vector<std::uint16_t>{kTwo[0], 0x7C00}, calm())) << "infinity";
    SeedLabel label = calm();
    label.moods[0] = 1;
    EXPECT_FALSE(rows.add(kTwo, label)) << "moods that sum to 2";
    label = calm();
    label.weight = 0;
    EXPECT_FALSE(rows.add(kTwo, label));
    label = calm();
    label.affect.valence = std::nanf("");
    EXPECT_FALSE(rows.add(kTwo, label));
    EXPECT_EQ(rows.size(), 0U);
}

TEST(SeedRows, HasAnotherDigestForOtherRows) {
    SeedRows one(2);
    SeedRows other(2);
    ASSERT_TRUE(one.add(kTwo, calm()));
    ASSERT_TRUE(other.add(kTwo, calm()));
    EXPECT_EQ(one.digest(), other.digest());
    SeedLabel label = calm();
    label.group = 8;
    SeedRows third(2);
    ASSERT_TRUE(third.add(kTwo, label));
    EXPECT_NE(one.digest(), third.digest());
}

}  // namespace
}  // namespace bgm
