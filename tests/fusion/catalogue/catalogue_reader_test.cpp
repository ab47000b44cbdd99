// The reader takes what is right out of a catalogue file and says precisely what is wrong with the rest: the
// line, the field, the reason. Nothing in a file may crash it or shift one column into another.
#include "fusion/catalogue/catalogue_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace bgm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Reading {
    Result<ReadReport> report = Error{};
    std::vector<Track> tracks;
};

Reading read(std::string_view text, CatalogueFormat format, const ColumnMapping& mapping = own_columns()) {
    Reading reading;
    reading.report = read_tracks(text, format, mapping,
                                 [&](Track&& track) { reading.tracks.push_back(std::move(track)); });
    return reading;
}

std::vector<std::string> titles(const Reading& reading) {
    std::vector<std::string> result;
    for (const Track& track : reading.tracks)
        result.push_back(track.title);
    return result;
}

float weight(const Track& track, Mood mood) {
    return track.moods.at(static_cast<std::size_t>(mood));
}

TEST(CatalogueReader, ReadsEveryFieldOfARow) {
    const Reading reading = read(
        R"({"track_id": "a:1", "title": "아리랑", "artist": "Traditional", "album": "Songs", "genre": "Folk", "language": "ko",)"
        R"( "duration_ms": 183000, "tempo_bpm": 72.5, "explicit": false, "uri": "https://example.org/a", "license": "CC0",)"
        R"( "moods": {"sad": 0.6, "beautiful": 0.4}, "valence": -0.25, "arousal": -0.5, "source": "mine", "active": false})",
        CatalogueFormat::jsonl);
    ASSERT_TRUE(reading.report.ok()) << reading.report.error().to_string();
    ASSERT_EQ(reading.tracks.size(), 1U);
    const Track& track = reading.tracks[0];
    EXPECT_EQ(track.track_id, "a:1");
    EXPECT_EQ(track.title, "아리랑");
    EXPECT_EQ(track.artist, "Traditional");
    EXPECT_EQ(track.album, "Songs");
    EXPECT_EQ(track.genre, "folk");
    EXPECT_EQ(track.language, "ko");
    EXPECT_EQ(track.duration_ms, 183000U);
    EXPECT_FLOAT_EQ(track.tempo_bpm, 72.5F);
    EXPECT_FALSE(track.is_explicit);
    EXPECT_EQ(track.uri, "https://example.org/a");
    EXPECT_EQ(track.license, "CC0");
    EXPECT_FLOAT_EQ(weight(track, Mood::sad), 0.6F);
    EXPECT_FLOAT_EQ(weight(track, Mood::beautiful), 0.4F);
    EXPECT_FLOAT_EQ(track.affect.valence, -0.25F);
    EXPECT_FLOAT_EQ(track.affect.arousal, -0.5F);
    EXPECT_EQ(track.source, "mine");
    EXPECT_FALSE(track.active);
}

TEST(CatalogueReader, WritesLinesThatReadBackAsTheSameTrack) {
    Track track;
    track.track_id = "x:\"1\"";
    track.title = "Tab\\back \"quote\" 🎵";
    track.artist = "Ä";
    track.duration_ms = 1;
    track.tempo_bpm = 0.1F;
    track.is_explicit = true;
    track.moods = {0.1F, 0, 0.3F, 0, 0, 1.0F / 3, 0, 0, 0, 0, 0, 0, 0.2F};
    track.affect = {-1.0F / 7, 0.3F};
    track.active = false;
    const Reading reading = read(to_json_line(track), CatalogueFormat::jsonl);
    ASSERT_EQ(reading.tracks.size(), 1U) << reading.report.error().to_string();
    const Track& again = reading.tracks[0];
    EXPECT_EQ(to_json_line(again), to_json_line(track));
    EXPECT_EQ(again.moods, track.moods);
    EXPECT_EQ(again.title, track.title);
    EXPECT_EQ(again.affect.valence, track.affect.valence);
}

