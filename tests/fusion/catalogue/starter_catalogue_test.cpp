// The catalogue that ships must serve every post out of the box: whatever the mood, there is a choice of
// tracks by different artists; and everything that it says of a track is at least well-formed and plausible.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <numeric>
#include <set>
#include <sstream>

#include "fusion/catalogue/catalogue_reader.hpp"

namespace bgm {
namespace {

class StarterCatalogue : public ::testing::Test {
 protected:
    static void SetUpTestSuite() {
        std::ifstream stream(BGM_SOURCE_DIR "/data/catalogue/starter.jsonl", std::ios::binary);
        std::ostringstream text;
        text << stream.rdbuf();
        const auto report = read_tracks(text.str(), CatalogueFormat::jsonl, own_columns(),
                                        [](Track&& track) { tracks().push_back(std::move(track)); });
        ASSERT_TRUE(report.ok()) << report.error().to_string();
        for (const RowError& error : report->errors) {
            ADD_FAILURE() << "line " << error.line << ": " << error.field << ": " << error.reason;
        }
        EXPECT_EQ(report->repeated_count, 0U) << "two tracks share an id";
        EXPECT_EQ(report->without_mood_count, 0U);
    }
    static void TearDownTestSuite() { tracks().clear(); }

    static std::vector<Track>& tracks() {
        static std::vector<Track> tracks;
        return tracks;
    }
};

TEST_F(StarterCatalogue, HoldsAtLeastAHundredAndFiftyTracks) {
    EXPECT_GE(tracks().size(), 150U);
}

TEST_F(StarterCatalogue, NamesNoWorkTwice) {
    std::set<std::pair<std::string, std::string>> works;
    for (const Track& track : tracks()) {
        EXPECT_TRUE(works.emplace(track.title, track.artist).second) << track.title << " by " << track.artist;
    }
}

TEST_F(StarterCatalogue, OffersEveryMoodByAChoiceOfArtists) {
    for (std::size_t mood = 0; mood < kMoodCount; ++mood) {
        std::size_t track_count = 0;
        std::set<std::string> artists;
        for (const Track& track : tracks()) {
            const float weight = track.moods.at(mood);
            const auto stronger = std::count_if(track.moods.begin(), track.moods.end(),
                                                [weight](float other) { return other > weight; });
            if (weight == 0 || stronger > 1) continue;
            ++track_count;
            artists.insert(track.artist);
        }
        EXPECT_GE(track_count, 10U) << name(static_cast<Mood>(mood));
        EXPECT_GE(artists.size(), 6U) << name(static_cast<Mood>(mood));
    }
}

TEST_F(StarterCatalogue, SaysOnlyPlausibleThingsOfATrack) {
    const std::set<std::string> licences{"Public domain (composition)", "CC BY 4.0", "CC BY 3.0", "CC0 1.0"};
    for (const Track& track : tracks()) {
        SCOPED_TRACE(track.track_id);
        EXPECT_TRUE(track.track_id.starts_with("starter:"));
        EXPECT_EQ(track.source, "starter");
        EXPECT_FALSE(track.artist.empty());
        EXPECT_FALSE(track.genre.empty());
        EXPECT_FALSE(track.language.empty());
        EXPECT_TRUE(licences.contains(track.license)) << track.license;
        EXPECT_FALSE(track.is_explicit);
        EXPECT_TRUE(track.duration_ms == 0 ||
                    (track.duration_ms >= 30'000 && track.duration_ms <= 45 * 60'000));
        EXPECT_TRUE(track.tempo_bpm == 0 || (track.tempo_bpm >= 25 && track.tempo_bpm <= 260))
            << track.tempo_bpm;
        EXPECT_TRUE(track.uri.empty() || track.uri.starts_with("https://")) << track.uri;
        EXPECT_NEAR(std::accumulate(track.moods.begin(), track.moods.end(), 0.0F), 1.0F, 1e-3);
    }
}

// A mood and a place on the plane that contradict each other are a slip of the pen.
TEST_F(StarterCatalogue, PlacesTracksOnThePlaneWhereTheirMoodsAre) {
    struct Bound {
        Mood mood;
        float Affect::*axis;
        float least, most;
    };
    constexpr Bound kBounds[] = {
        {Mood::joyful, &Affect::valence, 0.3F, 1},     {Mood::triumphant, &Affect::valence, 0, 1},
        {Mood::sad, &Affect::valence, -1, 0.15F},      {Mood::scary, &Affect::valence, -1, 0.1F},
        {Mood::calm, &Affect::arousal, -1, 0},         {Mood::dreamy, &Affect::arousal, -1, 0.15F},
        {Mood::energizing, &Affect::arousal, 0.3F, 1}, {Mood::indignant, &Affect::arousal, 0.1F, 1},
    };
    for (const Track& track : tracks()) {
        for (const Bound& bound : kBounds) {
            if (track.moods.at(static_cast<std::size_t>(bound.mood)) < 0.5F) continue;
            EXPECT_GE(track.affect.*bound.axis, bound.least) << track.track_id << " " << name(bound.mood);
            EXPECT_LE(track.affect.*bound.axis, bound.most) << track.track_id << " " << name(bound.mood);
        }
    }
}

TEST_F(StarterCatalogue, HasMusicForKoreanPosts) {
    const auto korean = std::count_if(tracks().begin(), tracks().end(),
                                      [](const Track& track) { return track.genre.starts_with("korean"); });
    EXPECT_GE(korean, 20);
}

}  // namespace
}  // namespace bgm
