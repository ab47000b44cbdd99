// The catalogue in MySQL: every column survives, a change anywhere is noticed, and its size is nobody's
// memory problem.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "daemon/store/migrations.hpp"
#include "daemon/store/pick_store.hpp"
#include "tests/daemon/store/private_mariadb.hpp"
#include "tests/daemon/store/sample_rows.hpp"

namespace bgm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CatalogueRowsTest : public testing::Test {
 protected:
    void SetUp() override {
        auto started =
            test::PrivateMariaDb::start({.server_options = {"--character-set-server=latin1", "--sql-mode="}});
        ASSERT_TRUE(started) << started.error().to_string();
        database_ = std::move(*started);
        ASSERT_TRUE(migrate(database_->options()));
        store_.emplace(database_->options());
        probe_.emplace(database_->options());
        ASSERT_TRUE(probe_->connect());
    }

    std::string version() {
        const auto read = store_->catalogue_version();
        EXPECT_TRUE(read) << read.error().to_string();
        return read ? *read : "";
    }
    std::vector<std::string> found(const TrackQuery& query) {
        std::vector<std::string> ids;
        const auto tracks = store_->list_tracks(query);
        EXPECT_TRUE(tracks) << tracks.error().to_string();
        for (const Track& track : *tracks)
            ids.push_back(track.track_id);
        return ids;
    }

    std::unique_ptr<test::PrivateMariaDb> database_;
    std::optional<PickStore> store_;
    std::optional<MySqlConnection> probe_;
};

TEST_F(CatalogueRowsTest, ATrackComesBackAsItWasWritten) {
    const std::vector<Track> tracks = test::sample_tracks();
    const Status stored = store_->upsert_tracks(tracks);
    ASSERT_TRUE(stored) << stored.error().to_string();
    const auto loaded = store_->load_catalogue();
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

TEST_F(CatalogueRowsTest, TheVersionChangesWithEveryChangeAndOnlyThen) {
    const std::string empty = version();
    EXPECT_EQ(version(), empty);
    std::vector<Track> tracks = test::sample_tracks();
    ASSERT_TRUE(store_->upsert_tracks(tracks));
    const std::string filled = version();
    EXPECT_NE(filled, empty);
    ASSERT_TRUE(store_->upsert_tracks(tracks));
    EXPECT_EQ(version(), filled) << "importing the same catalogue again is no change";
    tracks[0].moods[0] += 0.25F;
    ASSERT_TRUE(store_->upsert_tracks(tracks));
    const std::string edited = version();
    EXPECT_NE(edited, filled);
    ASSERT_TRUE(probe_->execute("UPDATE tracks SET active = 0 WHERE track_id = 't-1'"));
    const std::string by_hand = version();
    EXPECT_NE(by_hand, edited);
    ASSERT_TRUE(probe_->execute("DELETE FROM tracks WHERE track_id = 't-1'"));
    EXPECT_NE(version(), by_hand);
}

TEST_F(CatalogueRowsTest, AnEditThatCommitsLateIsNoticed) {
    // It carries the older time, so the newest one alone would not show it.
    ASSERT_TRUE(store_->upsert_tracks(test::sample_tracks()));
    ASSERT_TRUE(probe_->execute("START TRANSACTION"));
    ASSERT_TRUE(probe_->execute("UPDATE tracks SET genre = 'ambient' WHERE track_id = 't-1'"));
    Track another = test::sample_tracks()[1];
    another.title = "changed later, committed earlier";
    ASSERT_TRUE(store_->upsert_tracks({&another, 1}));
    const std::string before = version();
    ASSERT_TRUE(probe_->execute("COMMIT"));
    EXPECT_NE(version(), before);
}

TEST_F(CatalogueRowsTest, TracksAreFoundByTextAndGenre) {
    std::vector<Track> tracks = test::sample_tracks();
    tracks[0].active = false;
    ASSERT_TRUE(store_->upsert_tracks(tracks));
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
    EXPECT_THAT((*store_->load_catalogue()).size(), 1U);
}

TEST_F(CatalogueRowsTest, StatisticsCountGenresLanguagesAndStrongestMoods) {
    std::vector<Track> tracks = test::sample_tracks();
    tracks.push_back(tracks[0]);
    tracks[2].track_id = "t-3";
    tracks[2].moods = {};
    tracks[2].active = false;
    ASSERT_TRUE(store_->upsert_tracks(tracks));
    const auto stats = store_->catalogue_stats();
    ASSERT_TRUE(stats) << stats.error().to_string();
    using Counts = std::map<std::string, std::uint64_t>;
    EXPECT_EQ(stats->tracks, 3U);
    EXPECT_EQ(stats->active, 2U);
    EXPECT_EQ(stats->by_genre, (Counts{{"classical", 2}, {"kpop", 1}}));
    EXPECT_EQ(stats->by_language, (Counts{{"instrumental", 2}, {"ko", 1}}));
    EXPECT_EQ(stats->by_mood, (Counts{{"calm", 1}, {"energizing", 1}, {"unknown", 1}}));
}

TEST_F(CatalogueRowsTest, ATitleTooLongForItsColumnIsNamed) {
    std::vector<Track> tracks = test::sample_tracks();
    tracks[1].title = std::string(513, 'x');
    const Status status = store_->upsert_tracks(tracks);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(status.error().field, "tracks[1].title");
    EXPECT_EQ(refused_row(status.error())->kind, RefusedRow::Kind::track);
    EXPECT_THAT(found({}), IsEmpty());
}

TEST_F(CatalogueRowsTest, WeightsThatAnOperatorMisspeltAreLeftOut) {
    ASSERT_TRUE(store_->upsert_tracks(test::sample_tracks()));
    ASSERT_TRUE(
        probe_->execute("UPDATE tracks SET moods = '{\"calm\": 0.5, \"clam\": 1, \"sad\": \"much\", "
                        "\"scary\": -1}' WHERE track_id = 't-1'"));
    ASSERT_TRUE(probe_->execute("UPDATE tracks SET moods = '[1, 2]' WHERE track_id <> 't-1'"));
    const auto tracks = store_->load_catalogue();
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

TEST_F(CatalogueRowsTest, ReadingACatalogueTakesThePagesMemoryNotTheCataloguesOwn) {
    // 8,000 tracks of 2 KB each: 16 MB of text passes by.
    constexpr int kTracks = 8'000;
    {
        std::vector<Track> tracks(500, test::sample_tracks()[0]);
        for (int begin = 0; begin < kTracks; begin += 500) {
            for (int at = 0; at < 500; ++at) {
                tracks[at].track_id = "track-" + std::to_string(begin + at);
                tracks[at].uri = std::string(2000, 'u');
            }
            const Status stored = store_->upsert_tracks(tracks);
            ASSERT_TRUE(stored) << stored.error().to_string();
        }
    }
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak starts over
    const long before_kb = peak_memory_kb();
    int seen = 0;
    ASSERT_TRUE(store_->for_each_track({}, [&](Track&&) { ++seen; }));
    EXPECT_EQ(seen, kTracks);
    EXPECT_LT(peak_memory_kb() - before_kb, 8'000);
}
#endif

}  // namespace
}  // namespace bgm
