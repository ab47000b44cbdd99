// What an operator writes of the pool, as it should be and as people mistype it.
#include "fusion/mood/pool_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>

namespace bgm {
namespace {

using ::testing::HasSubstr;

float share(const MoodDistribution& prior, Mood mood) {
    return prior.at(static_cast<std::size_t>(mood));
}

TEST(PoolSettings, ReadsAMixOfMoods) {
    EXPECT_EQ(read_prior("uniform").value(), uniform_moods());
    const auto prior = read_prior(" calm=0.2,joyful = 0.25 ").value();
    EXPECT_FLOAT_EQ(share(prior, Mood::calm), 0.2F);
    EXPECT_FLOAT_EQ(share(prior, Mood::joyful), 0.25F);
    EXPECT_NEAR(share(prior, Mood::scary), 0.05, 1e-6) << "the rest is shared evenly";
    EXPECT_NEAR(std::accumulate(prior.begin(), prior.end(), 0.0F), 1, 1e-5);
    std::string all;
    for (std::size_t k = 0; k < kMoodCount; ++k)
        all += (all.empty() ? "" : ",") + std::string(name(static_cast<Mood>(k))) + "=0.0769";
    EXPECT_TRUE(read_prior(all).ok());
}

TEST(PoolSettings, NamesWhatIsWrongWithAMix) {
    for (const auto& [setting, why] : {std::pair<std::string, std::string>{"", "must be uniform"},
                                       {"even", "must be a name, = and a number"},
                                       {"calm=0.2,", ""},
                                       {"happy=0.2", "'happy=0.2' names no mood"},
                                       {"calm=0.2,calm=0.1", "'calm=0.1' is the second"},
                                       {"calm=much", "'calm=much' needs a number from 0.001 to 1"},
                                       {"calm=0", "'calm=0' needs a number"},
                                       {"calm=nan", "'calm=nan' needs a number"},
                                       {"calm=1.5", "'calm=1.5' needs a number"},
                                       {"calm=0.6,sad=0.4", "leaves nothing"},
                                       {"calm=0.9,sad=0.9", "leaves nothing"}}) {
        const auto prior = read_prior(setting);
        if (why.empty()) {
            EXPECT_TRUE(prior.ok()) << setting;
            continue;
        }
        ASSERT_FALSE(prior.ok()) << setting;
        EXPECT_EQ(prior.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(prior.error().message, HasSubstr(why));
    }
}

TEST(PoolSettings, ReadsHowFarModalitiesAreTrusted) {
    const auto reliability = read_reliability("image=0.5, audio=2").value();
    EXPECT_EQ(reliability, (std::array<float, kOpinionCount>{1, 0.5F, 2, 1, 1}));
    EXPECT_EQ(read_reliability("context=0").value(), (std::array<float, kOpinionCount>{1, 1, 1, 1, 0}));
    EXPECT_EQ(read_reliability("").value(), (std::array<float, kOpinionCount>{1, 1, 1, 1, 1}));
    for (const std::string setting :
         {"smell=1", "image", "image=-1", "image=5", "image=inf", "image=1,image=1"})
        EXPECT_FALSE(read_reliability(setting).ok()) << setting;
}

}  // namespace
}  // namespace bgm