TEST(CatalogueReader, FollowsTheCsvStandardThroughQuotesLineEndsAndByteOrderMark) {
    const Reading reading = read(
        "\xEF\xBB\xBFtitle,artist\r\n\"Comma, inside\",A\r\n\"Quote "
        "\"\"inside\"\"\",B\r\n\r\n\"Line\r\nend\",C\nLast,D",
        CatalogueFormat::csv);
    ASSERT_TRUE(reading.report.ok());
    EXPECT_THAT(titles(reading), ElementsAre("Comma, inside", "Quote \"inside\"", "Line end", "Last"));
    EXPECT_EQ(reading.report->error_count, 0U);
}

TEST(CatalogueReader, CountsLinesThroughQuotedLineEnds) {
    const Reading reading = read("title,artist\n\"one\ntwo\nthree\",A\n,B\n", CatalogueFormat::csv);
    ASSERT_EQ(reading.report->errors.size(), 1U);
    EXPECT_EQ(reading.report->errors[0].line, 5U);
    EXPECT_EQ(reading.report->errors[0].field, "title");
    EXPECT_EQ(reading.report->errors[0].reason, "missing");
}

TEST(CatalogueReader, LosesOneRowToAStrayQuoteAndNotTheRest) {
    const Reading never_closed =
        read("title,artist\nGood,A\n\"Never closed,B\nAlso good,C\n", CatalogueFormat::csv);
    EXPECT_THAT(titles(never_closed), ElementsAre("Good", "Also good"));
    ASSERT_EQ(never_closed.report->error_count, 1U);
    EXPECT_EQ(never_closed.report->errors[0].line, 3U);

    const Reading text_after = read("title,artist\n\"Half\" quoted,A\nGood,B\n", CatalogueFormat::csv);
    EXPECT_THAT(titles(text_after), ElementsAre("Good"));
    EXPECT_THAT(text_after.report->errors[0].reason, HasSubstr("after a closing quote"));
}

TEST(CatalogueReader, RefusesARowWithMoreOrFewerColumnsThanTheHeader) {
    const Reading reading = read("title,artist\nA,B,C\nGood,B\nShort\n", CatalogueFormat::csv);
    EXPECT_THAT(titles(reading), ElementsAre("Good"));
    EXPECT_EQ(reading.report->error_count, 2U);
    EXPECT_THAT(reading.report->errors[0].reason, HasSubstr("3 columns where the header has 2"));
}

TEST(CatalogueReader, TakesQuotesLiterallyInTsv) {
    const Reading reading = read("title\tartist\n\"Heroes\"\tA\n5\" under\tB\n", CatalogueFormat::tsv);
    EXPECT_THAT(titles(reading), ElementsAre("\"Heroes\"", "5\" under"));
}

TEST(CatalogueReader, TakesColumnsByNumberWhereThereIsNoHeader) {
    ColumnMapping mapping;
    mapping.has_header = false;
    mapping.column(TrackField::artist) = "1";
    mapping.column(TrackField::title) = "3";
    const Reading reading = read("A,ignored,One\nB,ignored,Two\n", CatalogueFormat::csv, mapping);
    EXPECT_THAT(titles(reading), ElementsAre("One", "Two"));
    EXPECT_EQ(reading.tracks[1].artist, "B");
}

TEST(CatalogueReader, NamesAMappedColumnThatTheHeaderLacks) {
    ColumnMapping mapping = own_columns();
    ASSERT_TRUE(apply_column(mapping, "title=song").ok());
    const Reading reading = read("name,artist\nA,B\n", CatalogueFormat::csv, mapping);
    ASSERT_FALSE(reading.report.ok());
    EXPECT_EQ(reading.report.error().field, "title");
    EXPECT_THAT(reading.report.error().message,
                HasSubstr("no column 'song' in the header; there are name, artist"));
}

