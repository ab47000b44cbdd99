// What was heard in a track, in a real database: every number comes back as it was, the next analysis takes
// the row's place whole, and a value that no column holds changes nothing.
#include "daemon/store/analysis_table.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "tests/daemon/store/migrated_database.hpp"

namespace bgm {
namespace {

using ::testing::IsEmpty;

class AnalysisTableTest : public test::MigratedDatabase {
 protected:
    void SetUp() override {
        test::MigratedDatabase::SetUp();
        execute("DELETE FROM track_analysis");
    }
    static TrackAnalysis sample(const std::string& id) {
        TrackAnalysis analysis{.track_id = id,
                               .model = "builtin-track-1",
                               .analysed_ms = 1'764'403'200'123,
                               .file_bytes = 5'000'000'000,
                               .file_sha256 = std::string(64, 'a'),
                               .seconds = 225.375F,
                               .loudness_lufs = -9.8F,
                               .range_lu = 5.1F,
                               .tempo_bpm = 119.97F,
                               .tempo_confidence = 0.71F,
                               .key_tonic = 9,
                               .key_minor = true,
                               .key_confidence = 0.83F,
                               .energy = 0.66F,
                               .speech = 0.03F,
                               .moment_ms = 65'250,
                               .mood = {},
                               .windows = {},
                               .beats_s = {0.5F, 1.02F, 1.5199F},
                               .embedding_model = "bgm-music-1",
                               .embedding = {0.1F, -2.5F, 0, 1e-20F},
                               .fingerprint = {0, 1, 0xFFFFFFFF, 0x275C0027}};
        for (std::size_t mood = 0; mood < kMoodCount; ++mood)
            analysis.mood.moods.at(mood) = static_cast<float>(mood) / 78;
        analysis.mood.affect = {.valence = -0.25F, .arousal = 0.5F};
        analysis.windows = {{.start_s = 0, .quality = 1, .mood = analysis.mood},
                            {.start_s = 15, .quality = 0.5F, .mood = {}}};
        return analysis;
    }
    /// A table of the numbers below `count`.
    static std::string numbers(int count) {
        std::string sql = "(SELECT 0 AS n";
        for (int n = 1; n < count; ++n)
            sql += " UNION ALL SELECT " + std::to_string(n);
        return sql + ")";
    }
    std::optional<TrackAnalysis> found(const std::string& id) {
        auto analysis = table_.find(id);
        EXPECT_TRUE(analysis) << analysis.error().to_string();
        return analysis ? *analysis : std::nullopt;
    }

