#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <numeric>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/catalogue/catalogue_builder.hpp"
#include "tests/fusion/random_cases.hpp"

namespace bgm {
namespace {

using testing::RandomCases;

Track named(std::string track_id) {
    Track track;
    track.track_id = std::move(track_id);
    track.moods[4] = 1;
    return track;
}

// Idea: what went in comes out, for sizes around the block's 64.
TEST(Catalogue, GivesEveryTrackBack) {
    for (std::size_t count : {0U, 1U, 63U, 64U, 65U, 200U}) {
        RandomCases random(count);
        const auto tracks = random.tracks(count, 20);
        const auto catalogue = Catalogue::build(tracks);
        ASSERT_TRUE(catalogue.ok());
        ASSERT_EQ(catalogue->size(), count);
        for (std::uint32_t i = 0; i < count; ++i) {
            const TrackView view = catalogue->track(i);
            const auto& track = tracks.at(std::stoul(std::string(view.track_id.substr(6))));
            EXPECT_EQ(view.title, track.title);
            EXPECT_EQ(view.artist, track.artist);
            EXPECT_EQ(view.genre, track.genre);
            EXPECT_EQ(view.language, track.language);
            EXPECT_EQ(view.uri, track.uri);
            EXPECT_EQ(view.license, track.license);
            EXPECT_EQ(view.source, track.source);
            EXPECT_EQ(view.duration_ms, track.duration_ms);
            EXPECT_EQ(view.tempo_bpm, track.tempo_bpm);
            EXPECT_EQ(view.is_explicit, track.is_explicit);
            EXPECT_EQ(view.affect.valence, track.affect.valence);
            const float total = std::accumulate(track.moods.begin(), track.moods.end(), 0.0F);
            for (std::size_t k = 0; k < kMoodCount; ++k)
                EXPECT_NEAR(view.moods[k], track.moods[k] / total, 1e-5);
        }
    }
}

// Idea: the version is of the content: import order and inactive tracks do not change it, anything else does.
TEST(Catalogue, VersionFollowsTheContentOnly) {
    RandomCases random(1);
    auto tracks = random.tracks(150, 20);
    const std::string version = Catalogue::build(tracks)->version();
    EXPECT_EQ(version.size(), 16U);
    std::reverse(tracks.begin(), tracks.end());
    tracks.push_back(named("retired"));
    tracks.back().active = false;
    EXPECT_EQ(Catalogue::build(tracks)->version(), version);
    for (const auto& change : std::vector<void (*)(Track&)>{
             [](Track& track) { track.title += "!"; }, [](Track& track) { track.duration_ms += 1; },
             [](Track& track) { track.is_explicit = !track.is_explicit; },
             [](Track& track) { track.moods[3] += 0.5F; }, [](Track& track) { track.uri.clear(); },
             [](Track& track) { track.active = false; }}) {
        auto changed = tracks;
        change(changed[77]);
        EXPECT_NE(Catalogue::build(changed)->version(), version);
    }
}

// Idea: an id twice is an error that names it, an unusable id one that names the field.
TEST(Catalogue, RefusesUnusableIds) {
    const auto twice = Catalogue::build({named("a"), named("b"), named("a")});
    ASSERT_FALSE(twice.ok());
    EXPECT_EQ(twice.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(twice.error().message.find("'a'"), std::string::npos);
    EXPECT_EQ(Catalogue::build({named("")}).error().field, "track_id");
    EXPECT_EQ(Catalogue::build({named(std::string(129, 'x'))}).error().field, "track_id");
    EXPECT_TRUE(Catalogue::build({named(std::string(128, 'x'))}).ok());
}

// Idea: a track that says only one of moods and affect gets the other; hostile numbers become harmless.
TEST(Catalogue, FillsInWhatATrackLacks) {
    Track from_moods;
    from_moods.track_id = "a";
    from_moods.moods[static_cast<std::size_t>(Mood::sad)] = 3;
    Track from_affect;
    from_affect.track_id = "b";
    from_affect.affect = affect(Mood::calm);
    Track unknown;
    unknown.track_id = "c";
    Track hostile;
    hostile.track_id = "d";
    hostile.moods.fill(std::numeric_limits<float>::quiet_NaN());
    hostile.moods[0] = 1;
    hostile.moods[1] = -5;
    hostile.affect = {std::numeric_limits<float>::infinity(), 9};
    hostile.tempo_bpm = -std::numeric_limits<float>::infinity();
    const auto catalogue = Catalogue::build({from_moods, from_affect, unknown, hostile});
    ASSERT_TRUE(catalogue.ok());
    EXPECT_NEAR(catalogue->track(0).affect.valence, affect(Mood::sad).valence, 1e-6);
    EXPECT_NEAR(catalogue->track(0).affect.arousal, affect(Mood::sad).arousal, 1e-6);
    const auto moods = catalogue->track(1).moods;
    EXPECT_EQ(std::max_element(moods.begin(), moods.end()) - moods.begin(), static_cast<int>(Mood::calm));
    EXPECT_NEAR(std::accumulate(moods.begin(), moods.end(), 0.0F), 1.0F, 1e-5);
    for (float mood : catalogue->track(2).moods)
        EXPECT_NEAR(mood, 1.0 / 13, 1e-6);
    EXPECT_FLOAT_EQ(catalogue->track(3).moods[0], 1.0F);
    EXPECT_NEAR(catalogue->track(3).affect.valence, affect(Mood::amusing).valence, 1e-6);
    EXPECT_EQ(catalogue->track(3).tempo_bpm, 0.0F);
}

// Idea: the same artist in another spelling is one artist; two tracks of nobody are not by the same nobody.
TEST(Catalogue, GroupsSpellingsOfAnArtist) {
    std::vector<Track> tracks{named("a"), named("b"), named("c"), named("d"), named("e")};
    tracks[0].artist = "Frédéric Chopin";
    tracks[1].artist = "FRÉDÉRIC  CHOPIN ";
    tracks[2].artist = "Clara Schumann";
    const auto catalogue = Catalogue::build(tracks);
    const auto& rows = catalogue->rows();
    EXPECT_EQ(rows[0].artist_group, rows[1].artist_group);
    EXPECT_NE(rows[0].artist_group, rows[2].artist_group);
    EXPECT_NE(rows[3].artist_group, rows[4].artist_group);
    EXPECT_EQ(folded_name("아이 유"), "아이유");
    EXPECT_EQ(folded_name("\xC3"), "\xC3");  // a cut character at the end stays what it is
}

// Idea: the daemon's whole memory is bounded with 100,000 tracks; here a tenth of them, by the catalogue's
// own count, which grows in proportion.
TEST(Catalogue, TakesUnder600BytesATrack) {
    RandomCases random(3);
    const auto catalogue = Catalogue::build(random.tracks(10'000, 2'000));
    EXPECT_LT(catalogue->memory_bytes(), 10'000U * 600U);
}

// Idea: a builder that refused a track goes on with the next, and starts afresh after finish.
TEST(CatalogueBuilder, GoesOnAfterARefusal) {
    CatalogueBuilder builder;
    EXPECT_FALSE(builder.add(named("")).ok());
    EXPECT_TRUE(builder.add(named("a")).ok());
    EXPECT_EQ(builder.finish()->size(), 1U);
    EXPECT_TRUE(builder.add(named("a")).ok());
    EXPECT_EQ(builder.finish()->size(), 1U);
}

}  // namespace
}  // namespace bgm
