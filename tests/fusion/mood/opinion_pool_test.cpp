#include "fusion/mood/opinion_pool.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "tests/fusion/random_cases.hpp"

namespace bgm {
namespace {

using testing::RandomCases;

constexpr int kCases = 400;

std::size_t index(Mood mood) {
    return static_cast<std::size_t>(mood);
}

Mood argmax(const MoodDistribution& moods) {
    return static_cast<Mood>(std::max_element(moods.begin(), moods.end()) - moods.begin());
}

/// `share` on one mood, the rest spread evenly.
MoodDistribution mostly(Mood mood, float share) {
    MoodDistribution moods;
    moods.fill((1.0F - share) / (kMoodCount - 1));
    moods[index(mood)] = share;
    return moods;
}

Evidence evidence(Modality modality, Mood mood, float share, float precision) {
    return {
        .modality = modality, .mood = mostly(mood, share), .affect = affect(mood), .precision = precision};
}

float sum(const auto& values) {
    return std::accumulate(values.begin(), values.end(), 0.0F);
}

/// Every bit, so that -0 and 0 differ.
void expect_same_bits(const FusedMood& a, const FusedMood& b) {
    EXPECT_EQ(std::memcmp(&a.moods, &b.moods, sizeof a.moods), 0);
    EXPECT_EQ(std::memcmp(&a.affect, &b.affect, sizeof a.affect), 0);
    EXPECT_EQ(std::memcmp(&a.contributions, &b.contributions, sizeof a.contributions), 0);
    EXPECT_EQ(std::memcmp(&a.confidence, &b.confidence, sizeof a.confidence), 0);
    EXPECT_EQ(a.top, b.top);
    EXPECT_EQ(a.ambiguous, b.ambiguous);
    EXPECT_EQ(a.likely, b.likely);
    EXPECT_EQ(a.present, b.present);
}

void expect_sound(const FusedMood& fused) {
    for (float mood : fused.moods) {
        EXPECT_TRUE(std::isfinite(mood));
        EXPECT_GE(mood, 0.0F);
    }
    EXPECT_NEAR(sum(fused.moods), 1.0F, 1e-5F);
    EXPECT_TRUE(fused.confidence >= 0.0F && fused.confidence <= 1.0F) << fused.confidence;
    EXPECT_TRUE(std::fabs(fused.affect.valence) <= 1.0F && std::fabs(fused.affect.arousal) <= 1.0F);
    const bool any = std::find(fused.present.begin(), fused.present.end(), true) != fused.present.end();
    EXPECT_NEAR(sum(fused.contributions), any ? 1.0F : 0.0F, 1e-5F);
    for (std::size_t m = 0; m < kModalityCount; ++m) {
        EXPECT_GE(fused.contributions[m], 0.0F);
        EXPECT_TRUE(fused.present[m] || fused.contributions[m] == 0.0F);
    }
    ASSERT_FALSE(fused.likely.empty());
    EXPECT_TRUE(fused.plain || fused.likely.front() == fused.top);
    EXPECT_TRUE(fused.felt >= 0.0F && fused.felt <= 1.0F) << fused.felt;
    EXPECT_EQ(fused.likely.size() > 1, fused.ambiguous);
    EXPECT_EQ(fused.moods[index(fused.top)], *std::max_element(fused.moods.begin(), fused.moods.end()));
}

/// ln(p(top) / p(other)).
double log_odds(const FusedMood& fused, Mood top, std::size_t other) {
    return std::log(double{fused.moods[index(top)]}) - std::log(double{fused.moods[other]});
}

// Idea: whatever comes in, what goes out is a distribution, shares that add up, and numbers in their ranges.
TEST(OpinionPool, ResultIsAlwaysSound) {
    RandomCases random(1);
    for (int i = 0; i < kCases; ++i) {
        SCOPED_TRACE(i);
        expect_sound(fuse(random.evidences()));
    }
}

// Idea: hostile floats (NaN, infinities, denormals, huge and negative numbers) never reach the result.
TEST(OpinionPool, HostileFloatsNeverComeOut) {
    RandomCases random(2);
    for (int i = 0; i < 5 * kCases; ++i) {
        SCOPED_TRACE(i);
        std::vector<Evidence> all(1 + random.below(4));
        for (Evidence& one : all)
            one = random.hostile_evidence();
        PoolOptions options;
        if (random.below(3) == 0) options.prior.at(random.below(kMoodCount)) = random.hostile();
        expect_sound(fuse(all, options));
    }
}

// Idea: sums of floats depend on their order, results may not: every shuffle gives every bit again.
TEST(OpinionPool, OrderDoesNotChangeABit) {
    RandomCases random(3);
    for (int i = 0; i < kCases; ++i) {
        SCOPED_TRACE(i);
        auto all = random.evidences();
        if (random.below(4) == 0) all.push_back(all.front());
        const FusedMood fused = fuse(all);
        for (int shuffle = 0; shuffle < 4; ++shuffle) {
            for (std::size_t k = all.size(); k > 1; --k)
                std::swap(all[k - 1], all[random.below(k)]);
            expect_same_bits(fuse(all), fused);
        }
    }
}

// Idea: where two moods are exactly level, the last bit of a sum decides which is the top; it may not be the
// order's doing. Evidences come in mirrored pairs, so that joyful and sad add up the same numbers, each in
// another order.
TEST(OpinionPool, OrderDoesNotDecideATie) {
    RandomCases random(31);
    for (int i = 0; i < kCases; ++i) {
        SCOPED_TRACE(i);
        std::vector<Evidence> all;
        for (int pair = 0; pair < 5; ++pair) {
            all.push_back(random.evidence(Modality::image));
            all.back().mood[index(Mood::joyful)] += 1.0F;
            all.back().mood[index(Mood::sad)] += 1.0F;
            all.push_back(all.back());
            std::swap(all.back().mood[index(Mood::joyful)], all.back().mood[index(Mood::sad)]);
        }
        const FusedMood fused = fuse(all);
        for (int shuffle = 0; shuffle < 8; ++shuffle) {
            for (std::size_t k = all.size(); k > 1; --k)
                std::swap(all[k - 1], all[random.below(k)]);
            expect_same_bits(fuse(all), fused);
        }
    }
}

// Idea: a modality that is missing, or whose evidence is unusable or has no precision, leaves no trace at
// all.
TEST(OpinionPool, MissingModalityIsNotThere) {
    RandomCases random(4);
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    for (int i = 0; i < kCases; ++i) {
        SCOPED_TRACE(i);
        auto all = random.evidences();
        const FusedMood fused = fuse(all);
        for (float precision : {0.0F, -1.0F, kNan, std::numeric_limits<float>::infinity()}) {
            all.push_back(random.evidence(kModalities.at(random.below(kModalityCount))));
            all.back().precision = precision;
        }
        all.push_back(random.evidence(Modality::video));
        all.back().mood.at(random.below(kMoodCount)) = random.below(2) == 0 ? kNan : -0.1F;
        all.push_back(random.evidence(Modality::video));
        all.back().mood.fill(0.0F);
        expect_same_bits(fuse(all), fused);
    }
}

// Idea: a post of text alone has the mood that the text head says, however little the head trusts itself.
TEST(OpinionPool, SingleEvidenceKeepsItsStrongestMood) {
    RandomCases random(5);
    for (int i = 0; i < kCases; ++i) {
        SCOPED_TRACE(i);
        for (float precision : {1e-30F, 1e-6F, 0.01F, 0.3F, 1.0F, 4.0F, 1e30F}) {
            Evidence one = random.evidence(Modality::text);
            one.precision = precision;
            const FusedMood fused = fuse({&one, 1});
            EXPECT_EQ(fused.top, argmax(one.mood)) << precision;
            EXPECT_EQ(fused.contributions[0], 1.0F);
        }
    }
}

// Idea: raising the precision of one modality never weakens its own strongest mood against any other mood.
TEST(OpinionPool, MorePreciseEvidenceWins) {
    RandomCases random(6);
    for (int i = 0; i < kCases; ++i) {
        SCOPED_TRACE(i);
        std::vector<Evidence> all;
        for (Modality modality : kModalities)
            all.push_back(random.evidence(modality));
        const std::size_t raised = random.below(all.size());
        const Mood own = argmax(all[raised].mood);
        FusedMood before = fuse(all);
        for (int step = 0; step < 4; ++step) {
            all[raised].precision *= 1.6F;
            const FusedMood after = fuse(all);
            for (std::size_t k = 0; k < kMoodCount; ++k) {
                EXPECT_GE(log_odds(after, own, k), log_odds(before, own, k) - 1e-5);
            }
            before = after;
        }
    }
    // And in the end it wins outright.
    const std::vector<Evidence> quarrel{evidence(Modality::text, Mood::sad, 0.6F, 0.2F),
                                        evidence(Modality::image, Mood::joyful, 0.6F, 1.0F)};
    EXPECT_EQ(fuse(quarrel).top, Mood::joyful);
    EXPECT_GT(fuse(quarrel).contributions[1], 0.99F);
}

// Idea: a case that can be computed by hand. One text with half its mass on calm, uniform prior, precision 1:
// the pool only adds the doubt, 0.999 * 0.5 + 0.001 / 13.
TEST(OpinionPool, OneExpertByHand) {
    const Evidence text = evidence(Modality::text, Mood::calm, 0.5F, 1.0F);
    const FusedMood fused = fuse({&text, 1});
    EXPECT_NEAR(fused.moods[index(Mood::calm)], 0.999 * 0.5 + 0.001 / 13, 1e-6);
    EXPECT_NEAR(fused.moods[index(Mood::sad)], 0.999 * 0.5 / 12 + 0.001 / 13, 1e-6);
    EXPECT_NEAR(fused.confidence, 0.499577, 1e-6);
    EXPECT_NEAR(fused.affect.valence, 0.5, 1e-6);
    EXPECT_NEAR(fused.affect.arousal, -0.6, 1e-6);
    EXPECT_FALSE(fused.ambiguous);
}

// Idea: two experts by hand. p = 0.499577 and r = 0.041702 after the doubt, both for the same mood, weights 1
// and 0.5: odds of the mood against another (p / r)^1.5 = 41.463, so p(top) = 41.463 / (41.463 + 12) =
// 0.77554; the text gives 2/3.
TEST(OpinionPool, TwoAgreeingExpertsByHand) {
    const std::vector<Evidence> both{evidence(Modality::text, Mood::joyful, 0.5F, 1.0F),
                                     evidence(Modality::image, Mood::joyful, 0.5F, 0.5F)};
    const FusedMood fused = fuse(both);
    EXPECT_NEAR(fused.moods[index(Mood::joyful)], 0.77554, 2e-5);
    EXPECT_NEAR(fused.contributions[0], 2.0 / 3, 1e-6);
    EXPECT_NEAR(fused.contributions[1], 1.0 / 3, 1e-6);
}

// Idea: the affect by hand: weights 1 and 0.5, valence (1 * 0.9 + 0.5 * -0.3) / 1.5 = 0.5; an affect that is
// not finite is left out although its mood counts.
TEST(OpinionPool, AffectIsTheMeanWeightedByPrecision) {
    std::vector<Evidence> all{evidence(Modality::text, Mood::joyful, 0.5F, 1.0F),
                              evidence(Modality::image, Mood::joyful, 0.5F, 0.5F)};
    all[0].affect = {0.9F, 0.0F};
    all[1].affect = {-0.3F, 0.6F};
    EXPECT_NEAR(fuse(all).affect.valence, 0.5, 1e-6);
    EXPECT_NEAR(fuse(all).affect.arousal, 0.2, 1e-6);
    all[1].affect.arousal = std::numeric_limits<float>::quiet_NaN();
    EXPECT_NEAR(fuse(all).affect.valence, 0.9, 1e-6);
    EXPECT_TRUE(fuse(all).present[1]);
}

// Idea: photos of one post are not independent: four weigh as two, forty no more than four; a black frame
// beside a good photo takes nothing away.
TEST(OpinionPool, ManyPhotosAreNotManyExperts) {
    const Evidence photo = evidence(Modality::image, Mood::dreamy, 0.4F, 1.0F);
    const auto odds = [&](std::size_t count) {
        std::vector<Evidence> photos(count, photo);
        for (std::size_t i = 0; i < count; ++i)
            photos[i].asset = static_cast<std::uint32_t>(i);
        return log_odds(fuse(photos), Mood::dreamy, index(Mood::sad));
    };
    EXPECT_NEAR(odds(2), std::sqrt(2.0) * odds(1), 1e-3);
    EXPECT_NEAR(odds(4), 2 * odds(1), 1e-3);
    EXPECT_NEAR(odds(40), 2 * odds(1), 1e-3);

    Evidence black = evidence(Modality::image, Mood::scary, 0.2F, 0.01F);
    black.asset = 1;
    const auto with_black = fuse(std::vector{photo, black});
    EXPECT_GT(log_odds(with_black, Mood::dreamy, index(Mood::sad)), 0.98 * odds(1));
}

// Idea: the face, the words and the look of one photo all depend on that photo: together they weigh a quarter
// more than the best of them at most, however many they are, and three such photos are still only photos. Of
// another modality, or of another asset, they are not dependent in this way.
TEST(OpinionPool, ReadersOfOnePhotoWeighHardlyMoreThanTheBest) {
    const Evidence face = evidence(Modality::image, Mood::joyful, 0.4F, 0.8F);
    const auto odds = [](const std::vector<Evidence>& all) {
        return log_odds(fuse(all), Mood::joyful, index(Mood::sad));
    };
    const double alone = odds({face});
    EXPECT_NEAR(odds(std::vector<Evidence>(2, face)), 1.25 * alone, 1e-3);
    EXPECT_NEAR(odds(std::vector<Evidence>(12, face)), 1.25 * alone, 1e-3);
    std::vector<Evidence> apart(2, face);
    apart[1].asset = 1;
    EXPECT_NEAR(odds(apart), std::sqrt(2.0) * alone, 1e-3);
    apart[1].asset = 0;
    apart[1].modality = Modality::text;
    EXPECT_NEAR(odds(apart), 2 * alone, 1e-3);

    std::vector<Evidence> three_photos(6, face);
    for (std::size_t i = 0; i < three_photos.size(); ++i)
        three_photos[i].asset = static_cast<std::uint32_t>(i / 2);
    EXPECT_NEAR(odds(three_photos), std::sqrt(3.0) * 1.25 * alone, 1e-3);

    // A reader that hardly saw anything takes nothing away.
    Evidence blurred = evidence(Modality::image, Mood::sad, 0.2F, 0.01F);
    EXPECT_GT(odds({face, blurred}), 0.97 * alone);
}

// Idea: what is read is likelihood, and the prior counts once: with one evidence by Bayes' rule, and no
// oftener with three.
TEST(OpinionPool, ThePriorCountsOnce) {
    PoolOptions options;
    options.prior = mostly(Mood::calm, 0.4F);
    const double prior_odds = std::log(0.4 / (0.6 / 12));
    const Evidence text = evidence(Modality::text, Mood::joyful, 0.3F, 1.0F);
    const auto calm_odds = [&](const std::vector<Evidence>& all, const PoolOptions& with) {
        return log_odds(fuse(all, with), Mood::calm, index(Mood::joyful));
    };
    const Evidence photo = evidence(Modality::image, Mood::joyful, 0.3F, 0.5F);
    const Evidence sound = evidence(Modality::audio, Mood::joyful, 0.3F, 0.5F);
    for (const auto& all : {std::vector{text}, std::vector{text, photo, sound}})
        EXPECT_NEAR(calm_odds(all, options) - calm_odds(all, {}), prior_odds, 0.02);
}

// Idea: an operator who trusts photos half as much gets what half the precision gives, and one who does not
// trust them at all gets the post without the photo. Nonsense counts as 1.
TEST(OpinionPool, ReliabilityIsAnOperatorsOwnPrecision) {
    const Evidence text = evidence(Modality::text, Mood::sad, 0.5F, 1.0F);
    const Evidence photo = evidence(Modality::image, Mood::joyful, 0.7F, 0.8F);
    Evidence half = photo;
    half.precision /= 2;
    PoolOptions options;
    options.reliability[static_cast<std::size_t>(Modality::image)] = 0.5F;
    expect_same_bits(fuse(std::vector{text, photo}, options), fuse(std::vector{text, half}));
    options.reliability[static_cast<std::size_t>(Modality::image)] = 0;
    expect_same_bits(fuse(std::vector{text, photo}, options), fuse({&text, 1}));
    for (const float senseless : {-1.0F, std::numeric_limits<float>::quiet_NaN()}) {
        options.reliability[static_cast<std::size_t>(Modality::image)] = senseless;
        expect_same_bits(fuse(std::vector{text, photo}, options), fuse(std::vector{text, photo}));
    }
}

// Idea: a plain sentence is ambiguous however sure its mood, its picks are quiet, and a photo beside it is
// heard nearly as if it were alone; hardly any text is not plain but hardly any evidence.
TEST(OpinionPool, APlainPostIsAmbiguousAndQuiet) {
    Evidence text = evidence(Modality::text, Mood::annoying, 0.8F, 1.0F);
    text.felt = 0.1F;
    const FusedMood plain = fuse({&text, 1});
    EXPECT_TRUE(plain.ambiguous);
    EXPECT_TRUE(plain.plain);
    EXPECT_NEAR(plain.felt, 0.1, 1e-6);
    EXPECT_EQ(plain.likely, (std::vector{Mood::calm, Mood::dreamy}));
    EXPECT_LT(plain.confidence, 0.3F);

    const Evidence photo = evidence(Modality::image, Mood::joyful, 0.6F, 0.8F);
    const FusedMood with_photo = fuse(std::vector{text, photo});
    EXPECT_FALSE(with_photo.plain);
    EXPECT_FALSE(with_photo.ambiguous);
    EXPECT_EQ(with_photo.top, Mood::joyful);
    EXPECT_GT(with_photo.contributions[static_cast<std::size_t>(Modality::image)], 0.9F);

    Evidence whisper = evidence(Modality::text, Mood::joyful, 0.9F, 0.1F);
    whisper.felt = 0.1F;
    EXPECT_TRUE(fuse({&whisper, 1}).ambiguous);
    EXPECT_FALSE(fuse({&whisper, 1}).plain);

    text.felt = 0.5F;  // as likely as not: the whole weight
    EXPECT_FALSE(fuse({&text, 1}).ambiguous);
    EXPECT_EQ(fuse({&text, 1}).top, Mood::annoying);
    text.felt = std::numeric_limits<float>::quiet_NaN();
    EXPECT_FALSE(fuse({&text, 1}).plain);
}

// Idea: a smiling photo over a sad sentence: two calibrated voices whose distributions overlap well enough,
// yet one says pleasant and the other unpleasant. Both moods are named, whichever is stronger; a photo that
// hardly says anything contradicts nobody, and sad is no contrast to anxious.
TEST(OpinionPool, ContrastIsAmbiguousAndNamesBothMoods) {
    const auto named = [](const FusedMood& fused, Mood mood) {
        return std::find(fused.likely.begin(), fused.likely.end(), mood) != fused.likely.end();
    };
    for (const float photo_precision : {0.35F, 0.7F, 1.2F}) {
        const FusedMood fused =
            fuse(std::vector{evidence(Modality::text, Mood::sad, 0.6F, 1.0F),
                             evidence(Modality::image, Mood::joyful, 0.7F, photo_precision)});
        EXPECT_TRUE(fused.ambiguous) << photo_precision;
        EXPECT_FALSE(fused.plain);
        EXPECT_TRUE(named(fused, Mood::sad) && named(fused, Mood::joyful)) << photo_precision;
        expect_sound(fused);
    }
    EXPECT_FALSE(fuse(std::vector{evidence(Modality::text, Mood::sad, 0.6F, 1.0F),
                                  evidence(Modality::image, Mood::joyful, 0.12F, 0.35F)})
                     .ambiguous);
    EXPECT_FALSE(fuse(std::vector{evidence(Modality::text, Mood::sad, 0.6F, 1.0F),
                                  evidence(Modality::image, Mood::anxious, 0.4F, 0.35F)})
                     .ambiguous);
}

// Idea: nothing usable is not a crash and not a guess: the prior, no confidence, ambiguous, nobody present.
TEST(OpinionPool, NoEvidenceIsThePriorWithoutConfidence) {
    const FusedMood fused = fuse({});
    expect_sound(fused);
    for (float mood : fused.moods)
        EXPECT_NEAR(mood, 1.0 / 13, 1e-6);
    EXPECT_EQ(fused.confidence, 0.0F);
    EXPECT_TRUE(fused.ambiguous);
    EXPECT_EQ(sum(fused.contributions), 0.0F);
    PoolOptions options;
    options.prior = mostly(Mood::calm, 0.5F);
    EXPECT_EQ(fuse({}, options).top, Mood::calm);
}

// Idea: three ways of not knowing: two moods head to head, hardly any evidence, two strong voices against
// each other.
TEST(OpinionPool, SaysWhenTheEvidenceDoesNotDecide) {
    Evidence torn = evidence(Modality::text, Mood::joyful, 0.4F, 1.0F);
    torn.mood[index(Mood::sad)] = 0.38F;
    EXPECT_TRUE(fuse({&torn, 1}).ambiguous);
    EXPECT_EQ(fuse({&torn, 1}).likely, (std::vector{Mood::joyful, Mood::sad}));

    const Evidence whisper = evidence(Modality::text, Mood::joyful, 0.9F, 0.1F);
    EXPECT_TRUE(fuse({&whisper, 1}).ambiguous);
    EXPECT_LT(fuse({&whisper, 1}).confidence, 0.1F);

    const std::vector<Evidence> quarrel{evidence(Modality::text, Mood::sad, 0.97F, 0.7F),
                                        evidence(Modality::image, Mood::energizing, 0.97F, 1.0F)};
    const FusedMood fused = fuse(quarrel);
    EXPECT_TRUE(fused.ambiguous);
    EXPECT_EQ(fused.likely, (std::vector{Mood::energizing, Mood::sad}));
    expect_sound(fused);

    const Evidence clear = evidence(Modality::text, Mood::joyful, 0.9F, 1.0F);
    EXPECT_FALSE(fuse({&clear, 1}).ambiguous);
}

// Idea: trusting an evidence less can only lower the confidence in its mood.
TEST(OpinionPool, ConfidenceGrowsWithPrecision) {
    float before = 0;
    for (float precision : {0.001F, 0.01F, 0.1F, 0.2F, 0.3F, 0.5F, 1.0F, 2.0F}) {
        const Evidence one = evidence(Modality::audio, Mood::calm, 0.6F, precision);
        const float confidence = fuse({&one, 1}).confidence;
        EXPECT_GT(confidence, before);
        before = confidence;
    }
}

// Idea: no table in the pool forgets a mood: each of the 13 can win.
TEST(OpinionPool, EveryMoodCanWin) {
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        const Evidence one = evidence(Modality::text, static_cast<Mood>(k), 0.3F, 1.0F);
        EXPECT_EQ(fuse({&one, 1}).top, static_cast<Mood>(k));
    }
}

}  // namespace
}  // namespace bgm
