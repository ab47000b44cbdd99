// The catalogue in MySQL: every column survives, a change anywhere is noticed, and its size is nobody's
// memory problem.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "daemon/store/migrations.hpp"
#include "daemon/store/row_origin.hpp"
#include "daemon/store/track_table.hpp"
#include "tests/daemon/store/private_mariadb.hpp"
#include "tests/daemon/store/sample_rows.hpp"

namespace bgm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TrackTableTest : public testing::Test {
 protected:
    void SetUp() override {
        auto started =
            test::PrivateMariaDb::start({.server_options = {"--character-set-server=latin1", "--sql-mode="}});
        ASSERT_TRUE(started) << started.error().to_string();
        database_ = std::move(*started);
        ASSERT_TRUE(migrate(database_->options()));
        connection_.emplace(database_->options());
        tracks_.emplace(*connection_);
        probe_.emplace(database_->options());
        ASSERT_TRUE(probe_->connect());
    }

    std::string version() {
        const auto now = tracks_->version();
        EXPECT_TRUE(now) << now.error().to_string();
        return now ? *now : "";
    }
    Result<std::vector<Track>> read(const TrackQuery& query) {
        std::vector<Track> tracks;
        const Status done =
            tracks_->for_each(query, [&](Track&& track) { tracks.push_back(std::move(track)); });
        if (!done) return done.error();
        return tracks;
    }
    std::vector<std::string> found(const TrackQuery& query) {
        std::vector<std::string> ids;
        const auto tracks = read(query);
        EXPECT_TRUE(tracks) << tracks.error().to_string();
        for (const Track& track : *tracks)
            ids.push_back(track.track_id);
        return ids;
    }

    std::unique_ptr<test::PrivateMariaDb> database_;
    std::optional<MySqlConnection> connection_;
    std::optional<TrackTable> tracks_;
    std::optional<MySqlConnection> probe_;
};

TEST_F(TrackTableTest, ATrackComesBackAsItWasWritten) {
    const std::vector<Track> tracks = test::sample_tracks();
    const Status stored = tracks_->upsert(tracks);
    ASSERT_TRUE(stored) << stored.error().to_string();
    const auto loaded = read({.active_only = true});
    ASSERT_TRUE(loaded) << loaded.error().to_string();
    ASSERT_EQ(loaded->size(), 2U);
    for (std::size_t at = 0; at < 2; ++at) {
        const Track& written = tracks[at];
        const Track& read = (*loaded)[at];
        EXPECT_EQ(read.track_id, written.track_id);
        EXPECT_EQ(read.title, written.title);
        EXPECT_EQ(read.artist, written.artist);
        EXPECT_EQ(read.album, written.album);
        EXPECT_EQ(read.genre, written.genre);
        EXPECT_EQ(read.language, written.language);
        EXPECT_EQ(read.duration_ms, written.duration_ms);
        EXPECT_EQ(read.tempo_bpm, written.tempo_bpm);
        EXPECT_EQ(read.year, written.year);
        EXPECT_EQ(read.is_explicit, written.is_explicit);
        EXPECT_EQ(read.uri, written.uri);
        EXPECT_EQ(read.license, written.license);
        EXPECT_EQ(read.moods, written.moods);
        EXPECT_EQ(read.affect.valence, written.affect.valence);
        EXPECT_EQ(read.affect.arousal, written.affect.arousal);
        EXPECT_EQ(read.source, written.source);
        EXPECT_EQ(read.active, written.active);
    }
}

TEST_F(TrackTableTest, TheVersionChangesWithEveryChangeAndOnlyThen) {
    const std::string empty = version();
    EXPECT_EQ(version(), empty);
    std::vector<Track> tracks = test::sample_tracks();
    ASSERT_TRUE(tracks_->upsert(tracks));
    const std::string filled = version();
    EXPECT_NE(filled, empty);
    ASSERT_TRUE(tracks_->upsert(tracks));
    EXPECT_EQ(version(), filled) << "importing the same catalogue again is no change";
    tracks[0].moods[0] += 0.25F;
    ASSERT_TRUE(tracks_->upsert(tracks));
    const std::string edited = version();
    EXPECT_NE(edited, filled);
    ASSERT_TRUE(probe_->execute("UPDATE tracks SET active = 0 WHERE track_id = 't-1'"));
    const std::string by_hand = version();
    EXPECT_NE(by_hand, edited);
    ASSERT_TRUE(probe_->execute("DELETE FROM tracks WHERE track_id = 't-1'"));
    EXPECT_NE(version(), by_hand);
}