TEST(CatalogueReader, SaysWhichFieldOfARowIsWrongAndWhy) {
    struct Case {
        std::string_view members;
        std::string_view field;
        std::string_view reason;
    };
    const Case cases[] = {
        {R"("title": "T")", "artist", "missing"},
        {R"("artist": "A")", "title", "missing"},
        {R"("title": "T", "artist": "A", "duration_ms": -5)", "duration_ms", "outside"},
        {R"("title": "T", "artist": "A", "duration_ms": 99999999999)", "duration_ms", "outside"},
        {R"("title": "T", "artist": "A", "tempo_bpm": "fast")", "tempo_bpm", "'fast' is not a number"},
        {R"("title": "T", "artist": "A", "tempo_bpm": "nan")", "tempo_bpm", "not a number"},
        {R"("title": "T", "artist": "A", "valence": 1.5)", "valence", "outside -1..1"},
        {R"("title": "T", "artist": "A", "explicit": "maybe")", "explicit", "true or false"},
        {R"("title": "T", "artist": "A", "moods": {"sadd": 1})", "moods",
         "'sadd' is not one of the 13 moods"},
        {R"("title": "T", "artist": "A", "moods": {"sad": -1})", "moods", "not a number >= 0"},
        {R"("title": "T", "artist": "A", "mood": "sadd")", "mood", "'sadd' is not in the mood map"},
        {R"("title": "T\u0000", "artist": "A")", "title", "control character"},
        {R"("title": "T", "artist": "A", "uri": "file:a\nb.mp3")", "uri", "holds a line break"},
        {R"("title": "T", "artist": "A", "uri": "file:a\tb.mp3")", "uri", "control character"},
    };
    for (const Case& one : cases) {
        const std::string text =
            "{" + std::string(one.members) + "}\n" + R"({"title": "Good", "artist": "A"})" + "\n";
        const Reading reading = read(text, CatalogueFormat::jsonl);
        ASSERT_TRUE(reading.report.ok()) << one.members;
        ASSERT_EQ(reading.report->errors.size(), 1U) << one.members;
        EXPECT_EQ(reading.report->errors[0].line, 1U);
        EXPECT_EQ(reading.report->errors[0].field, one.field) << one.members;
        EXPECT_THAT(reading.report->errors[0].reason, HasSubstr(std::string(one.reason))) << one.members;
        EXPECT_THAT(titles(reading), ElementsAre("Good"));
    }
}

TEST(CatalogueReader, KeepsEveryByteOfAnAddress) {
    const Reading reading =
        read("{\"title\": \"T  of\\n two\", \"artist\": \"A\", \"uri\": \" file:a  b.mp3\\n\"}",
             CatalogueFormat::jsonl);
    EXPECT_THAT(titles(reading), ElementsAre("T of two"));
    EXPECT_EQ(reading.tracks.at(0).uri, "file:a  b.mp3") << "the name of a file may hold two spaces";
}

TEST(CatalogueReader, RefusesInvalidUtf8InTheRowThatHoldsIt) {
    const Reading reading = read("title,artist\nBad \xC3\x28,A\nGood,B\n", CatalogueFormat::csv);
    EXPECT_THAT(titles(reading), ElementsAre("Good"));
    ASSERT_EQ(reading.report->errors.size(), 1U);
    EXPECT_EQ(reading.report->errors[0].reason, "not valid UTF-8");
    const Reading json =
        read("{\"title\": \"\xFF\", \"artist\": \"A\"}\n{\"title\": \"Good\", \"artist\": \"A\"}",
             CatalogueFormat::jsonl);
    EXPECT_THAT(titles(json), ElementsAre("Good"));
}

