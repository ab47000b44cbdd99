// Replayed feedback tells which weights would have been best, and its intervals hold the truth, on listeners
// whose wants are known.
#include "ops/evaluation/pick_replay.hpp"

#include <gtest/gtest.h>

#include <array>

#include "fusion/recommend/matcher.hpp"
#include "fusion/stable_hash.hpp"
#include "tests/fusion/random_cases.hpp"

namespace bgm {
namespace {

using testing::RandomCases;

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kStartMs = std::int64_t{20'000} * 24 * kHourMs;
constexpr std::size_t kGenres = 6;
constexpr std::array kWeights{MatchWeights{.taste = 0}, MatchWeights{.taste = 0.1F},
                              MatchWeights{.taste = 0.3F}};

/// Of one mood, so that the posts' draw may pick any of them.
Catalogue small_world() {
    std::vector<Track> tracks(60);
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        tracks[i].track_id = tracks[i].artist = "t" + std::to_string(i);
        tracks[i].genre = "genre " + std::to_string(i % kGenres);
        tracks[i].moods[static_cast<std::size_t>(Mood::calm)] = 1;
    }
    return *Catalogue::build(std::move(tracks));
}

double wish(const Catalogue& catalogue, std::uint32_t track, std::size_t genre) {
    return catalogue.track(track).genre.back() == static_cast<char>('0' + genre) ? 0.85 : 0.15;
}

struct Log {
    std::vector<PostBefore> posts;
    std::vector<ReactionBefore> reactions;
    std::array<double, kWeights.size()> wanted{};  // truly, under each of the weights, and of how many
    std::array<double, kWeights.size()> picked{};
};

/// Users who each want one genre, and are picked for without regard to it.
Log logged(const Catalogue& catalogue, std::uint64_t seed) {
    constexpr std::size_t kUsers = 100;
    constexpr int kPosts = 6;
    RandomCases random(seed);
    Log log;
    FusedMood mood;
    mood.moods[static_cast<std::size_t>(Mood::calm)] = 1;
    mood.affect = affect(Mood::calm);
    mood.ambiguous = false;
    std::vector<Taste> tastes(kUsers);
    for (int post = 0; post < kPosts; ++post) {
        for (std::size_t user = 0; user < kUsers; ++user) {
            const std::int64_t at_ms = kStartMs + (post * 1000 + static_cast<std::int64_t>(user)) * kHourMs;
            MatchRequest request{.tracks = 3, .seed = random.bits()};
            if (tastes[user].reactions > 0)
                request.listener = {.taste = std::make_shared<Taste>(tastes[user]), .now_ms = at_ms};
            for (std::size_t w = 0; w < kWeights.size(); ++w) {
                request.weights = kWeights.at(w);
                for (const TrackChance& one : chances(catalogue, mood, request)) {
                    log.wanted.at(w) += one.chance * wish(catalogue, one.track_index, user % kGenres);
                    log.picked.at(w) += one.chance;
                }
            }
            request.weights = kWeights[0];
            PostBefore before{
                .user_id = "u" + std::to_string(user), .seed = request.seed, .at_ms = at_ms, .mood = mood};
            for (const MatchedTrack& pick : match(catalogue, mood, request)) {
                const bool wanted = random.unit() < wish(catalogue, pick.track_index, user % kGenres);
                before.picks.push_back({pick.track_index, pick.chance, wanted});
                const Reaction reaction = wanted ? Reaction::liked : Reaction::skipped;
                log.reactions.push_back({before.user_id, at_ms + 1, reaction, pick.track_index});
                tastes[user].learn(reaction, at_ms + 1, reacted_track(catalogue, pick.track_index));
            }
            log.posts.push_back(std::move(before));
        }
    }
    return log;
}

// Idea: the truth is what many such logs show when the wishes are known instead of the reactions.
TEST(PickReplay, FindsTheBestWeightsAndItsIntervalsHoldTheTruth) {
    constexpr std::uint64_t kRuns = 30;
    const Catalogue catalogue = small_world();
    std::array<double, kWeights.size()> wanted{};
    std::array<double, kWeights.size()> picked{};
    std::vector<std::vector<PickFigures>> runs;
    for (std::uint64_t run = 0; run < kRuns; ++run) {
        const Log log = logged(catalogue, 100 + run * 1'000'000);
        for (std::size_t w = 0; w < kWeights.size(); ++w) {
            wanted.at(w) += log.wanted.at(w);
            picked.at(w) += log.picked.at(w);
        }
        runs.push_back(replay_picks(catalogue, log.posts, log.reactions, kWeights, 0));
    }
    const auto truth = [&](std::size_t w) { return wanted.at(w) / picked.at(w); };
    ASSERT_GT(truth(2), truth(1));
    ASSERT_GT(truth(1), truth(0) + 0.02);
    std::size_t found = 0;
    for (std::size_t w = 0; w < kWeights.size(); ++w) {
        std::size_t held = 0;
        std::size_t gain_held = 0;
        double width = 0;
        for (const auto& run : runs) {
            held += run[w].hit_rate.holds(truth(w)) ? 1 : 0;
            gain_held += run[w].gained.holds(truth(w) - truth(0)) ? 1 : 0;
            width += run[w].hit_rate.half_width / kRuns;
        }
        std::printf("taste=%.1f: truth %.3f, held by %zu of %zu intervals (+-%.3f), the gain by %zu\n",
                    double{kWeights.at(w).taste}, truth(w), held, runs.size(), width, gain_held);
        EXPECT_GE(held, 0.9 * kRuns);
        EXPECT_GE(gain_held, 0.9 * kRuns);
        EXPECT_LT(width, 0.1) << "wide enough to hold anything";
    }
    for (const auto& run : runs) {
        const auto best = std::max_element(run.begin(), run.end(), [](const auto& a, const auto& b) {
            return a.hit_rate.value < b.hit_rate.value;
        });
        found += best - run.begin() == 2 ? 1 : 0;
    }
    EXPECT_GE(found, 0.9 * kRuns);
}

// Idea: under the weights of then every reaction weighs 1, so the figures are the plain ones.
TEST(PickReplay, TheSameWeightsGiveWhatWas) {
    const Catalogue catalogue = small_world();
    const Log log = logged(catalogue, 7);
    double wanted = 0;
    double all = 0;
    for (const PostBefore& post : log.posts) {
        for (const PickedBefore& pick : post.picks) {
            wanted += *pick.wanted ? 1 : 0;
            all += 1;
        }
    }
    const auto figures = replay_picks(catalogue, log.posts, log.reactions, std::span(kWeights).first(1), 0);
    EXPECT_NEAR(figures[0].hit_rate.value, wanted / all, 1e-6);
    EXPECT_NEAR(figures[0].as_many, all, 1e-3);
    EXPECT_EQ(figures[0].gained.value, 0);
    EXPECT_EQ(figures[0].gained.half_width, 0);
    EXPECT_GT(figures[0].coverage, 0.9);
    EXPECT_GT(figures[0].repeats.value, 0);
    EXPECT_NEAR(figures[0].mood_fit.value, 1, 0.01);
    EXPECT_GT(figures[0].diversity.value, 0.5);
    const auto none = replay_picks(catalogue, {}, {}, kWeights, 0);
    EXPECT_EQ(none[2].hit_rate.half_width, 1);
}

TEST(PickReplay, WhatHasNoChanceOrNoReactionTellsNothing) {
    const Catalogue catalogue = small_world();
    Log log = logged(catalogue, 8);
    for (PostBefore& post : log.posts) {
        post.picks[0].chance = 0;
        post.picks[1].wanted.reset();
    }
    const auto figures = replay_picks(catalogue, log.posts, log.reactions, kWeights, 0);
    EXPECT_EQ(figures[0].reactions, log.posts.size());
}

}  // namespace
}  // namespace bgm
