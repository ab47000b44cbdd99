// Taste finds what a listener likes, costs the mood little, keeps away whom he does not want, and says
// nothing of those whom nobody knows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "fusion/recommend/match_settings.hpp"
#include "fusion/recommend/track_scores.hpp"
#include "tests/fusion/taste/listeners.hpp"

namespace bgm {
namespace {

using ::testing::HasSubstr;
using namespace testing;

constexpr int kFeedbacks = 20;
constexpr int kJudgedPosts = 20;

struct Figures {
    double hits = 0;
    double plain_hits = 0;
    double fit = 0;
    double plain_fit = 0;
};

Figures judged(const Catalogue& catalogue, Liking liking, std::uint64_t first_seed, int persons) {
    Figures all;
    for (int i = 0; i < persons; ++i) {
        Person person(catalogue, liking, first_seed + static_cast<std::uint64_t>(i));
        for (int post = 0; post < kFeedbacks; ++post) {
            const FusedMood mood = person.feel();
            person.react(match(catalogue, mood, person.request(true)));
        }
        for (int post = 0; post < kJudgedPosts; ++post) {
            const FusedMood mood = person.feel();
            MatchRequest request = person.request(true);
            const auto picks = match(catalogue, mood, request);
            request.listener.taste = nullptr;
            const auto plain = match(catalogue, mood, request);
            const double each = 1.0 / persons / kJudgedPosts;
            all.hits += each * person.hit(picks);
            all.plain_hits += each * person.hit(plain);
            all.fit += each * mood_fit(picks);
            all.plain_fit += each * mood_fit(plain);
        }
    }
    return all;
}

// Idea: the figures that were aimed at, on listeners of each kind with whom no constant was chosen (seeds
// from 1,000 on; those below are for choosing).
TEST(TasteMatch, AfterTwentyReactionsTwiceAsManyPostsHoldSomethingLiked) {
    const Catalogue catalogue = world(6000);
    Figures all;
    for (const Liking liking : kLikings) {
        const Figures one = judged(catalogue, liking, 1000, 25);
        std::printf("kind %d: hit@5 %.3f, without taste %.3f; mood fit %.3f, without %.3f\n",
                    static_cast<int>(liking), one.hits, one.plain_hits, one.fit, one.plain_fit);
        EXPECT_GE(one.hits, 1.5 * one.plain_hits);
        EXPECT_GE(one.fit, 0.95 * one.plain_fit);
        all.hits += one.hits;
        all.plain_hits += one.plain_hits;
        all.fit += one.fit;
        all.plain_fit += one.plain_fit;
    }
    EXPECT_GE(all.hits, 2 * all.plain_hits);
    EXPECT_GE(all.fit, 0.95 * all.plain_fit);
}

// Idea: a listener of whom nothing is known gets what everybody gets, and no term; one reaction changes
// little.
TEST(TasteMatch, ANewListenerGetsWhatTheMoodSays) {
    const Catalogue catalogue = world(900);
    Person person(catalogue, Liking::genre, 1);
    for (int post = 0; post < 20; ++post) {
        const FusedMood mood = person.feel();
        const MatchRequest plain = person.request(false);
        for (const MatchedTrack& pick : match(catalogue, mood, plain)) {
            EXPECT_FALSE(pick.taste_match);
            EXPECT_THAT(pick.reason, Not(HasSubstr("taste")));
        }
    }
    Taste taste;
    ASSERT_TRUE(taste.learn(Reaction::skipped, kSomeDayMs, reacted_track(catalogue, 5)));
    const TasteScores scores(taste, kSomeDayMs, catalogue);
    for (std::uint32_t i = 0; i < catalogue.size(); ++i)
        EXPECT_NEAR(scores.match(i), 0.5, 0.35);
}

// Idea: of whom everything was turned away nothing comes until the decay has passed; one that was wanted in
// between may come.
TEST(TasteMatch, WhoeverIsTurnedAwayStaysAway) {
    const Catalogue catalogue = world(1500);
    const auto of_artist = [&](std::size_t artist, std::size_t nth) {
        return *catalogue.find("t" + std::to_string(artist + nth * kArtists));
    };
    Taste taste;
    for (const std::size_t nth : {0U, 1U}) {
        for (const std::size_t artist : {7U, 8U, 9U}) {
            taste.learn(Reaction::skipped, kSomeDayMs + static_cast<std::int64_t>(nth),
                        reacted_track(catalogue, of_artist(artist, nth)));
            if (artist == 9)
                taste.learn(Reaction::played, kSomeDayMs + static_cast<std::int64_t>(nth),
                            reacted_track(catalogue, of_artist(artist, nth)));
        }
    }
    const auto group = [&](std::size_t artist) {
        return catalogue.rows()[of_artist(artist, 0)].artist_group;
    };
    const auto away = [&](std::int64_t now_ms) { return turned_away_artists(taste, now_ms, catalogue); };
    std::vector both{group(7), group(8)};
    std::sort(both.begin(), both.end());
    EXPECT_EQ(away(kSomeDayMs + 2), both);
    EXPECT_EQ(away(kSomeDayMs + 30 * kDayMs), both);
    EXPECT_TRUE(away(kSomeDayMs + 30 * kDayMs + 1).empty());

    // A post that is just like a track of theirs.
    for (const std::size_t artist : {7U, 8U, 9U}) {
        const TrackView track = catalogue.track(of_artist(artist, 3));
        FusedMood mood;
        mood.moods = track.moods;
        mood.affect = track.affect;
        mood.ambiguous = false;
        MatchRequest request{.tracks = 100,
                             .listener = {.taste = std::make_shared<Taste>(taste), .now_ms = kSomeDayMs + 9}};
        const auto has = [&](const std::vector<MatchedTrack>& picks) {
            return std::any_of(picks.begin(), picks.end(), [&](const MatchedTrack& pick) {
                return catalogue.rows()[pick.track_index].artist_group == group(artist);
            });
        };
        EXPECT_EQ(has(match(catalogue, mood, request)), artist == 9);
        request.listener.taste = nullptr;
        EXPECT_TRUE(has(match(catalogue, mood, request)));
    }
}

TEST(TasteMatch, NothingComesAgainThatIsNotToComeAgain) {
    for (const std::size_t size : {600U, 20'000U}) {
        const Catalogue catalogue = world(size);
        Person person(catalogue, Liking::genre, 3);
        const FusedMood mood = person.feel();
        std::set<std::uint32_t> had;
        for (std::uint64_t post = 0; post < 20; ++post) {
            MatchRequest request{.seed = post};
            request.listener.not_again.assign(had.begin(), had.end());
            const auto picks = match(catalogue, mood, request);
            EXPECT_EQ(picks.size(), 5U);
            for (const MatchedTrack& pick : picks)
                EXPECT_TRUE(had.insert(pick.track_index).second);
        }
    }
}

// Idea: the short way finds what the full comparison finds, in a small catalogue and in a large one.
TEST(TasteMatch, WhatCannotMatterIsPassedOverAndNothingElse) {
    for (const std::size_t size : {2000U, 20'000U}) {
        const Catalogue catalogue = world(size);
        for (const Liking liking : kLikings) {
            Person person(catalogue, liking, 5);
            for (int post = 0; post < 25; ++post) {
                const FusedMood mood = person.feel();
                MatchRequest request = person.request(true);
                const auto picks = match(catalogue, mood, request);
                request.exhaustive = true;
                const auto full = match(catalogue, mood, request);
                ASSERT_EQ(picks.size(), full.size());
                for (std::size_t i = 0; i < picks.size(); ++i) {
                    EXPECT_EQ(picks[i].track_index, full[i].track_index);
                    EXPECT_EQ(picks[i].score, full[i].score);
                    EXPECT_EQ(picks[i].chance, full[i].chance);
                }
                person.react(picks);
            }
        }
    }
}

// Idea: however little is known, exploring costs no more than it may; and what the term is, the reason says.
TEST(TasteMatch, ExploringIsBoundedAndTheReasonSaysTheTerm) {
    const Catalogue catalogue = world(2000);
    Person person(catalogue, Liking::artists, 9);
    for (int post = 0; post < 40; ++post) {
        const FusedMood mood = person.feel();
        const MatchRequest request = person.request(true);
        TrackFilter filter(catalogue, request);
        const TrackScores scores(catalogue, mood, request, filter, request.tracks);
        for (std::uint32_t i = 0; i < catalogue.size(); ++i)
            ASSERT_LE(std::abs(scores.exploration(i)), kExploreMost);
        const auto picks = match(catalogue, mood, request);
        for (const MatchedTrack& pick : picks) {
            EXPECT_GE(pick.score, scores.best().back().score - kScoreSlack - 0.015F * 5);
            ASSERT_TRUE(pick.taste_match);
            EXPECT_THAT(pick.reason, HasSubstr("to the listener's taste by "));
            EXPECT_EQ(*pick.taste_match, scores.taste()->match(pick.track_index));
        }
        person.react(picks);
    }
}

// Idea: chances are those of the draw: over many posts that are alike, each track is picked as often as it
// was said to be.
TEST(TasteMatch, ChancesAreThoseOfTheDraw) {
    const Catalogue catalogue = world(900);
    Person person(catalogue, Liking::genre, 11);
    const FusedMood mood = person.feel();
    constexpr int kPosts = 4000;
    std::map<std::uint32_t, double> said;
    std::map<std::uint32_t, double> picked;
    double first_said = 0;
    for (std::uint64_t post = 0; post < kPosts; ++post) {
        const MatchRequest request{.tracks = 3, .seed = mix64(post)};
        for (const TrackChance& one : chances(catalogue, mood, request))
            said[one.track_index] += one.chance;
        for (const MatchedTrack& pick : match(catalogue, mood, request)) {
            picked[pick.track_index] += 1;
            first_said += 1 / pick.chance;
        }
    }
    EXPECT_GT(said.size(), 5U);
    for (const auto& [track, sum] : said) {
        const double deviation = std::sqrt(sum * (1 - std::min(0.999, sum / kPosts)));
        EXPECT_NEAR(picked[track], sum, 4 * deviation + 2) << track;
    }
}

TEST(TasteMatch, WeightsAreReadAndWithoutOneTasteSaysNothing) {
    EXPECT_EQ(read_match_settings("", "")->common.taste, MatchWeights().taste);
    EXPECT_EQ(read_match_settings("taste=0", "acme: taste=2")->of("acme").taste, 2);
    const Catalogue catalogue = world(600);
    Person person(catalogue, Liking::genre, 13);
    for (int post = 0; post < 10; ++post)
        person.react(match(catalogue, person.feel(), person.request(true)));
    MatchRequest request = person.request(true);
    request.weights.taste = 0;
    MatchRequest plain = request;
    plain.listener.taste = nullptr;
    const FusedMood mood = person.feel();
    const auto without = match(catalogue, mood, request);
    const auto expected = match(catalogue, mood, plain);
    ASSERT_EQ(without.size(), expected.size());
    for (std::size_t i = 0; i < without.size(); ++i) {
        EXPECT_EQ(without[i].track_index, expected[i].track_index);
        EXPECT_FALSE(without[i].taste_match);
    }
}

}  // namespace
}  // namespace bgm