TEST(CatalogueReader, FailsAsAWholeOnlyWhereNoRowCouldBeRead) {
    const Reading broken = read("not json\nnor this\n", CatalogueFormat::jsonl);
    ASSERT_FALSE(broken.report.ok());
    EXPECT_EQ(broken.report.error().code, ErrorCode::corrupt);
    EXPECT_THAT(broken.report.error().message, HasSubstr("none of 2 rows"));
    const Reading empty = read("", CatalogueFormat::csv);
    ASSERT_TRUE(empty.report.ok());
    EXPECT_EQ(empty.report->row_count, 0U);
}

TEST(CatalogueReader, CountsEveryErrorAndKeepsTheFirst) {
    std::string text = R"({"title": "Good", "artist": "A"})"
                       "\n";
    for (int i = 0; i < 100; ++i)
        text += "{}\n";
    const Reading reading = read(text, CatalogueFormat::jsonl);
    EXPECT_EQ(reading.report->row_count, 101U);
    EXPECT_EQ(reading.report->error_count, 100U);
    EXPECT_EQ(reading.report->errors.size(), kRowErrorsKept);
}

TEST(CatalogueReader, ReadsOneJsonArrayAndPathsIntoNestedObjects) {
    ColumnMapping mapping;
    mapping.column(TrackField::title) = "name";
    mapping.column(TrackField::artist) = "by.name";
    const Reading reading = read(R"([{"name": "Brace } in {text", "by": {"name": "A"}},
        {"name": "Quote \" here", "by": {"name": "B"}}, {"name": "No artist", "by": 3}])",
                                 CatalogueFormat::json, mapping);
    EXPECT_THAT(titles(reading), ElementsAre("Brace } in {text", "Quote \" here"));
    ASSERT_EQ(reading.report->errors.size(), 1U);
    EXPECT_EQ(reading.report->errors[0].line, 2U);
}

TEST(CatalogueReader, SurvivesHostileText) {
    const std::string deep_object = [] {
        std::string text;
        for (int i = 0; i < 50000; ++i)
            text += "{\"a\":";
        return text;
    }();
    const std::string hostile[] = {
        std::string(100, '\0'),
        std::string(3U << 20, '"'),
        "title,artist\n" + std::string(3U << 20, 'x'),
        "title,artist\n\"" + std::string(3U << 20, '\n'),
        std::string(5000, ','),
        "[" + std::string(100000, '['),
        "[{\"a\": \"\\",
        "[{",
        deep_object,
        deep_object + "1" + std::string(50000, '}'),
        "{\"title\": {\"a\": [[[[]]]]}, \"artist\": [null, {\"x\": []}]}",
        "\r\n\r\n\r",
        "\xEF\xBB\xBF",
    };
    for (const std::string& text : hostile) {
        for (const auto format :
             {CatalogueFormat::csv, CatalogueFormat::tsv, CatalogueFormat::jsonl, CatalogueFormat::json}) {
            EXPECT_TRUE(read(text, format).tracks.empty());
        }
    }
}

TEST(CatalogueReader, DerivesTheSameIdForTheSameArtistAndTitle) {
    ColumnMapping mapping = own_columns();
    mapping.defaults.source = "mine";
    const Reading reading =
        read("title,artist\nSong,Band\nSONG,band\nSong,Other\nSongB,and\n", CatalogueFormat::csv, mapping);
    ASSERT_EQ(reading.tracks.size(), 4U);
    EXPECT_EQ(reading.tracks[0].track_id, reading.tracks[1].track_id);
    EXPECT_NE(reading.tracks[0].track_id, reading.tracks[2].track_id);
    EXPECT_NE(reading.tracks[0].track_id, reading.tracks[3].track_id);
    EXPECT_TRUE(reading.tracks[0].track_id.starts_with("mine:"));
    EXPECT_EQ(reading.report->repeated_count, 1U);
}

