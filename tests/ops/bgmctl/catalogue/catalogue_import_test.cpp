// An import changes exactly what it says: tracks are added or replaced, others stay unless --replace takes
// them out of service, a mistake in the file changes nothing that was good, and what is exported can be
// imported again. The same holds for the file of a platform without a database and for the tracks table.
#include "ops/bgmctl/catalogue/catalogue_import.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "daemon/store/migrations.hpp"
#include "fusion/catalogue/track_row.hpp"
#include "tests/daemon/store/private_mariadb.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string content(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

class CatalogueImport : public ::testing::Test {
 protected:
    void SetUp() override {
        std::string folder = (fs::temp_directory_path() / "bgmctl-catalogue-XXXXXX").string();
        ASSERT_NE(::mkdtemp(folder.data()), nullptr);
        folder_ = folder;
        context_.settings.catalogue_file = (folder_ / "catalogue.jsonl").string();
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::string file(const std::string& name, std::string_view text) {
        std::ofstream(folder_ / name, std::ios::binary) << text;
        return (folder_ / name).string();
    }

    Result<ImportOutcome> import(const ImportArguments& arguments) {
        const auto plan = plan_import(arguments);
        if (!plan) return plan.error();
        auto store = open_catalogue_store(context_);
        if (!store) return store.error();
        return import_catalogue(arguments, *plan, arguments.dry_run ? nullptr : store->get(),
                                [](std::uint64_t) {});
    }

    std::map<std::string, Track> stored() {
        std::map<std::string, Track> tracks;
        auto store = open_catalogue_store(context_);
        EXPECT_TRUE(store.ok());
        const auto read = (*store)->for_each({}, [&](Track&& track) {
            std::string id = track.track_id;
            tracks.emplace(std::move(id), std::move(track));
        });
        EXPECT_TRUE(read.ok()) << read.error().to_string();
        return tracks;
    }

    std::vector<std::string> active_ids() {
        std::vector<std::string> ids;
        for (const auto& [id, track] : stored()) {
            if (track.active) ids.push_back(id);
        }
        return ids;
    }

    // The tests below hold for either place.
    void adds_and_replaces_by_id();
    void takes_others_out_of_service_with_replace();
    void reads_back_what_it_exports();

    fs::path folder_;
    BgmctlContext context_;
};

// What Excel saves in Korea and in Europe, and what no track can be made of.
TEST_F(CatalogueImport, ReadsWhatSpreadsheetsSaveAndSaysHow) {
    const std::string cp949 =
        "\xB0\xEE\xB8\xED,\xB0\xA1\xBC\xF6\r\n\xBA\xBD\xB3\xAF,\xB9\xE6\xC5\xBA\xBC\xD2\xB3\xE2\xB4\xDC\r\n";
    const auto korean = import({.file = file("korean.csv", cp949)});
    ASSERT_TRUE(korean.ok()) << korean.error().to_string();
    EXPECT_EQ(korean->encoding, "CP949");
    EXPECT_EQ(korean->report.track_count, 1U);
    const std::string latin = "sep=;\r\nTitel;K\xFCnstler\r\nLied;Die \xC4rzte\r\n";
    const auto german = import({.file = file("german.csv", latin)});
    ASSERT_TRUE(german.ok()) << german.error().to_string();
    EXPECT_EQ(german->encoding, "windows-1252");
    std::string wide = "\xFF\xFE";
    for (const char c : std::string("title\tartist\r\nOne\tA\r\n"))
        wide.append(1, c).append(1, '\0');
    EXPECT_EQ(import({.file = file("unicode.txt", wide)})->report.track_count, 1U);
    std::vector<std::string> names;
    for (const auto& [id, track] : stored())
        names.push_back(track.title + " " + track.artist);
    EXPECT_THAT(names, testing::UnorderedElementsAre("봄날 방탄소년단", "Lied Die Ärzte", "One A"));
    EXPECT_EQ(import({.file = file("asked.csv", cp949), .encoding = "utf-8"}).error().code,
              ErrorCode::invalid_argument);
    EXPECT_EQ(import({.file = file("asked.csv", cp949), .encoding = "EUC-KR"})->report.track_count, 1U);
}

TEST_F(CatalogueImport, AFileWithoutATrackIsAFailureThatNamesTheCause) {
    const std::pair<std::string, const char*> files[] = {
        {file("header.csv", "title,artist\n"), "nothing but a header (title, artist)"},
        {file("empty.json", "[]"), "there is no row"},
        {file("prose.csv", "once upon a time\nthere was\n"), "no column holds the title"},
        {file("workbook.csv", "PK\x03\x04..."), "ZIP"},
        {file("packed.csv", "\x1f\x8b\x08..."), "gzip"},
        {file("photo.csv", "\xFF\xD8\xFF\xE0 JFIF"), "a JPEG picture"},
        {file("page.csv", "<!DOCTYPE html><html></html>"), "a web page"},
        {file("array.csv", "[{\"title\": \"One\", \"artist\": \"A\"}]"), "JSON"},
        {file("lines.csv", "{\"title\":\"One\",\"artist\":\"A\"}\n"), "JSON"},
        {file("nothing.csv", ""), "empty"},
        {file("mark.csv", "\xEF\xBB\xBF"), "empty"},
        {file("blank.csv", " \r\n\r\n"), "empty"},
        {file("noise.csv", std::string("\0\1\2\3\0\0\xff\xfe", 8)), "no text"},
    };
    for (const auto& [path, cause] : files) {
        for (const bool dry_run : {true, false}) {
            const auto outcome = import({.file = path, .dry_run = dry_run});
            ASSERT_FALSE(outcome.ok()) << path;
            EXPECT_THAT(outcome.error().to_string(), HasSubstr(cause));
        }
    }
    EXPECT_EQ(import({.file = file("SONGS.CSV", "title,artist\nOne,A\n")})->report.track_count, 1U);
}

class CatalogueImportToTable : public CatalogueImport {
 protected:
    void SetUp() override {
        CatalogueImport::SetUp();
        auto server = test::PrivateMariaDb::start();
        if (!server && server.error().code == ErrorCode::not_found) GTEST_SKIP() << server.error().message;
        ASSERT_TRUE(server.ok()) << server.error().to_string();
        server_ = *std::move(server);
        const MySqlOptions options = server_->options();
        ASSERT_TRUE(migrate(options).ok());
        context_.settings.mysql = {.host = "",
                                   .port = options.port,
                                   .socket = options.socket,
                                   .user = options.user,
                                   .password = options.password,
                                   .database = options.database};
    }