TEST_F(TrackTableTest, AnEditThatCommitsLateIsNoticed) {
    // It carries the older time, so the newest one alone would not show it.
    ASSERT_TRUE(tracks_->upsert(test::sample_tracks()));
    ASSERT_TRUE(probe_->execute("START TRANSACTION"));
    ASSERT_TRUE(probe_->execute("UPDATE tracks SET genre = 'ambient' WHERE track_id = 't-1'"));
    Track another = test::sample_tracks()[1];
    another.title = "changed later, committed earlier";
    ASSERT_TRUE(tracks_->upsert({&another, 1}));
    const std::string before = version();
    ASSERT_TRUE(probe_->execute("COMMIT"));
    EXPECT_NE(version(), before);
}

TEST_F(TrackTableTest, TracksAreFoundByTextAndGenre) {
    std::vector<Track> tracks = test::sample_tracks();
    tracks[0].active = false;
    ASSERT_TRUE(tracks_->upsert(tracks));
    EXPECT_THAT(found({}), ElementsAre("t-1", "t-2 🎹"));
    EXPECT_THAT(found({.active_only = true}), ElementsAre("t-2 🎹"));
    EXPECT_THAT(found({.text = "DEBUSSY"}), ElementsAre("t-1"));
    EXPECT_THAT(found({.text = "밴드"}), ElementsAre("t-2 🎹"));
    EXPECT_THAT(found({.text = "T-1"}), ElementsAre("t-1"));
    EXPECT_THAT(found({.text = "0% energy_"}), ElementsAre("t-2 🎹"));
    EXPECT_THAT(found({.text = "100_ energy"}), IsEmpty()) << "wildcards are ordinary characters";
    EXPECT_THAT(found({.text = "' OR 1 = 1 -- "}), IsEmpty());
    EXPECT_THAT(found({.genre = "kpop"}), ElementsAre("t-2 🎹"));
    EXPECT_THAT(found({.limit = 1}), ElementsAre("t-1"));
    EXPECT_THAT((*read({.active_only = true})).size(), 1U);
}

TEST_F(TrackTableTest, ATitleTooLongForItsColumnIsNamed) {
    std::vector<Track> tracks = test::sample_tracks();
    tracks[1].title = std::string(513, 'x');
    const Status status = tracks_->upsert(tracks);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(status.error().field, "tracks[1].title");
    EXPECT_EQ(refused_row(status.error())->kind, RefusedRow::Kind::track);
    EXPECT_THAT(found({}), IsEmpty());
}

TEST_F(TrackTableTest, WeightsThatAnOperatorMisspeltAreLeftOut) {
    ASSERT_TRUE(tracks_->upsert(test::sample_tracks()));
    ASSERT_TRUE(
        probe_->execute("UPDATE tracks SET moods = '{\"calm\": 0.5, \"clam\": 1, \"sad\": \"much\", "
                        "\"scary\": -1}' WHERE track_id = 't-1'"));
    ASSERT_TRUE(probe_->execute("UPDATE tracks SET moods = '[1, 2]' WHERE track_id <> 't-1'"));
    const auto tracks = read({.active_only = true});
    ASSERT_TRUE(tracks);
    std::array<float, kMoodCount> only_calm{};
    only_calm[static_cast<std::size_t>(Mood::calm)] = 0.5F;
    EXPECT_EQ((*tracks)[0].moods, only_calm);
    EXPECT_EQ((*tracks)[1].moods, (std::array<float, kMoodCount>{}));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
long peak_memory_kb() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        long value = 0;
        if (word == "VmHWM:" && status >> value) return value;
    }
    return 0;
}

TEST_F(TrackTableTest, ReadingACatalogueTakesThePagesMemoryNotTheCataloguesOwn) {
    // 8,000 tracks of 2 KB each: 16 MB of text passes by.
    constexpr int kTracks = 8'000;
    {
        std::vector<Track> tracks(500, test::sample_tracks()[0]);
        for (int begin = 0; begin < kTracks; begin += 500) {
            for (int at = 0; at < 500; ++at) {
                tracks[at].track_id = "track-" + std::to_string(begin + at);
                tracks[at].uri = std::string(2000, 'u');
            }
            const Status stored = tracks_->upsert(tracks);
            ASSERT_TRUE(stored) << stored.error().to_string();
        }
    }
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak starts over
    const long before_kb = peak_memory_kb();
    int seen = 0;
    ASSERT_TRUE(tracks_->for_each({}, [&](Track&&) { ++seen; }));
    EXPECT_EQ(seen, kTracks);
    EXPECT_LT(peak_memory_kb() - before_kb, 8'000);
}
#endif

}  // namespace
}  // namespace bgm
