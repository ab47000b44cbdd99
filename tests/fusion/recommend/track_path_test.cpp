// A way between two tracks that can be listened to: its ends are the two, no artist comes twice, and each
// step is smaller than the leap from one end to the other, and than the steps of any other way.
#include "fusion/recommend/track_path.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "fusion/catalogue/catalogue_builder.hpp"
#include "fusion/recommend/playlist.hpp"
#include "tests/fusion/random_cases.hpp"

namespace bgm {
namespace {

using testing::RandomCases;

constexpr std::size_t kTracks = 3'000;

struct Heard {
    Track track;
    TrackSound sound;
};

/// Sounds of eight numbers, and tempo, key and loudness of many kinds.
std::vector<Heard> heard_tracks(std::size_t size, std::size_t artists) {
    RandomCases random(size);
    std::vector<Heard> all;
    for (Track& track : random.tracks(size, artists)) {
        track.tempo_bpm = 0;
        TrackSound sound{.loudness_lufs = -16 + 8 * random.unit(),
                         .tempo_bpm = 60 * std::exp2(1.6F * random.unit()),
                         .key = static_cast<std::uint8_t>(1 + random.below(24)),
                         .moods = {},
                         .affect = {},
                         .embedding_model = "ear",
                         .embedding = std::vector<float>(8)};
        for (float& number : sound.embedding)
            number = random.between(-1, 1);
        all.push_back({std::move(track), std::move(sound)});
    }
    return all;
}

Catalogue built_of(const std::vector<Heard>& tracks) {
    CatalogueBuilder builder;
    for (const Heard& one : tracks)
        EXPECT_TRUE(builder.add(one.track, one.sound.embedding.empty() ? nullptr : &one.sound));
    auto built = builder.finish();
    EXPECT_TRUE(built);
    return std::move(*built);
}

float distance(const Catalogue& catalogue, std::uint32_t a, std::uint32_t b) {
    return std::sqrt(2 - 2 * dot(catalogue.sounds().vector(a), catalogue.sounds().vector(b)));
}

float jump(const Catalogue& catalogue, std::uint32_t a, std::uint32_t b) {
    const PlaylistTrack left = playlist_track(catalogue, a), right = playlist_track(catalogue, b);
    return (tempo_jump(left, right) + key_jump(left, right) + loudness_jump(left, right)) / 3;
}

std::vector<std::string> ids(const Catalogue& catalogue, const std::vector<PathTrack>& path) {
    std::vector<std::string> all;
    for (const PathTrack& step : path)
        all.emplace_back(catalogue.track_id(step.track_index));
    return all;
}

// Idea: over many pairs that are unlike each other.
TEST(TrackPath, TakesSmallSteps) {
    const Catalogue catalogue = built_of(heard_tracks(kTracks, 1'000));
    RandomCases random(5);
    double steps = 0, jumps = 0, leap_jumps = 0, random_steps = 0, random_jumps = 0;
    const auto any = [&random] { return static_cast<std::uint32_t>(random.below(kTracks)); };
    int pairs = 0;
    while (pairs < 40) {
        const std::uint32_t from = any(), to = any();
        if (from == to || distance(catalogue, from, to) < 1.2F) continue;
        ++pairs;
        const auto path = find_path(catalogue, from, to, 8);
        ASSERT_TRUE(path) << path.error().to_string();
        ASSERT_EQ(path->size(), 8U);
        EXPECT_EQ(path->front().track_index, from);
        EXPECT_EQ(path->back().track_index, to);
        std::set<std::uint32_t> artists;
        for (const PathTrack& step : *path)
            artists.insert(catalogue.rows()[step.track_index].artist_group);
        EXPECT_EQ(artists.size(), 8U);
        leap_jumps += jump(catalogue, from, to) * 7;
        std::uint32_t before = from;
        for (std::size_t at = 1; at < path->size(); ++at) {
            const PathTrack &last = (*path)[at - 1], &here = (*path)[at];
            const float step = distance(catalogue, last.track_index, here.track_index);
            EXPECT_LT(step, distance(catalogue, from, to));
            EXPECT_NEAR(here.similarity, 1 - step * step / 2, 1e-4);
            EXPECT_NEAR(here.jump, jump(catalogue, last.track_index, here.track_index), 1e-5);
            steps += step;
            jumps += here.jump;
            const std::uint32_t other = at + 1 == path->size() ? to : any();
            random_steps += distance(catalogue, before, other);
            random_jumps += jump(catalogue, before, other);
            before = other;
        }
    }
    std::printf("steps %.2f of random ones, jumps %.2f of the leap and %.2f of random ones\n",
                steps / random_steps, jumps / leap_jumps, jumps / random_jumps);
    EXPECT_LT(steps, 0.5 * random_steps);
    EXPECT_LT(jumps, 0.6 * leap_jumps);
    EXPECT_LT(jumps, 0.6 * random_jumps);
}

TEST(TrackPath, IsTheSameWhateverTheOrder) {
    auto tracks = heard_tracks(kTracks, 1'000);
    const Catalogue catalogue = built_of(tracks);
    std::ranges::reverse(tracks);
    const Catalogue turned = built_of(tracks);
    const auto there = find_path(catalogue, 3, 2'500, 12);
    const auto again = find_path(turned, 3, 2'500, 12);
    ASSERT_TRUE(there && again);
    EXPECT_EQ(ids(catalogue, *there), ids(turned, *again));
}

// Idea: of few tracks and one artist there is still a way, as long as there are tracks.
TEST(TrackPath, MakesDoWithWhatThereIs) {
    const Catalogue few = built_of(heard_tracks(5, 1));
    const auto path = find_path(few, 0, 4, 20);
    ASSERT_TRUE(path);
    EXPECT_EQ(path->size(), 5U);
    const auto three = find_path(few, 0, 4, 1);
    ASSERT_TRUE(three);
    EXPECT_EQ(three->size(), 3U);
    const Catalogue two = built_of(heard_tracks(2, 2));
    EXPECT_EQ(find_path(two, 0, 1, 8)->size(), 2U);
}

TEST(TrackPath, NeedsTwoTracksThatWereHeard) {
    auto tracks = heard_tracks(5, 5);
    std::ranges::sort(tracks, {}, [](const Heard& one) { return one.track.track_id; });
    tracks[2].sound.embedding.clear();
    const Catalogue catalogue = built_of(tracks);
    const auto to_itself = find_path(catalogue, 1, 1, 8);
    ASSERT_FALSE(to_itself);
    EXPECT_EQ(to_itself.error().code, ErrorCode::invalid_argument);
    const auto from_unheard = find_path(catalogue, 2, 1, 8);
    ASSERT_FALSE(from_unheard);
    EXPECT_EQ(from_unheard.error().field, "from");
    const auto to_unheard = find_path(catalogue, 1, 2, 8);
    ASSERT_FALSE(to_unheard);
    EXPECT_EQ(to_unheard.error().field, "to");
    EXPECT_EQ(to_unheard.error().code, ErrorCode::unsupported);
    EXPECT_NE(to_unheard.error().message.find("nobody has listened"), std::string::npos);
}

// Idea: what is silent was listened to, and listening again helps nobody.
TEST(TrackPath, SaysThatATrackIsSilent) {
    auto tracks = heard_tracks(3, 3);
    std::ranges::sort(tracks, {}, [](const Heard& one) { return one.track.track_id; });
    CatalogueBuilder builder;
    for (std::size_t at = 0; at < tracks.size(); ++at) {
        if (at == 2) tracks[at].sound = {.moods = {}, .affect = {}, .embedding_model = {}, .embedding = {}};
        EXPECT_TRUE(builder.add(tracks[at].track, &tracks[at].sound));
    }
    const auto catalogue = builder.finish();
    ASSERT_TRUE(catalogue);
    const auto path = find_path(*catalogue, 0, 2, 8);
    ASSERT_FALSE(path);
    EXPECT_EQ(path.error().field, "to");
    EXPECT_NE(path.error().message.find("is silent"), std::string::npos) << path.error().message;
}

}  // namespace
}  // namespace bgm
