// Real catalogues, as their makers published them, are imported whole with the presets: no row is lost, and
// the moods come out where the sets' own labels say. The files are not part of this repository; without them
// the tests skip.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "fusion/catalogue/catalogue_reader.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;

fs::path catalogue_folder() {
    const char* shared = std::getenv("BGM_SHARED_DIR");
    return (shared != nullptr ? fs::path(shared) : fs::path(BGM_SOURCE_DIR) / ".." / "shared") / "data" /
           "catalogue";
}

std::string content(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

Mood strongest(const Track& track) {
    return static_cast<Mood>(std::max_element(track.moods.begin(), track.moods.end()) - track.moods.begin());
}

class SharedCatalogues : public ::testing::Test {
 protected:
    void SetUp() override {
        if (!fs::exists(catalogue_folder()))
            GTEST_SKIP() << "no " << catalogue_folder() << " (set BGM_SHARED_DIR)";
    }

    // Reads a file that must come out whole.
    ReadReport import(const fs::path& file, std::string_view preset) {
        const auto report =
            read_tracks(content(catalogue_folder() / file), *catalogue_format_of_file(file.string()),
                        *column_preset(preset), [&](Track&& track) { tracks_.push_back(std::move(track)); });
        EXPECT_TRUE(report.ok()) << file << ": " << report.error().to_string();
        if (!report.ok()) return {};
        for (const RowError& error : report->errors) {
            ADD_FAILURE() << file << " line " << error.line << ": " << error.field << ": " << error.reason;
        }
        EXPECT_EQ(report->without_mood_count, preset == "opengameart" ? report->without_mood_count : 0U)
            << file;
        return *report;
    }

    std::vector<Track> tracks_;
};

TEST_F(SharedCatalogues, MoodsicIsImportedWhole) {
    const ReadReport report = import("moodsic_database.csv", "moodsic");
    EXPECT_EQ(report.track_count, 5250U);
    EXPECT_EQ(report.repeated_count, 930U) << "songs that were in the charts for several years";
    std::map<std::string, int> genres;
    for (const Track& track : tracks_)
        ++genres[track.genre];
    EXPECT_EQ(genres["kpop"], 3171);
    EXPECT_EQ(genres["pop"], 2079);
}

TEST_F(SharedCatalogues, LastfmClustersComeOutInTheMoodOfTheirLetter) {
    std::size_t file_count = 0;
    for (const auto& entry : fs::directory_iterator(catalogue_folder() / "lastfm_clusters")) {
        tracks_.clear();
        import(fs::path("lastfm_clusters") / entry.path().filename(), "lastfm_clusters");
        const char letter = entry.path().filename().string().front();
        for (const Track& track : tracks_)
            EXPECT_EQ(static_cast<int>(strongest(track)), letter - 'A') << track.title;
        ++file_count;
        EXPECT_GE(tracks_.size(), 181U) << entry.path();
    }
    EXPECT_EQ(file_count, 19U);
}

TEST_F(SharedCatalogues, LastfmMoodsAreAllUnderstood) {
    std::size_t track_count = 0;
    std::set<Mood> moods;
    for (const auto& entry : fs::directory_iterator(catalogue_folder() / "lastfm_moods")) {
        tracks_.clear();
        track_count += import(fs::path("lastfm_moods") / entry.path().filename(), "lastfm_moods").track_count;
        if (!tracks_.empty()) moods.insert(strongest(tracks_.front()));
        EXPECT_TRUE(
            std::any_of(tracks_.begin(), tracks_.end(), [](const Track& t) { return t.duration_ms > 60000; }))
            << entry.path() << ": durations are in seconds";
    }
    EXPECT_EQ(track_count, 44U * 222 + 59);
    EXPECT_GE(moods.size(), 9U);
}

TEST_F(SharedCatalogues, OpenGameArtIsImportedWholeWithItsLicences) {
    const ReadReport report = import("opengameart.json", "opengameart");
    EXPECT_EQ(report.track_count, 19U);
    EXPECT_EQ(report.repeated_count, 0U);
    EXPECT_LE(report.without_mood_count, 7U) << "some have tags that say nothing of a mood";
    for (const Track& track : tracks_) {
        EXPECT_FALSE(track.license.empty()) << track.title;
        EXPECT_TRUE(track.uri.starts_with("https://opengameart.org/")) << track.title;
    }
}

}  // namespace
}  // namespace bgm
