#include "fusion/recommend/matcher.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "fusion/catalogue/scan.hpp"
#include "fusion/mood/opinion_pool.hpp"
#include "fusion/recommend/reason.hpp"
#include "fusion/recommend/track_scores.hpp"
#include "fusion/stable_hash.hpp"
#include "tests/fusion/random_cases.hpp"

namespace bgm {
namespace {

using testing::RandomCases;

FusedMood decided(Mood mood) {
    Evidence evidence{.modality = Modality::text, .mood = {}, .affect = affect(mood), .precision = 1.0F};
    evidence.mood.fill(0.02F);
    evidence.mood[static_cast<std::size_t>(mood)] = 0.76F;
    return fuse({&evidence, 1});
}

FusedMood torn(Mood a, Mood b) {
    Evidence evidence{.modality = Modality::text, .mood = {}, .affect = affect(a), .precision = 1.0F};
    evidence.mood.fill(0.02F);
    evidence.mood[static_cast<std::size_t>(a)] = 0.4F;
    evidence.mood[static_cast<std::size_t>(b)] = 0.38F;
    return fuse({&evidence, 1});
}

/// Twelve tracks by twelve artists for each mood.
Catalogue one_mood_each() {
    std::vector<Track> tracks;
    for (std::size_t i = 0; i < 12 * kMoodCount; ++i) {
        Track track;
        track.track_id = "t" + std::to_string(i);
        track.artist = "Artist " + std::to_string(i);
        track.moods[i % kMoodCount] = 1;
        tracks.push_back(track);
    }
    return *Catalogue::build(std::move(tracks));
}

std::vector<std::uint32_t> indices(const std::vector<MatchedTrack>& picks) {
    std::vector<std::uint32_t> all;
    for (const auto& pick : picks)
        all.push_back(pick.track_index);
    return all;
}

void expect_distinct_artists(const Catalogue& catalogue, const std::vector<MatchedTrack>& picks) {
    std::set<std::string> artists;
    for (const auto& pick : picks) {
        EXPECT_TRUE(artists.insert(folded_name(catalogue.track(pick.track_index).artist)).second);
    }
}

/// The score by the definition in the header, one track at a time.
float plain_score(const TrackView& track, const FusedMood& mood) {
    const auto alone = [&](const MoodDistribution& moods, Affect place) {
        double affinity = 0;
        for (std::size_t k = 0; k < kMoodCount; ++k)
            affinity += std::sqrt(double{moods[k]} * track.moods[k]);
        const double distance =
            std::hypot(track.affect.valence - place.valence, track.affect.arousal - place.arousal);
        return static_cast<float>(0.65 * affinity + 0.35 / (1 + distance * distance / 0.25));
    };
    if (!mood.ambiguous) return alone(mood.moods, mood.affect);
    float worst = 1;
    for (const Mood likely : mood.likely) {
        MoodDistribution only{};
        only[static_cast<std::size_t>(likely)] = 1;
        worst = std::min(worst, alone(only, affect(likely)));
    }
    return worst;
}

// Idea: no mood is forgotten: each of the 13 gets five tracks, and all of them are of that mood.
TEST(Matcher, EveryMoodGetsItsFive) {
    const Catalogue catalogue = one_mood_each();
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        const auto mood = static_cast<Mood>(k);
        const auto picks = match(catalogue, decided(mood), {.seed = k});
        ASSERT_EQ(picks.size(), 5U) << name(mood);
        for (const auto& pick : picks) {
            EXPECT_GT(catalogue.track(pick.track_index).moods[k], 0.99F) << name(mood);
            EXPECT_EQ(pick.shared_moods, std::vector{mood});
        }
    }
}

// Idea: the blocked scan against the definition, one track at a time: every score is right, and no pick is
// more than the slack below the worst of the best N by distinct artists.
TEST(Matcher, ScoresAreRightAndQualityIsBounded) {
    RandomCases random(1);
    for (int i = 0; i < 60; ++i) {
        SCOPED_TRACE(i);
        const Catalogue catalogue =
            *Catalogue::build(random.tracks(1 + random.below(500), 1 + random.below(60)));
        const FusedMood mood = fuse(random.evidences());
        const MatchRequest request{.tracks = static_cast<std::uint32_t>(1 + random.below(8)),
                                   .seed = random.bits()};
        const auto picks = match(catalogue, mood, request);

        std::map<std::string, float> best_of_artist;
        for (std::uint32_t t = 0; t < catalogue.size(); ++t) {
            const TrackView track = catalogue.track(t);
            auto& best = best_of_artist[folded_name(track.artist)];
            best = std::max(best, plain_score(track, mood));
        }
        std::vector<float> best;
        for (const auto& [artist, score] : best_of_artist)
            best.push_back(score);
        std::sort(best.rbegin(), best.rend());
        const std::size_t expected = std::min<std::size_t>(request.tracks, best.size());
        ASSERT_EQ(picks.size(), expected);
        for (std::size_t p = 0; p < picks.size(); ++p) {
            EXPECT_NEAR(picks[p].score, plain_score(catalogue.track(picks[p].track_index), mood), 1e-4);
            EXPECT_GE(picks[p].score, best[expected - 1] - kScoreSlack - 1e-4F);
            EXPECT_TRUE(p == 0 || picks[p].score <= picks[p - 1].score);
            EXPECT_TRUE(picks[p].mood_match >= 0 && picks[p].mood_match <= 1);
            EXPECT_TRUE(picks[p].affect_match > 0 && picks[p].affect_match <= 1);
        }
        expect_distinct_artists(catalogue, picks);
    }
}

// Idea: every filter holds for every pick, alone and together, and what is left out is left out for a reason:
// with fewer picks than asked, no allowed artist is missing.
TEST(Matcher, FiltersHold) {
    RandomCases random(2);
    for (int i = 0; i < 200; ++i) {
        SCOPED_TRACE(i);
        const Catalogue catalogue = *Catalogue::build(random.tracks(300, 40));
        MatchRequest request{.seed = random.bits()};
        if (random.below(2) == 0) request.genres = {"K-Pop", "jazz"};
        if (random.below(2) == 0) request.languages = {"EN"};
        request.exclude_explicit = random.below(2) == 0;
        if (random.below(2) == 0)
            request.max_duration_ms = static_cast<std::uint32_t>(61'000 + random.below(200'000));
        const auto allowed = [&](const TrackView& track) {
            if (!request.genres.empty() && track.genre != "kpop" && track.genre != "jazz") return false;
            if (!request.languages.empty() && track.language == "ko") return false;
            if (request.exclude_explicit && track.is_explicit) return false;
            return request.max_duration_ms == 0 ||
                   (track.duration_ms != 0 && track.duration_ms <= request.max_duration_ms);
        };
        std::set<std::string> artists;
        for (std::uint32_t t = 0; t < catalogue.size(); ++t) {
            if (allowed(catalogue.track(t))) artists.emplace(catalogue.track(t).artist);
        }
        const auto picks = match(catalogue, fuse(random.evidences()), request);
        EXPECT_EQ(picks.size(), std::min<std::size_t>(5, artists.size()));
        for (const auto& pick : picks)
            EXPECT_TRUE(allowed(catalogue.track(pick.track_index)));
        expect_distinct_artists(catalogue, picks);
    }
}