TEST(CatalogueReader, SpreadsTheDoubtOfAConfidenceOverTheOtherWords) {
    ColumnMapping mapping = *column_preset("moodsic");
    const Reading reading =
        read("title,artist,class,youtube_top_url,mood,per\nSure,A,pop,,sad,1.0\nUnsure,A,pop,,sad,0.4\n",
             CatalogueFormat::csv, mapping);
    ASSERT_EQ(reading.tracks.size(), 2U);
    const Track& sure = reading.tracks[0];
    const Track& unsure = reading.tracks[1];
    EXPECT_FLOAT_EQ(weight(sure, Mood::joyful), 0);
    EXPECT_GT(weight(unsure, Mood::joyful), 0);
    EXPECT_FLOAT_EQ(weight(unsure, Mood::calm), 0) << "no word of the set speaks of calm";
    EXPECT_LT(weight(unsure, Mood::sad), weight(sure, Mood::sad));
    EXPECT_GT(unsure.affect.valence, sure.affect.valence);
    for (const Track& track : reading.tracks) {
        EXPECT_NEAR(std::accumulate(track.moods.begin(), track.moods.end(), 0.0F), 1, 1e-5);
    }
}

TEST(CatalogueReader, AveragesSeveralWordsAndPassesOverUnknownFreeTags) {
    const Reading reading = read(
        R"([{"name": "N", "author": "A", "tags": ["flute", "victory", "Happy"]}, {"name": "M", "author": "A", "tags": []}])",
        CatalogueFormat::json, *column_preset("opengameart"));
    ASSERT_EQ(reading.tracks.size(), 2U);
    EXPECT_FLOAT_EQ(weight(reading.tracks[0], Mood::triumphant), 0.5F);
    EXPECT_FLOAT_EQ(weight(reading.tracks[0], Mood::joyful), 0.5F);
    EXPECT_EQ(reading.report->without_mood_count, 1U);
}

TEST(CatalogueReader, ScalesWeightsAboveOne) {
    const Reading reading = read("title,artist,moods\nT,A,sad:60;calm:40\n", CatalogueFormat::csv);
    ASSERT_EQ(reading.tracks.size(), 1U);
    EXPECT_FLOAT_EQ(weight(reading.tracks[0], Mood::sad), 0.6F);
}

TEST(MoodMap, IsReadFromLinesOfWordMoodsAndPlace) {
    const auto map = parse_mood_map("# ours\n신남\tenergizing:2;joyful\t0.8\t0.9\n\nBlue\tsad\n");
    ASSERT_TRUE(map.ok()) << map.error().to_string();
    const auto bright = map->find("신남");
    ASSERT_TRUE(bright.has_value());
    EXPECT_FLOAT_EQ(bright->moods.at(static_cast<std::size_t>(Mood::energizing)), 2.0F / 3);
    EXPECT_FLOAT_EQ(bright->affect->arousal, 0.9F);
    EXPECT_TRUE(map->find("BLUE").has_value());
    EXPECT_FALSE(map->find("green").has_value());
}

TEST(MoodMap, NamesTheLineOfAMistake) {
    for (const std::string_view text : {"a\tsad\nb\tsadd\n", "a\tsad\nb\n", "a\tsad\nb\tsad\t2\t0\n",
                                        "a\tsad\nb\tsad:0\n", "a\tsad\nA\tcalm\n"}) {
        const auto map = parse_mood_map(text);
        ASSERT_FALSE(map.ok()) << text;
        EXPECT_EQ(map.error().field, "line 2") << text;
    }
    EXPECT_FALSE(parse_mood_map("# nothing\n").ok());
}

TEST(ColumnMapping, SaysWhatItDoesNotKnow) {
    ColumnMapping mapping;
    EXPECT_THAT(apply_column(mapping, "tittle=a").error().message, HasSubstr("mood_confidence"));
    EXPECT_FALSE(apply_column(mapping, "title").ok());
    EXPECT_THAT(column_preset("spotify").error().message, HasSubstr("lastfm_clusters"));
    for (const std::string_view preset : column_preset_names())
        EXPECT_TRUE(column_preset(preset).ok()) << preset;
}

}  // namespace
}  // namespace bgm