    std::unique_ptr<test::PrivateMariaDb> server_;
};

void CatalogueImport::adds_and_replaces_by_id() {
    ASSERT_TRUE(
        import({.file = file("a.csv", "track_id,title,artist\na,One,A\nb,Two,B\nb,Two again,B\n")}).ok());
    const auto outcome = import({.file = file("b.csv", "track_id,title,artist\na,One 🎵,A\nc,Three,C\n")});
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    EXPECT_EQ(outcome->report.track_count, 2U);
    const auto tracks = stored();
    ASSERT_THAT(active_ids(), ElementsAre("a", "b", "c"));
    EXPECT_EQ(tracks.at("a").title, "One 🎵");
    EXPECT_EQ(tracks.at("a").source, "b");
    EXPECT_EQ(tracks.at("b").title, "Two again") << "the last row of an id counts";
}

void CatalogueImport::takes_others_out_of_service_with_replace() {
    ASSERT_TRUE(import({.file = file("a.csv", "track_id,title,artist\na,One,A\nb,Two,B\n")}).ok());
    const auto outcome =
        import({.file = file("b.csv", "track_id,title,artist\nb,Two,B\nc,Three,C\n"), .replace = true});
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    EXPECT_EQ(outcome->retired_count, 1U);
    EXPECT_THAT(active_ids(), ElementsAre("b", "c"));
}

void CatalogueImport::reads_back_what_it_exports() {
    ASSERT_TRUE(import({.file = BGM_SOURCE_DIR "/data/catalogue/starter.jsonl"}).ok());
    std::string exported;
    const auto before = stored();
    ASSERT_GE(before.size(), 150U);
    for (const auto& [id, track] : before)
        exported += to_json_line(track) + "\n";
    ASSERT_TRUE(
        import({.file = file("other.csv", "track_id,title,artist\nx,Other,X\n"), .replace = true}).ok());
    ASSERT_TRUE(import({.file = file("again.jsonl", exported), .replace = true}).ok());
    const auto after = stored();
    for (const auto& [id, track] : before) {
        ASSERT_TRUE(after.contains(id)) << id;
        EXPECT_EQ(to_json_line(after.at(id)), to_json_line(track));
    }
}

// Idea: a Mac writes file names with the marks apart, and people type them together; the address stays as it
// is.
TEST_F(CatalogueImport, KeepsNamesAsPeopleTypeThem) {
    const std::string apart = "\u1107\u1161\u1103\u1161 e\u0301";
    const auto outcome =
        import({.file = file("mac.jsonl", R"({"track_id": "sea", "title": ")" + apart + R"(", "artist": ")" +
                                              apart + R"(", "uri": "file:)" + apart + R"(.mp3"})" + "\n")});
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    const Track track = stored().at("sea");
    EXPECT_EQ(track.title, "\uBC14\uB2E4 \u00E9");
    EXPECT_EQ(track.artist, "\uBC14\uB2E4 \u00E9");
    EXPECT_EQ(track.uri, "file:" + apart + ".mp3");
}

TEST_F(CatalogueImport, AddsAndReplacesById) {
    adds_and_replaces_by_id();
}
TEST_F(CatalogueImport, TakesOthersOutOfServiceWithReplace) {
    takes_others_out_of_service_with_replace();
}
TEST_F(CatalogueImport, ReadsBackWhatItExports) {
    reads_back_what_it_exports();
}

TEST_F(CatalogueImportToTable, AddsAndReplacesById) {
    adds_and_replaces_by_id();
}
TEST_F(CatalogueImportToTable, TakesOthersOutOfServiceWithReplaceButKeepsThemForOldPicks) {
    takes_others_out_of_service_with_replace();
    EXPECT_TRUE(stored().contains("a"));
}
TEST_F(CatalogueImportToTable, ReadsBackWhatItExports) {
    reads_back_what_it_exports();
}

TEST_F(CatalogueImport, ChangesNothingOnReplaceWhereARowCannotBeRead) {
    ASSERT_TRUE(import({.file = file("a.csv", "track_id,title,artist\na,One,A\n")}).ok());
    const std::string before = content(context_.settings.catalogue_file);
    const auto outcome =
        import({.file = file("b.csv", "track_id,title,artist\nb,Two,B\nc,,C\n"), .replace = true});
    ASSERT_FALSE(outcome.ok());
    EXPECT_THAT(outcome.error().message, HasSubstr("line 3, title: missing"));
    EXPECT_FALSE(import({.file = file("empty.csv", "track_id,title,artist\n"), .replace = true}).ok());
    EXPECT_EQ(content(context_.settings.catalogue_file), before);
}

TEST_F(CatalogueImport, OnlyReadsInADryRun) {
    const auto outcome = import({.file = file("a.csv", "title,artist\nOne,A\n,B\n"), .dry_run = true});
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(outcome->report.track_count, 1U);
    EXPECT_EQ(outcome->report.error_count, 1U);
    EXPECT_FALSE(fs::exists(context_.settings.catalogue_file));
}

TEST_F(CatalogueImport, DoesNotWriteOverACatalogueThatItCannotRead) {
    file("catalogue.jsonl", "{\"title\": \"Good\", \"artist\": \"A\"}\n{\"title\": \"cut o");
    const std::string before = content(context_.settings.catalogue_file);
    const auto outcome = import({.file = file("a.csv", "title,artist\nOne,A\n")});
    ASSERT_FALSE(outcome.ok());
    EXPECT_THAT(outcome.error().to_string(), HasSubstr("catalogue.jsonl: line 2"));
    EXPECT_EQ(content(context_.settings.catalogue_file), before);
}

TEST_F(CatalogueImport, TakesColumnsAndMoodWordsFromTheCommandLine) {
    const std::string map = file("moods.tsv", "신남\tenergizing:3;joyful:1\n");
    const auto outcome = import({.file = file("songs.tsv", "밤\tA\t신남\t61.5\n"),
                                 .columns = {"title=1", "artist=2", "mood=3", "duration_s=4"},
                                 .mood_map = map,
                                 .source = "mine",
                                 .no_header = true});
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    const auto tracks = stored();
    ASSERT_EQ(tracks.size(), 1U);
    const Track& track = tracks.begin()->second;
    EXPECT_EQ(track.title, "밤");
    EXPECT_EQ(track.duration_ms, 61'500U);
    EXPECT_EQ(track.source, "mine");
    EXPECT_FLOAT_EQ(track.moods.at(static_cast<std::size_t>(Mood::energizing)), 0.75F);
}

TEST_F(CatalogueImport, NamesTheArgumentThatIsWrong) {
    const std::string songs = file("songs.csv", "title,artist\nOne,A\n");
    EXPECT_EQ(import({.file = "songs.xlsx"}).error().field, "format");
    EXPECT_EQ(import({.file = songs, .columns = {"titel=title"}}).error().field, "map");
    EXPECT_EQ(import({.file = songs, .preset = "spotify"}).error().field, "preset");
    EXPECT_EQ(import({.file = songs, .columns = {"title=song"}}).error().field, "title");
    EXPECT_THAT(import({.file = songs, .mood_map = file("bad.tsv", "a\tsad\nb\tsadd\n")}).error().to_string(),
                HasSubstr("bad.tsv line 2: 'sadd' is not one of the 13 moods"));
    EXPECT_EQ(import({.file = (folder_ / "none.csv").string()}).error().code, ErrorCode::not_found);
    EXPECT_EQ(import({.file = folder_.string(), .format = "csv"}).error().code, ErrorCode::unsupported);
    context_.settings.catalogue_file.clear();
    EXPECT_THAT(import({.file = songs}).error().message, HasSubstr("--catalogue-file"));
}

TEST_F(CatalogueImport, FindsTracksByTextAndGenre) {
    Track track;
    track.title = "Clair de lune";
    track.artist = "Claude Debussy";
    track.genre = "classical";
    EXPECT_TRUE((TrackSearch{.text = "DEBUSSY", .genre = ""}.matches(track)));
    EXPECT_TRUE((TrackSearch{.text = "lune", .genre = "classical"}.matches(track)));
    EXPECT_FALSE((TrackSearch{.text = "lune", .genre = "jazz"}.matches(track)));
    EXPECT_FALSE((TrackSearch{.text = "soleil", .genre = ""}.matches(track)));
}

}  // namespace
}  // namespace bgm