// Idea: filters that leave nothing leave nothing; so do an empty catalogue and a wish for no tracks; a huge
// wish is cut.
TEST(Matcher, NothingLeftIsAnEmptyAnswer) {
    const Catalogue catalogue = one_mood_each();
    const FusedMood mood = decided(Mood::calm);
    EXPECT_TRUE(match(catalogue, mood, {.genres = {"polka"}}).empty());
    EXPECT_TRUE(match(catalogue, mood, {.max_duration_ms = 1000}).empty());
    EXPECT_TRUE(match(catalogue, mood, {.tracks = 0}).empty());
    EXPECT_TRUE(match(*Catalogue::build({}), mood, {}).empty());
    EXPECT_EQ(match(catalogue, mood, {.tracks = 4'000'000'000U}).size(),
              std::min<std::size_t>(kTracksMax, catalogue.size()));
}

// Idea: a composer with a hundred works in a catalogue of three composers still gets one place, and the other
// two get theirs although his works would fill any list of the best.
TEST(Matcher, NoArtistTwiceEvenWhereOneFillsTheCatalogue) {
    std::vector<Track> tracks;
    for (int i = 0; i < 1000; ++i) {
        Track track;
        track.track_id = "t" + std::to_string(i);
        track.artist = i == 500     ? "Clara Schumann"
                       : i == 501   ? "Erik Satie"
                       : i % 2 == 0 ? "J. S. Bach"
                                    : "j.s. bach";
        track.moods[static_cast<std::size_t>(i == 500 || i == 501 ? Mood::scary : Mood::calm)] = 1;
        tracks.push_back(track);
    }
    const Catalogue catalogue = *Catalogue::build(tracks);
    const auto picks = match(catalogue, decided(Mood::calm), {});
    ASSERT_EQ(picks.size(), 3U);
    expect_distinct_artists(catalogue, picks);
}

// Idea: the same post against the same content gets the same picks with the same words, in whatever order it
// was imported.
TEST(Matcher, SamePostAndContentSamePicks) {
    RandomCases random(4);
    auto tracks = random.tracks(700, 90);
    const Catalogue first = *Catalogue::build(tracks);
    std::reverse(tracks.begin(), tracks.end());
    const Catalogue second = *Catalogue::build(tracks);
    for (int i = 0; i < 50; ++i) {
        const FusedMood mood = fuse(random.evidences());
        const MatchRequest request{.seed = post_seed("default", "p-" + std::to_string(i))};
        const auto a = match(first, mood, request);
        const auto b = match(second, mood, request);
        ASSERT_EQ(indices(a), indices(b));
        for (std::size_t p = 0; p < a.size(); ++p) {
            EXPECT_EQ(a[p].score, b[p].score);
            EXPECT_EQ(a[p].reason, b[p].reason);
        }
    }
}

// Idea: a hundred posts of one mood do not all get one five: in a catalogue of hard labels (here 12 equal
// tracks a mood) every one of the equals has its turn.
TEST(Matcher, PostsOfOneMoodGetDifferentTracks) {
    const Catalogue catalogue = one_mood_each();
    std::set<std::uint32_t> seen;
    for (int i = 0; i < 100; ++i) {
        for (const auto& pick :
             match(catalogue, decided(Mood::joyful), {.seed = post_seed("default", std::to_string(i))})) {
            seen.insert(pick.track_index);
        }
    }
    EXPECT_EQ(seen.size(), 12U);
}

// Idea: where the mood is ambiguous, a track that suits one likely mood perfectly and insults the other loses
// to one that is tolerable for both, and the reason says so.
TEST(Matcher, AmbiguousPicksAreSafeForEveryLikelyMood) {
    std::vector<Track> tracks;
    const auto add = [&](const std::string& id, Mood a, Mood b) {
        Track track;
        track.track_id = id;
        track.artist = id;
        track.moods[static_cast<std::size_t>(a)] += 0.5F;
        track.moods[static_cast<std::size_t>(b)] += 0.5F;
        tracks.push_back(track);
    };
    for (int i = 0; i < 20; ++i)
        add("sad-" + std::to_string(i), Mood::sad, Mood::sad);
    for (int i = 0; i < 20; ++i)
        add("joyful-" + std::to_string(i), Mood::joyful, Mood::joyful);
    for (int i = 0; i < 5; ++i) {
        add("both-" + std::to_string(i), Mood::joyful, Mood::sad);
        // Diluted and by the post's own affect far off: by likeness alone the joyful ones would win.
        tracks.back().moods[static_cast<std::size_t>(Mood::dreamy)] = 0.8F;
        tracks.back().affect = affect(Mood::dreamy);
    }
    const Catalogue catalogue = *Catalogue::build(tracks);
    const FusedMood mood = torn(Mood::joyful, Mood::sad);
    ASSERT_TRUE(mood.ambiguous);
    const auto picks = match(catalogue, mood, {});
    ASSERT_EQ(picks.size(), 5U);
    for (const auto& pick : picks) {
        EXPECT_EQ(catalogue.track(pick.track_index).track_id.substr(0, 5), "both-");
        EXPECT_NE(pick.reason.find("likely mood (joyful and sad)"), std::string::npos) << pick.reason;
    }
    // The same catalogue gives the sad ones to a post that is plainly sad.
    for (const auto& pick : match(catalogue, decided(Mood::sad), {})) {
        EXPECT_EQ(catalogue.track(pick.track_index).track_id.substr(0, 4), "sad-");
    }
}

// Idea: the sentence by hand. Post: fused joyful alone; track: joyful only, at the same place of the plane,
// 120 beats.
TEST(Matcher, ReasonIsOneSentenceWithFacts) {
    Track track;
    track.track_id = "t";
    track.moods[static_cast<std::size_t>(Mood::joyful)] = 1;
    track.tempo_bpm = 119.6F;
    const auto picks = match(*Catalogue::build({track}), decided(Mood::joyful), {});
    ASSERT_EQ(picks.size(), 1U);
    EXPECT_EQ(picks[0].reason,
              "Joyful like the post (mood match 0.87), valence 0.8 and arousal 0.5 beside the post's 0.8 and "
              "0.5, at 120 beats a "
              "minute.");
    EXPECT_NEAR(picks[0].mood_match, std::sqrt(0.759317), 1e-4);
    EXPECT_NEAR(picks[0].affect_match, 1.0, 1e-6);
    EXPECT_NEAR(picks[0].score, 0.65 * std::sqrt(0.759317) + 0.35, 1e-4);
}

// Idea: each track says something about itself: never an empty reason, never a number that is not one.
TEST(Matcher, EveryPickHasAReason) {
    RandomCases random(5);
    const Catalogue catalogue = *Catalogue::build(random.tracks(400, 80));
    for (int i = 0; i < 200; ++i) {
        for (const auto& pick : match(catalogue, fuse(random.evidences()), {.seed = random.bits()})) {
            EXPECT_EQ(pick.reason.back(), '.');
            EXPECT_EQ(pick.reason.find(" nan"), std::string::npos);
            EXPECT_EQ(pick.reason.find("-0.0"), std::string::npos) << pick.reason;
            EXPECT_EQ(std::count(pick.reason.begin(), pick.reason.end(), '\n'), 0);
        }
    }
}

// Idea: of a track that nobody described or heard no mood is claimed, however broad the post's is.
TEST(Reason, ClaimsNoMoodThatNobodyKnows) {
    Track unknown, told;
    unknown.track_id = "a";
    told.track_id = "b";
    told.moods[static_cast<std::size_t>(Mood::sad)] = 1;
    const Catalogue catalogue = *Catalogue::build({unknown, told});
    FusedMood post = decided(Mood::sad);
    post.moods.fill(1.0F / kMoodCount);
    const auto reason_of = [&](std::uint32_t index) {
        const TrackView track = catalogue.track(index);
        return reason(post, track, {.shared_moods = shared_moods(post.moods, track.moods)});
    };
    EXPECT_EQ(reason_of(0).find("Of a mood that is not known (mood match "), 0U) << reason_of(0);
    EXPECT_EQ(reason_of(1).find("Sad like the post (mood match "), 0U) << reason_of(1);
}

}  // namespace
}  // namespace bgm
