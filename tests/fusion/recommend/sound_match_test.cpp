// Matching by ear: a post's own music finds tracks that sound like it, a term that says nothing counts
// nothing, and in a large catalogue the short way finds what the full comparison finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "fusion/catalogue/catalogue_builder.hpp"
#include "fusion/recommend/match_settings.hpp"
#include "fusion/recommend/matcher.hpp"
#include "tests/fusion/random_cases.hpp"

namespace bgm {
namespace {

using ::testing::HasSubstr;
using testing::RandomCases;

constexpr std::size_t kWidth = 40;

std::vector<float> embedding(RandomCases& random, std::uint64_t style) {
    RandomCases centre(1'000'000 + style);
    std::vector<float> numbers(kWidth);
    for (float& number : numbers)
        number = centre.between(-1, 1) + random.between(-0.7F, 0.7F);
    return numbers;
}

/// `styles` kinds of sound in turn; every tenth track was not listened to.
Catalogue heard_catalogue(std::size_t size, std::uint64_t styles, bool hard_labels = false) {
    RandomCases random(size);
    auto tracks = random.tracks(size, size / 3 + 1);
    CatalogueBuilder builder;
    for (std::size_t i = 0; i < size; ++i) {
        if (hard_labels) {
            tracks[i].moods = {};
            tracks[i].moods[i % kMoodCount] = 1;
            tracks[i].affect = {};
        }
        const TrackSound sound{
            .moods = {}, .affect = {}, .embedding_model = "ear", .embedding = embedding(random, i % styles)};
        EXPECT_TRUE(builder.add(tracks[i], i % 10 == 9 ? nullptr : &sound));
    }
    auto built = builder.finish();
    EXPECT_TRUE(built);
    return std::move(*built);
}

void expect_same(const std::vector<MatchedTrack>& left, const std::vector<MatchedTrack>& right) {
    ASSERT_EQ(left.size(), right.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
        EXPECT_EQ(left[i].track_index, right[i].track_index);
        EXPECT_EQ(left[i].score, right[i].score);
        EXPECT_EQ(left[i].reason, right[i].reason);
    }
}

/// 200 calm tracks, t0 to t199, of which every twentieth sounds alike.
auto calm_tracks_of_twenty_styles(RandomCases& random) {
    CatalogueBuilder builder;
    for (int i = 0; i < 200; ++i) {
        Track track;
        track.track_id = "t" + std::to_string(i);
        track.artist = "artist " + std::to_string(i);
        track.moods[static_cast<std::size_t>(Mood::calm)] = 1;
        const TrackSound sound{.moods = {},
                               .affect = {},
                               .embedding_model = "ear",
                               .embedding = embedding(random, static_cast<std::uint64_t>(i % 20))};
        EXPECT_TRUE(builder.add(track, &sound));
    }
    return builder.finish();
}

// Idea: of tracks that are alike in mood, those are picked that sound like the post.
TEST(SoundMatch, TracksThatSoundLikeThePostAreFound) {
    RandomCases random(3);
    const auto catalogue = calm_tracks_of_twenty_styles(random);
    FusedMood mood;
    mood.moods[static_cast<std::size_t>(Mood::calm)] = 1;
    mood.ambiguous = false;
    MatchRequest request{.sounds = {{"ear", embedding(random, 7)}}};
    const auto style_of = [&](const MatchedTrack& pick) {
        return std::stoi(std::string(catalogue->track_id(pick.track_index)).substr(1)) % 20;
    };
    for (const MatchedTrack& pick : match(*catalogue, mood, request)) {
        EXPECT_EQ(style_of(pick), 7);
        ASSERT_TRUE(pick.sound_match);
        EXPECT_GT(*pick.sound_match, 0.5F);
        EXPECT_THAT(pick.reason, HasSubstr("sounding like the post's own music by 0."));
    }
}

// Idea: words find the tracks whose sound they describe, beside or without music of the post's own.
TEST(SoundMatch, TracksWhoseSoundFitsTheWordsAreFound) {
    RandomCases random(8);
    const auto catalogue = calm_tracks_of_twenty_styles(random);
    FusedMood mood;
    mood.moods[static_cast<std::size_t>(Mood::calm)] = 1;
    mood.affect = affect(Mood::calm);
    mood.ambiguous = false;
    MatchRequest request{.words = {{"ear", embedding(random, 3)}}};
    const auto style_of = [&](const MatchedTrack& pick) {
        return std::stoi(std::string(catalogue->track_id(pick.track_index)).substr(1)) % 20;
    };
    for (const MatchedTrack& pick : match(*catalogue, mood, request)) {
        ASSERT_TRUE(pick.words_match);
        EXPECT_GT(*pick.words_match, 0.8F) << "of most styles it is 0";
        EXPECT_FALSE(pick.sound_match);
        EXPECT_THAT(pick.reason, HasSubstr("fitting the post's words by ear by "));
    }
    request.sounds = {{"ear", embedding(random, 7)}};
    for (const MatchedTrack& pick : match(*catalogue, mood, request)) {
        EXPECT_THAT(style_of(pick), ::testing::AnyOf(3, 7));
        ASSERT_TRUE(pick.words_match && pick.sound_match);
        EXPECT_NEAR(pick.score, (1 + 0.5F * *pick.sound_match + 0.25F * *pick.words_match) / 1.75F, 1e-5)
            << "the mood fits in full";
    }
}

// Idea: a cosine of one half is as much as words and sounds have in common.
TEST(SoundMatch, WordsCountTwiceTheirCosine) {
    CatalogueBuilder builder;
    const std::vector<std::pair<std::vector<float>, float>> tracks{
        {{1, 0}, 0.6F}, {{0, 1}, 1.0F}, {{-1, 0}, 0.0F}, {{4, 0}, 0.6F}};
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        Track track;
        track.track_id = track.artist = std::to_string(i);
        const TrackSound sound{
            .moods = {}, .affect = {}, .embedding_model = "ear", .embedding = tracks[i].first};
        ASSERT_TRUE(builder.add(track, &sound));
    }
    const auto catalogue = builder.finish();
    FusedMood mood;
    mood.moods[static_cast<std::size_t>(Mood::calm)] = 1;
    const float up = std::sqrt(1 - 0.3F * 0.3F);
    const auto picks = match(*catalogue, mood, {.words = {{"ear", {0.6F, 2 * up}}}});
    ASSERT_EQ(picks.size(), tracks.size());
    for (const MatchedTrack& pick : picks)
        EXPECT_NEAR(pick.words_match.value_or(-1), tracks[pick.track_index].second, 1e-5) << pick.track_index;
}

// Idea: what nobody heard is scored by its mood alone, and so is all of it where the post has no music, its
// music lies in another space, or the sound has no weight.
TEST(SoundMatch, ATermThatSaysNothingCountsNothing) {
    const Catalogue catalogue = heard_catalogue(600, 10);
    RandomCases random(4);
    for (int i = 0; i < 50; ++i) {
        const FusedMood mood = fuse(random.evidences());
        const MatchRequest silent{.tracks = 20, .seed = random.bits()};
        const auto by_mood = match(catalogue, mood, silent);
        MatchRequest other = silent;
        other.sounds = {{"another ear", embedding(random, 1)}};
        expect_same(match(catalogue, mood, other), by_mood);
        other.sounds = {{"ear", std::vector<float>(kWidth + 1, 1.0F)},
                        {"ear", std::vector<float>(kWidth, 0)}};
        expect_same(match(catalogue, mood, other), by_mood);
        other.sounds = {{"ear", embedding(random, 1)}};
        other.weights.sound = 0;
        expect_same(match(catalogue, mood, other), by_mood);
        other = silent;
        other.words = {{"another ear", embedding(random, 1)}, {"ear", std::vector<float>(kWidth, 0)}};
        expect_same(match(catalogue, mood, other), by_mood);
        other.words = {{"ear", embedding(random, 1)}};
        other.weights.words = 0;
        expect_same(match(catalogue, mood, other), by_mood);

        MatchRequest heard = silent;
        heard.sounds = {{"ear", embedding(random, 2)}};
        heard.tracks = 200;
        std::map<std::uint32_t, float> feelings;
        MatchRequest all = silent;
        all.tracks = 200;
        for (const MatchedTrack& pick : match(catalogue, mood, all))
            feelings[pick.track_index] = pick.score;
        for (const MatchedTrack& pick : match(catalogue, mood, heard)) {
            const auto feeling = feelings.find(pick.track_index);
            EXPECT_EQ(pick.sound_match.has_value(), catalogue.track(pick.track_index).heard);
            if (feeling == feelings.end()) continue;
            const float expected =
                pick.sound_match ? (feeling->second + 0.5F * *pick.sound_match) / 1.5F : feeling->second;
            EXPECT_NEAR(pick.score, expected, 1e-5);
        }
    }
}

// Idea: by mood alone the first look in bytes has a bound: nothing may differ from the full comparison, not
// even among tracks that all score alike.
TEST(SoundMatch, TheShortWayByMoodIsExact) {
    RandomCases random(5);
    for (const bool hard_labels : {false, true}) {
        const Catalogue catalogue = heard_catalogue(kQuickTracks + 37, 50, hard_labels);
        ASSERT_FALSE(catalogue.by_feeling().blocks.empty());
        for (int i = 0; i < 60; ++i) {
            SCOPED_TRACE(i);
            const FusedMood mood = fuse(random.evidences());
            MatchRequest request{.tracks = static_cast<std::uint32_t>(1 + random.below(60)),
                                 .seed = random.bits()};
            if (random.below(2) == 0) request.genres = {"jazz"};
            if (random.below(3) == 0) request.max_duration_ms = 62'000;
            MatchRequest full = request;
            full.exhaustive = true;
            expect_same(match(catalogue, mood, request), match(catalogue, mood, full));
        }
    }
}

/// Somebody who reacted so often, to tracks by chance and to such as sound like one.
std::shared_ptr<const Taste> some_taste(RandomCases& random, const Catalogue& catalogue, int reactions) {
    auto taste = std::make_shared<Taste>();
    const auto liked = static_cast<std::uint32_t>(random.below(catalogue.size()));
    for (int i = 0; i < reactions; ++i) {
        const auto track = static_cast<std::uint32_t>(random.below(catalogue.size()));
        const SoundSpace& sounds = catalogue.sounds();
        const bool alike =
            sounds.has(liked) && sounds.has(track) && dot(sounds.vector(liked), sounds.vector(track)) > 0.3F;
        const bool likes = alike || catalogue.rows()[track].artist_group % 4 == 0;
        taste->learn(likes ? Reaction::liked : Reaction::skipped, 1000 * i, reacted_track(catalogue, track));
    }
    return taste;
}

// Idea: by ear bounds are as sure as they say: of fifty picks of the full comparison 98 of a hundred are
// found, with any terms and filters; where a filter leaves few, they are found, too.
TEST(SoundMatch, TheShortWayByEarFindsNearlyAll) {
    // As many styles as a group could stand for, more than there are groups, and none.
    for (const std::uint64_t styles : {200U, 6'000U, 1'000'000U}) {
        SCOPED_TRACE(styles);
        RandomCases random(6);
        const Catalogue catalogue = heard_catalogue(3 * kQuickTracks, styles);
        std::size_t wanted = 0;
        std::size_t found = 0;
        for (int i = 0; i < 48; ++i) {
            FusedMood mood = fuse(random.evidences());
            if (i % 4 == 1 && mood.likely.size() < 2) {
                mood.ambiguous = true;
                mood.likely = {Mood::calm, Mood::sad};
            }
            MatchRequest request{.tracks = 50, .seed = random.bits()};
            if (i % 2 == 0) request.genres = {"jazz"};
            if (i % 4 == 0) request.max_duration_ms = 61'000;
            if (i % 3 != 0) request.sounds = {{"ear", embedding(random, random.below(styles))}};
            if (i % 3 != 1) request.words = {{"ear", embedding(random, random.below(styles))}};
            if (i % 5 < 2)
                request.listener = {.taste = some_taste(random, catalogue, 1 + 5 * i), .now_ms = 0};
            MatchRequest full = request;
            full.exhaustive = true;
            std::set<std::uint32_t> best;
            for (const MatchedTrack& pick : match(catalogue, mood, full))
                best.insert(pick.track_index);
            const auto picks = match(catalogue, mood, request);
            EXPECT_EQ(picks.size(), best.size());
            wanted += best.size();
            for (const MatchedTrack& pick : picks)
                found += best.count(pick.track_index);
        }
        EXPECT_GE(static_cast<double>(found), 0.98 * static_cast<double>(wanted));
        RecordProperty("found of a thousand", static_cast<int>(1000 * found / wanted));
    }
}

// Idea: what a listener likes has bounds that leave nothing out, but for what he likes to hear, which is as
// good as sure: the picks are those of the full comparison.
TEST(SoundMatch, TheShortWayByTasteIsExact) {
    RandomCases random(9);
    const Catalogue catalogue = heard_catalogue(2 * kQuickTracks, 300);
    for (int i = 0; i < 40; ++i) {
        SCOPED_TRACE(i);
        const FusedMood mood = fuse(random.evidences());
        MatchRequest request{.tracks = static_cast<std::uint32_t>(1 + random.below(60)),
                             .seed = random.bits(),
                             .listener = {.taste = some_taste(random, catalogue, 1 + 6 * i), .now_ms = 0}};
        if (random.below(2) == 0) request.genres = {"jazz"};
        if (random.below(3) == 0) request.max_duration_ms = 62'000;
        MatchRequest full = request;
        full.exhaustive = true;
        expect_same(match(catalogue, mood, request), match(catalogue, mood, full));
    }
}

TEST(SoundMatch, SettingsAreRead) {
    const auto settings = read_match_settings("mood=2", "acme: sound=0; other : mood=1, sound=3, words=4");
    ASSERT_TRUE(settings) << settings.error().to_string();
    EXPECT_EQ(settings->of("anybody").mood, 2);
    EXPECT_EQ(settings->of("anybody").sound, 0.5F);
    EXPECT_EQ(settings->of("anybody").words, 0.25F);
    EXPECT_EQ(settings->of("other").words, 4);
    EXPECT_EQ(settings->of("acme").mood, 2);
    EXPECT_EQ(settings->of("acme").sound, 0);
    EXPECT_EQ(settings->of("other").sound, 3);
    EXPECT_TRUE(settings->guards("acme"));
    const auto unguarded = read_match_settings("", "acme: guard=0; other: sound=3, guard = 1 , mood=2");
    ASSERT_TRUE(unguarded) << unguarded.error().to_string();
    EXPECT_FALSE(unguarded->guards("acme"));
    EXPECT_TRUE(unguarded->guards("other"));
    EXPECT_TRUE(unguarded->guards("anybody"));
    EXPECT_EQ(unguarded->of("other").mood, 2);
    for (const auto& [common, tenants] :
         std::initializer_list<std::pair<std::string_view, std::string_view>>{{"touch=1", ""},
                                                                              {"mood=x", ""},
                                                                              {"mood=0", ""},
                                                                              {"mood=101", ""},
                                                                              {"mood=nan", ""},
                                                                              {"mood=1, mood=2", ""},
                                                                              {"", "acme"},
                                                                              {"", ": sound=1"},
                                                                              {"", "a: sound=1; a: sound=2"},
                                                                              {"", "a: mood=-1"},
                                                                              {"guard=0", ""},
                                                                              {"", "a: guard=2"},
                                                                              {"", "a: guard"},
                                                                              {"", "a: guard=0, guard=0"}}) {
        EXPECT_FALSE(read_match_settings(common, tenants)) << common << " / " << tenants;
    }
}

}  // namespace
}  // namespace bgm
