// A playlist that can be listened to: half the jumps of a random order in tempo, key and loudness for next to
// no score, an arc of arousal where it is asked for, and the plain list where nobody listened to the tracks.
#include "fusion/recommend/playlist.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "fusion/catalogue/catalogue_builder.hpp"
#include "fusion/recommend/matcher.hpp"
#include "tests/fusion/random_cases.hpp"

namespace bgm {
namespace {

using testing::RandomCases;

struct Jumps {
    double tempo = 0;
    double key = 0;
    double loudness = 0;

    void add(const PlaylistTrack& a, const PlaylistTrack& b) {
        tempo += tempo_jump(a, b);
        key += key_jump(a, b);
        loudness += loudness_jump(a, b);
    }
};

Jumps jumps_of(const std::vector<PlaylistTrack>& tracks) {
    Jumps jumps;
    for (std::size_t i = 1; i < tracks.size(); ++i)
        jumps.add(tracks[i - 1], tracks[i]);
    return jumps;
}

/// Tempo, key and loudness as broad as those of a catalogue of many kinds.
Catalogue heard_catalogue(std::size_t size, bool heard = true) {
    RandomCases random(size);
    auto tracks = random.tracks(size, size / 2);
    CatalogueBuilder builder;
    for (Track& track : tracks) {
        track.tempo_bpm = 0;
        TrackSound sound{.loudness_lufs = -16 + 3 * (random.unit() + random.unit() + random.unit()),
                         .tempo_bpm = 60 * std::exp2(1.6F * random.unit()),
                         .key = static_cast<std::uint8_t>(1 + random.below(24)),
                         .moods = {},
                         .affect = {},
                         .embedding_model = "ear",
                         .embedding = std::vector<float>(16)};
        for (float& number : sound.embedding)
            number = random.between(-1, 1);
        EXPECT_TRUE(builder.add(track, heard ? &sound : nullptr));
    }
    auto built = builder.finish();
    EXPECT_TRUE(built);
    return std::move(*built);
}

std::vector<PlaylistTrack> seen(const Catalogue& catalogue, const std::vector<MatchedTrack>& picks) {
    std::vector<PlaylistTrack> tracks;
    for (const MatchedTrack& pick : picks) {
        const TrackView view = catalogue.track(pick.track_index);
        tracks.push_back({.track_index = pick.track_index,
                          .artist_group = catalogue.rows()[pick.track_index].artist_group,
                          .score = pick.score,
                          .tempo_bpm = view.tempo_bpm,
                          .loudness_lufs = view.loudness_lufs,
                          .key = view.key,
                          .heard = view.heard,
                          .arousal = view.affect.arousal});
    }
    return tracks;
}

float sum_of_scores(const std::vector<MatchedTrack>& picks) {
    float sum = 0;
    for (const MatchedTrack& pick : picks)
        sum += pick.score;
    return sum;
}

double rank_correlation(const std::vector<PlaylistTrack>& tracks) {
    const auto size = static_cast<double>(tracks.size());
    double squares = 0;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        double rank = 0;
        for (const PlaylistTrack& other : tracks) {
            if (other.arousal < tracks[i].arousal) rank += 1;
        }
        squares += (rank - static_cast<double>(i)) * (rank - static_cast<double>(i));
    }
    return 1 - 6 * squares / (size * (size * size - 1));
}

// Idea: against the same post's picks as they would be without an order, over many posts: each jump at most
// half of that of a random order, at two hundredths of the score at most; the best pick stays first.
TEST(Playlist, JumpsHalfAsMuchForNextToNoScore) {
    const Catalogue catalogue = heard_catalogue(4'000);
    // The same tracks, unheard but for what makes their score: what would be picked without an order.
    RandomCases random(11);
    Jumps ordered;
    Jumps shuffled;
    double score = 0;
    double plain_score = 0;
    for (int i = 0; i < 60; ++i) {
        const FusedMood mood = fuse(random.evidences());
        MatchRequest request{.tracks = 20, .seed = random.bits()};
        const auto picks = match(catalogue, mood, request);
        ASSERT_EQ(picks.size(), 20U);
        std::set<std::uint32_t> artists;
        float best = 0;
        for (const MatchedTrack& pick : picks) {
            EXPECT_TRUE(artists.insert(catalogue.rows()[pick.track_index].artist_group).second);
            best = std::max(best, pick.score);
        }
        EXPECT_EQ(picks[0].score, best);
        request.in_order = false;
        const auto plain = match(catalogue, mood, request);
        EXPECT_TRUE(std::is_sorted(plain.begin(), plain.end(),
                                   [](const auto& a, const auto& b) { return a.score > b.score; }));
        score += sum_of_scores(picks);
        plain_score += sum_of_scores(plain);
        EXPECT_GE(sum_of_scores(picks), 0.98F * sum_of_scores(plain));

        const Jumps own = jumps_of(seen(catalogue, picks));
        ordered.tempo += own.tempo;
        ordered.key += own.key;
        ordered.loudness += own.loudness;
        auto any = seen(catalogue, plain);
        for (std::size_t at = any.size() - 1; at > 0; --at)
            std::swap(any[at], any[random.below(at + 1)]);
        const Jumps theirs = jumps_of(any);
        shuffled.tempo += theirs.tempo;
        shuffled.key += theirs.key;
        shuffled.loudness += theirs.loudness;
    }
    EXPECT_LE(ordered.tempo, 0.5 * shuffled.tempo);
    EXPECT_LE(ordered.key, 0.5 * shuffled.key);
    EXPECT_LE(ordered.loudness, 0.5 * shuffled.loudness);
    EXPECT_GE(score, 0.98 * plain_score);
    RecordProperty("tempo", std::to_string(ordered.tempo / shuffled.tempo));
    std::printf("jumps beside a random order's: tempo %.2f, key %.2f, loudness %.2f; score %.4f\n",
                ordered.tempo / shuffled.tempo, ordered.key / shuffled.key,
                ordered.loudness / shuffled.loudness, score / plain_score);
}

// Idea: an arc is there whatever the tracks, heard or not, and a level one keeps the arousal where it is.
TEST(Playlist, ArcsAreThere) {
    RandomCases random(12);
    for (const bool heard : {true, false}) {
        const Catalogue catalogue = heard_catalogue(3'000, heard);
        double level = 0;
        double plain = 0;
        for (int i = 0; i < 40; ++i) {
            const FusedMood mood = fuse(random.evidences());
            MatchRequest request{.tracks = static_cast<std::uint32_t>(5 + random.below(60)),
                                 .seed = random.bits()};
            request.arc = Arc::rise;
            EXPECT_GE(rank_correlation(seen(catalogue, match(catalogue, mood, request))), 0.8);
            request.arc = Arc::fall;
            EXPECT_LE(rank_correlation(seen(catalogue, match(catalogue, mood, request))), -0.8);
            const auto steps = [&](Arc arc) {
                request.arc = arc;
                request.in_order = arc != Arc::none;
                const auto tracks = seen(catalogue, match(catalogue, mood, request));
                double sum = 0;
                for (std::size_t t = 1; t < tracks.size(); ++t)
                    sum += std::abs(tracks[t].arousal - tracks[t - 1].arousal);
                return sum;
            };
            level += steps(Arc::level);
            plain += steps(Arc::none);
        }
        EXPECT_LE(level, 0.5 * plain);
    }
}

// Idea: nothing is known of the tracks, or there are too few: the picks are as they always were.
TEST(Playlist, WithoutAnythingHeardTheBestComesFirst) {
    const Catalogue unheard = heard_catalogue(2'000, false);
    const Catalogue heard = heard_catalogue(2'000);
    RandomCases random(13);
    for (int i = 0; i < 30; ++i) {
        const FusedMood mood = fuse(random.evidences());
        const auto falls = [](const std::vector<MatchedTrack>& picks) {
            return std::is_sorted(picks.begin(), picks.end(),
                                  [](const auto& a, const auto& b) { return a.score > b.score; });
        };
        EXPECT_TRUE(falls(match(unheard, mood, {.tracks = 20, .seed = random.bits()})));
        EXPECT_TRUE(falls(match(heard, mood, {.tracks = 4, .seed = random.bits()})));
        EXPECT_TRUE(falls(match(heard, mood, {.tracks = 101, .seed = random.bits()})));
    }
}

// Idea: where half of what could be picked sounds all the same, a list has less of it than a draw without
// regard.
TEST(Playlist, PicksDoNotAllSoundTheSame) {
    RandomCases random(15);
    CatalogueBuilder builder;
    for (int i = 0; i < 100; ++i) {
        Track track;
        track.track_id = track.artist = "t" + std::to_string(i);
        track.moods[static_cast<std::size_t>(Mood::calm)] = 1;
        TrackSound sound{
            .moods = {}, .affect = {}, .embedding_model = "ear", .embedding = std::vector<float>(32, 1.0F)};
        for (float& number : sound.embedding) {
            if (i % 2 == 1) number = random.between(-1, 1);
        }
        ASSERT_TRUE(builder.add(track, &sound));
    }
    const auto catalogue = builder.finish();
    FusedMood mood;
    mood.moods[static_cast<std::size_t>(Mood::calm)] = 1;
    mood.ambiguous = false;
    int alike = 0;
    int alike_without_regard = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        MatchRequest request{.tracks = 10, .seed = seed};
        const auto count = [&] {
            int same = 0;
            for (const MatchedTrack& pick : match(*catalogue, mood, request))
                same += catalogue->sounds().vector(pick.track_index)[0] == catalogue->sounds().vector(0)[0];
            return same;
        };
        alike += count();
        request.in_order = false;
        alike_without_regard += count();
    }
    EXPECT_GT(alike_without_regard, 200);
    EXPECT_LT(alike, 0.75 * alike_without_regard);
}

TEST(Playlist, OrderIsTheSameEveryTime) {
    const Catalogue catalogue = heard_catalogue(1'000);
    RandomCases random(14);
    const FusedMood mood = fuse(random.evidences());
    for (const Arc arc : {Arc::none, Arc::rise, Arc::fall, Arc::level}) {
        const MatchRequest request{.tracks = 30, .seed = 5, .arc = arc};
        const auto once = match(catalogue, mood, request);
        const auto again = match(catalogue, mood, request);
        ASSERT_EQ(once.size(), again.size());
        for (std::size_t i = 0; i < once.size(); ++i)
            EXPECT_EQ(once[i].track_index, again[i].track_index);
    }
}

TEST(Playlist, JumpsAreWhatAListenerNotices) {
    const PlaylistTrack slow{.tempo_bpm = 70, .loudness_lufs = -10, .key = 1, .heard = true};
    const PlaylistTrack twice{.tempo_bpm = 140, .loudness_lufs = -10, .key = 1, .heard = true};
    const PlaylistTrack between{.tempo_bpm = 99, .loudness_lufs = -16, .key = 7, .heard = true};
    EXPECT_NEAR(tempo_jump(slow, twice), 0, 1e-5) << "an octave is none";
    EXPECT_NEAR(tempo_jump(slow, between), 1, 1e-2) << "half an octave is as far as it gets";
    EXPECT_EQ(key_jump(slow, twice), 0);
    EXPECT_NEAR(key_jump(slow, between), 6.0 / 7, 1e-5);
    EXPECT_NEAR(loudness_jump(slow, between), 0.5, 1e-5);
    EXPECT_EQ(tempo_jump(slow, {}), 0.5F);
    EXPECT_EQ(key_jump(slow, {}), 0.5F);
    EXPECT_EQ(loudness_jump(slow, {}), 0.5F);
}

}  // namespace
}  // namespace bgm
