// The catalogue with what was heard in it, from a real database: each track beside its own analysis, that of
// another model named and not used, and a version that moves with either table.
#include "daemon/store/heard_tracks.hpp"

#include <gmock/gmock.h>

#include <map>

#include "daemon/store/analysis_table.hpp"
#include "daemon/store/track_table.hpp"
#include "tests/daemon/store/migrated_database.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;

class HeardTracksTest : public test::MigratedDatabase {
 protected:
    struct Read {
        Track track;
        std::optional<TrackSound> sound;
        std::string model;
    };

    void SetUp() override {
        test::MigratedDatabase::SetUp();
        execute("DELETE FROM track_analysis");
        execute("DELETE FROM tracks");
    }
    void add(int count) {
        std::vector<Track> tracks(static_cast<std::size_t>(count), test::sample_tracks()[0]);
        for (int i = 0; i < count; ++i) {
            tracks[static_cast<std::size_t>(i)].track_id = id(i);
            tracks[static_cast<std::size_t>(i)].year = 1900 + static_cast<std::uint32_t>(i) % 100;
        }
        const Status stored = TrackTable(connection_).upsert(tracks);
        ASSERT_TRUE(stored) << stored.error().to_string();
    }
    void hear(const std::string& track, const std::string& model, std::int64_t analysed_ms = 1) {
        TrackAnalysis analysis{.track_id = track,
                               .model = model,
                               .analysed_ms = 1'764'403'200'000 + analysed_ms,
                               .file_sha256 = std::string(64, 'a'),
                               .seconds = 200,
                               .loudness_lufs = -9.5F,
                               .tempo_bpm = 119.75F,
                               .tempo_confidence = 0.5F,
                               .key_tonic = 9,
                               .key_minor = true,
                               .key_confidence = 0.8F,
                               .speech = 0.25F,
                               .moment_ms = 65'250,
                               .mood = {},
                               .windows = {},
                               .beats_s = {},
                               .embedding_model = "bgm-music-1",
                               .embedding = {0.5F, -2.5F, 0},
                               .fingerprint = {}};
        analysis.mood.moods[static_cast<std::size_t>(Mood::sad)] = 1;
        analysis.mood.affect = {-0.25F, 0.5F};
        const Status stored = AnalysisTable(connection_).upsert(analysis);
        ASSERT_TRUE(stored) << stored.error().to_string();
    }
    std::vector<Read> read() {
        std::vector<Read> all;
        const Status status =
            tracks_.for_each("now", [&](Track&& track, const TrackSound* sound, const std::string& model) {
                all.push_back({std::move(track), sound ? std::optional(*sound) : std::nullopt, model});
            });
        EXPECT_TRUE(status) << status.error().to_string();
        return all;
    }
    std::string version() {
        auto version = tracks_.version();
        EXPECT_TRUE(version);
        return version ? *version : "";
    }
    static std::string id(int i) { return "t" + std::to_string(10'000 + i); }

    HeardTracks tracks_{connection_};
};

// Idea: a catalogue that changes while it is read, in one transaction, is read as it was before: a track of
// the last page is no newer than one of the first.
TEST_F(HeardTracksTest, AllOfOneMoment) {
    add(1'200);
    hear(id(1'199), "now");
    MySqlConnection other(connection_.options());
    ASSERT_TRUE(other.connect());
    std::size_t seen = 0;
    const Status status = tracks_.for_each("now", [&](Track&& track, const TrackSound* sound, const auto&) {
        if (seen++ == 0) {
            ASSERT_TRUE(other.execute("UPDATE tracks SET year = 2024"));
            ASSERT_TRUE(other.execute("DELETE FROM track_analysis"));
        }
        EXPECT_NE(track.year, 2024U) << track.track_id;
        EXPECT_EQ(sound != nullptr, track.track_id == id(1'199));
    });
    EXPECT_TRUE(status) << status.error().to_string();
    EXPECT_EQ(seen, 1'200U);
    EXPECT_EQ(read().at(700).track.year, 2024U) << "the next time it is seen";
}

TEST_F(HeardTracksTest, InPagesUntilSomebodyHasEnough) {
    add(25);
    int pages = 0;
    std::vector<std::string> seen;
    const auto read = [&](int pages_max) {
        pages = 0;
        seen.clear();
        const Status status = tracks_.for_each(
            "now", [&](Track&& track, const TrackSound*, const auto&) { seen.push_back(track.track_id); },
            {.rows = 10, .between = [&] { return ++pages < pages_max; }});
        EXPECT_TRUE(status) << status.error().to_string();
        return seen.size();
    };
    EXPECT_EQ(read(100), 25U);
    EXPECT_EQ(pages, 2) << "there is nothing behind the last";
    EXPECT_EQ(seen.back(), id(24));
    EXPECT_EQ(read(2), 20U);
    EXPECT_EQ(read(1), 10U);
}

TEST_F(HeardTracksTest, EachTrackComesWithItsOwn) {
    add(3);
    hear(id(1), "now");
    hear(id(2), "before");
    hear("not in the catalogue", "now");
    const auto all = read();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_FALSE(all[0].sound);
    EXPECT_EQ(all[0].model, "");
    EXPECT_EQ(all[0].track.year, 1900U);
    EXPECT_EQ(all[0].track.title, test::sample_tracks()[0].title);
    ASSERT_TRUE(all[1].sound);
    const TrackSound& sound = *all[1].sound;
    EXPECT_EQ(sound.seconds, 200);
    EXPECT_EQ(sound.loudness_lufs, -9.5F);
    EXPECT_EQ(sound.tempo_bpm, 119.75F);
    EXPECT_EQ(sound.key, key_code(9, true));
    EXPECT_EQ(sound.speech, 0.25F);
    EXPECT_EQ(sound.moment_ms, 65'250U);
    EXPECT_EQ(sound.moods[static_cast<std::size_t>(Mood::sad)], 1);
    EXPECT_EQ(sound.affect.valence, -0.25F);
    EXPECT_EQ(sound.affect.arousal, 0.5F);
    EXPECT_EQ(sound.embedding_model, "bgm-music-1");
    EXPECT_THAT(sound.embedding, ElementsAre(0.5F, -2.5F, 0));
    EXPECT_FALSE(all[2].sound);
    EXPECT_EQ(all[2].model, "before");
}

// Idea: a catalogue of several pages is read once and whole; what somebody made inactive is left out.
TEST_F(HeardTracksTest, PagesNeitherLoseNorDouble) {
    add(1'203);
    hear(id(500), "now");
    execute("UPDATE tracks SET active = 0 WHERE track_id = '" + id(499) + "'");
    const auto all = read();
    ASSERT_EQ(all.size(), 1'202U);
    std::map<std::string, int> times;
    int heard = 0;
    for (const Read& one : all) {
        ++times[one.track.track_id];
        heard += one.sound ? 1 : 0;
    }
    EXPECT_EQ(times.size(), all.size());
    EXPECT_EQ(heard, 1);
}

TEST_F(HeardTracksTest, VersionMovesWithEitherTable) {
    add(2);
    const std::string written = version();
    EXPECT_EQ(version(), written);
    hear(id(0), "now", 1);
    const std::string heard = version();
    EXPECT_NE(heard, written);
    hear(id(0), "now", 2);
    const std::string again = version();
    EXPECT_NE(again, heard);
    execute("UPDATE tracks SET title = 'another' WHERE track_id = '" + id(1) + "'");
    const std::string renamed = version();
    EXPECT_NE(renamed, again);
    execute("DELETE FROM track_analysis");
    EXPECT_NE(version(), renamed);
}

// Idea: what somebody wrote into the table by hand is nobody's end.
TEST_F(HeardTracksTest, RowsThatNobodyCanReadAreHarmless) {
    add(1);
    hear(id(0), "now");
    execute("UPDATE track_analysis SET moods = '[1, 2]', embedding = x'0102030405', key_tonic = 200");
    const auto all = read();
    ASSERT_EQ(all.size(), 1U);
    ASSERT_TRUE(all[0].sound);
    EXPECT_EQ(all[0].sound->embedding.size(), 1U);
    EXPECT_EQ(all[0].sound->moods[static_cast<std::size_t>(Mood::sad)], 0);
    EXPECT_LE(all[0].sound->key, 24);
}

// Idea: more than a page of tracks, of which one was heard by this model and one by another.
TEST_F(HeardTracksTest, GivesTheFingerprintsOfActiveTracks) {
    add(502);
    hear(id(500), "m-1");
    hear(id(501), "m-0");
    hear(id(3), "m-1");
    execute("UPDATE track_analysis SET fingerprint = X'01000000FFFFFFFF'");
    execute("UPDATE tracks SET active = 0 WHERE track_id = '" + id(3) + "'");
    std::size_t all = 0;
    std::vector<HeardFingerprint> heard;
    const Status read = HeardTracks(connection_).for_each_fingerprint("m-1", [&](HeardFingerprint&& track) {
        ++all;
        if (!track.fingerprint.empty()) heard.push_back(std::move(track));
    });
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(all, 501U);
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(heard[0].track_id, id(500));
    EXPECT_EQ(heard[0].title, test::sample_tracks()[0].title);
    EXPECT_EQ(heard[0].seconds, 200);
    EXPECT_THAT(heard[0].fingerprint, ElementsAre(1, 0xFFFFFFFF));
}

}  // namespace
}  // namespace bgm