    AnalysisTable table_{connection_};
};

void expect_same(const TrackAnalysis& left, const TrackAnalysis& right) {
    EXPECT_EQ(left.track_id, right.track_id);
    EXPECT_EQ(left.model, right.model);
    EXPECT_EQ(left.analysed_ms, right.analysed_ms);
    EXPECT_EQ(left.file_bytes, right.file_bytes);
    EXPECT_EQ(left.file_sha256, right.file_sha256);
    EXPECT_EQ(left.seconds, right.seconds);
    EXPECT_EQ(left.loudness_lufs, right.loudness_lufs);
    EXPECT_EQ(left.range_lu, right.range_lu);
    EXPECT_EQ(left.tempo_bpm, right.tempo_bpm);
    EXPECT_EQ(left.tempo_confidence, right.tempo_confidence);
    EXPECT_EQ(left.key_tonic, right.key_tonic);
    EXPECT_EQ(left.key_minor, right.key_minor);
    EXPECT_EQ(left.key_confidence, right.key_confidence);
    EXPECT_EQ(left.energy, right.energy);
    EXPECT_EQ(left.speech, right.speech);
    EXPECT_EQ(left.moment_ms, right.moment_ms);
    EXPECT_EQ(left.mood.moods, right.mood.moods);
    EXPECT_EQ(left.mood.affect.valence, right.mood.affect.valence);
    EXPECT_EQ(left.mood.affect.arousal, right.mood.affect.arousal);
    EXPECT_EQ(left.beats_s, right.beats_s);
    EXPECT_EQ(left.embedding_model, right.embedding_model);
    EXPECT_EQ(left.embedding, right.embedding);
    EXPECT_EQ(left.fingerprint, right.fingerprint);
    ASSERT_EQ(left.windows.size(), right.windows.size());
    for (std::size_t i = 0; i < left.windows.size(); ++i) {
        EXPECT_EQ(left.windows[i].start_s, right.windows[i].start_s);
        EXPECT_EQ(left.windows[i].quality, right.windows[i].quality);
        EXPECT_EQ(left.windows[i].mood.moods, right.windows[i].mood.moods);
        EXPECT_EQ(left.windows[i].mood.affect.valence, right.windows[i].mood.affect.valence);
        EXPECT_EQ(left.windows[i].mood.affect.arousal, right.windows[i].mood.affect.arousal);
    }
}

TEST_F(AnalysisTableTest, GivesBackWhatItWasGiven) {
    const TrackAnalysis written = sample("t-2 🎹 it's");
    const Status stored = table_.upsert(written);
    ASSERT_TRUE(stored) << stored.error().to_string();
    const auto read = found(written.track_id);
    ASSERT_TRUE(read);
    expect_same(*read, written);
    EXPECT_FALSE(found("another"));
    EXPECT_EQ(first_row("SELECT HEX(embedding) FROM track_analysis").at(0).substr(8, 8), "000020C0")
        << "-2.5, little endian";
}

TEST_F(AnalysisTableTest, TheNextAnalysisTakesItsPlace) {
    ASSERT_TRUE(table_.upsert(sample("t")));
    TrackAnalysis next = sample("t");
    next.model = "builtin-track-2";
    next.file_sha256 = std::string(64, 'b');
    next.tempo_bpm = 0;
    next.beats_s.clear();
    next.windows.pop_back();
    next.fingerprint.clear();
    ASSERT_TRUE(table_.upsert(next));
    EXPECT_EQ(number("SELECT COUNT(*) FROM track_analysis"), 1);
    expect_same(*found("t"), next);
}

TEST_F(AnalysisTableTest, ListsWhichFilesAreKnown) {
    EXPECT_THAT(*table_.files(), IsEmpty());
    ASSERT_TRUE(table_.upsert(sample("t-1")));
    // More than a page of them.
    execute(
        "INSERT INTO track_analysis (SELECT CONCAT('u-', LPAD(a.n * 625 + b.n * 25 + c.n, 4, '0')), model, "
        "analysed_at, file_bytes, file_sha256, seconds, loudness_lufs, range_lu, tempo_bpm, "
        "tempo_confidence, key_tonic, key_minor, key_confidence, energy, speech, moment_ms, moods, "
        "valence, arousal, windows, beats, embedding_model, embedding, fingerprint FROM track_analysis, " +
        numbers(4) + " a, " + numbers(25) + " b, " + numbers(25) + " c)");
    const auto files = table_.files();
    ASSERT_TRUE(files) << files.error().to_string();
    ASSERT_EQ(files->size(), 2'501U);
    EXPECT_EQ(files->front().track_id, "t-1");
    EXPECT_EQ(files->back().track_id, "u-2499");
    EXPECT_EQ(files->back().model, "builtin-track-1");
    EXPECT_EQ(files->back().bytes, 5'000'000'000U);
    EXPECT_EQ(files->back().sha256, std::string(64, 'a'));
}

TEST_F(AnalysisTableTest, RefusesWhatNoColumnHolds) {
    ASSERT_TRUE(table_.upsert(sample("t")));
    TrackAnalysis wrong = sample("t");
    wrong.tempo_bpm = std::numeric_limits<float>::quiet_NaN();
    Status refused = table_.upsert(wrong);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(refused.error().field, "track_analysis.tempo_bpm");
    wrong = sample("t");
    wrong.model = std::string(101, 'm');
    EXPECT_EQ(table_.upsert(wrong).error().field, "track_analysis.model");
    wrong = sample("t");
    wrong.key_tonic = 12;
    EXPECT_EQ(table_.upsert(wrong).error().field, "track_analysis.key_tonic");
    wrong = sample("t");
    wrong.file_sha256 = "a";
    EXPECT_EQ(table_.upsert(wrong).error().field, "track_analysis.file_sha256");
    expect_same(*found("t"), sample("t"));
}

TEST_F(AnalysisTableTest, ReadsWhatSomebodyHasWrittenByHand) {
    ASSERT_TRUE(table_.upsert(sample("t")));
    execute(
        "UPDATE track_analysis SET windows = '{\"a\": 1}', beats = '[1, \"two\", 3]', moods = "
        "'[1]', key_tonic = 200");
    const auto read = found("t");
    ASSERT_TRUE(read);
    EXPECT_THAT(read->windows, IsEmpty());
    EXPECT_EQ(read->beats_s, (std::vector<float>{1, 3}));
    EXPECT_EQ(read->mood.moods, MoodDistribution{});
    EXPECT_LT(read->key_tonic, 12U);
}

}  // namespace
}  // namespace bgm
