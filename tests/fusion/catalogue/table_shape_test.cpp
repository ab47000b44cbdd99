// Tables as Excel saves them in Korea and in Europe: separators, line ends and headers in the language of the
// place are found out and said; a table that nothing can be made of says why.
#include "fusion/catalogue/table_shape.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "fusion/catalogue/catalogue_reader.hpp"
#include "fusion/catalogue/header_names.hpp"

namespace bgm {
namespace {

struct Reading {
    std::vector<Track> tracks;
    Result<ReadReport> report = ReadReport{};
};

Reading read(std::string_view text, CatalogueFormat format = CatalogueFormat::csv,
             const ColumnMapping& mapping = own_columns()) {
    Reading reading;
    reading.report = read_tracks(text, format, mapping,
                                 [&](Track&& track) { reading.tracks.push_back(std::move(track)); });
    return reading;
}

struct Layout {
    const char* name;
    std::string text;
    char separator;
    LineEnds line_ends;
};

class TableLayouts : public testing::TestWithParam<Layout> {};

// The same two tracks in every layout.
TEST_P(TableLayouts, AreFoundOut) {
    const Reading reading = read(GetParam().text);
    ASSERT_TRUE(reading.report) << reading.report.error().message;
    EXPECT_EQ(reading.report->separator, GetParam().separator);
    EXPECT_EQ(reading.report->line_ends, GetParam().line_ends) << name(reading.report->line_ends);
    EXPECT_EQ(reading.report->error_count, 0U);
    ASSERT_EQ(reading.tracks.size(), 2U);
    EXPECT_EQ(reading.tracks[0].title, "봄날; 다시, 봄");
    EXPECT_EQ(reading.tracks[0].artist, "방탄소년단");
    EXPECT_EQ(reading.tracks[1].title, "두 줄 제목");
    EXPECT_EQ(reading.tracks[1].artist, "A");
}

std::vector<Layout> layouts() {
    std::vector<Layout> all;
    const std::pair<const char*, char> separators[] = {
        {"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"bar", '|'}};
    const std::tuple<const char*, const char*, LineEnds> ends[] = {
        {"lf", "\n", LineEnds::lf}, {"crlf", "\r\n", LineEnds::crlf}, {"cr", "\r", LineEnds::cr}};
    static std::vector<std::string> names;
    names.reserve(64);
    for (const auto& [separator_word, separator] : separators) {
        for (const auto& [ends_word, end, line_ends] : ends) {
            for (const bool stated : {false, true}) {
                std::string text = stated ? "sep=" + std::string(1, separator) + end : "\xEF\xBB\xBF";
                text += std::string("title") + separator + "artist" + end;
                text += std::string("\"봄날; 다시, 봄\"") + separator + "방탄소년단" + end;
                text += std::string("\"두 줄\n제목\"") + separator + "A";
                names.push_back(std::string(separator_word) + "_" + ends_word + (stated ? "_stated" : ""));
                all.push_back({names.back().c_str(), text, separator, line_ends});
            }
        }
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(All, TableLayouts, testing::ValuesIn(layouts()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(TableShape, KnownHeadersDecideWhatTheCountOfSeparatorsDoesNot) {
    EXPECT_EQ(read("title;artist;moods\na, b, c;d;joyful:0.5,sad:0.5\n").report->separator, ';');
    EXPECT_EQ(read("title,artist,moods\nx,y,joyful:0.5;sad:0.5\n").report->separator, ',');
    ColumnMapping mapping = own_columns();
    mapping.column(TrackField::title) = "song name";
    mapping.column(TrackField::artist) = "by";
    EXPECT_EQ(read("song name;by;a,b,c,d\nx;y;z\n", CatalogueFormat::csv, mapping).report->separator, ';');
    mapping.has_header = false;
    mapping.column(TrackField::title) = "1";
    mapping.column(TrackField::artist) = "2";
    EXPECT_EQ(read("x;y\nz;w\n", CatalogueFormat::csv, mapping).tracks.size(), 2U);
}

TEST(TableShape, TakesADecimalCommaWhereSomethingElseSeparates) {
    const Reading reading =
        read("title;artist;valence;tempo_bpm;moods\nx;y;-0,75;120,5;\"joyful:0,6;sad:0,4\"\n");
    ASSERT_EQ(reading.tracks.size(), 1U);
    EXPECT_FLOAT_EQ(reading.tracks[0].affect.valence, -0.75F);
    EXPECT_FLOAT_EQ(reading.tracks[0].tempo_bpm, 120.5F);
    EXPECT_FLOAT_EQ(reading.tracks[0].moods[static_cast<std::size_t>(Mood::joyful)], 0.6F);
}

TEST(TableShape, CountsLinesWhateverEndsThem) {
    for (const std::string text :
         {"sep=;\rtitle;artist\r\"a\rb\";c\r;d\re;f", "sep=;\ntitle;artist\n\"a\nb\";c\n;d\ne;f",
          "sep=;\r\ntitle;artist\r\n\"a\r\nb\";c\r\n;d\r\ne;f"}) {
        const Reading reading = read(text);
        ASSERT_TRUE(reading.report);
        ASSERT_EQ(reading.report->error_count, 1U);
        EXPECT_EQ(reading.report->errors[0].line, 5U);
    }
}

TEST(TableShape, AcceptsEmptyCellsBehindTheHeader) {
    EXPECT_EQ(read("title,artist\nx,y,,\n").tracks.size(), 1U);
    EXPECT_EQ(read("title,artist\nx,y,,z\na,b\n").report->error_count, 1U);
}

TEST(TableShape, OtherFormatsTakeLoneCarriageReturnsToo) {
    EXPECT_EQ(read("title\tartist\rx\ty\r", CatalogueFormat::tsv).tracks.size(), 1U);
    EXPECT_EQ(read("title\tartist\nx\rx\ty\n", CatalogueFormat::tsv).tracks.at(0).title, "x x");
    EXPECT_EQ(read("{\"title\": \"x\", \"artist\": \"y\"}\r{\"title\": \"z\", \"artist\": \"y\"}\r",
                   CatalogueFormat::jsonl)
                  .tracks.size(),
              2U);
    EXPECT_EQ(parse_mood_map("신남\tjoyful\r우울\tsad\r")->meanings.size(), 2U);
}

// A report's name and date above the header, as people keep them in spreadsheets; lines are counted from the
// file's first.
TEST(TableShape, FindsTheHeaderBelowOtherRows) {
    for (const std::string above :
         {"우리 가게 음악 목록,,\r\n2024년 5월,,\r\n,,\r\n", "목록\r\n\r\n\r\n", "# a\n# b\n# c\n"}) {
        for (const std::string mark : {"", "\xEF\xBB\xBF"}) {
            const Reading reading = read(mark + above + "번호,제목,가수\r\n1,봄날,방탄소년단\r\n2,짧다\r\n");
            ASSERT_TRUE(reading.report) << above << reading.report.error().message;
            ASSERT_EQ(reading.tracks.size(), 1U);
            EXPECT_EQ(reading.tracks[0].title, "봄날");
            ASSERT_EQ(reading.report->errors.size(), 1U);
            EXPECT_EQ(reading.report->errors[0].line, 6U) << above;
        }
    }
    const Reading semicolons = read("Musique, de A à Z;;\r\nTitre;Artiste;Valence\r\nÉté;Zaz;0,5\r\n");
    ASSERT_EQ(semicolons.tracks.size(), 1U);
    EXPECT_EQ(semicolons.report->separator, ';');
    EXPECT_EQ(read("title,artist\ntitle,artist\n").tracks.size(), 1U) << "a track may be called so";
}

TEST(TableShape, TakesAQuotedDecimalCommaAmongCommas) {
    const Reading reading = read("title,artist,valence,tempo_bpm\na,b,\"-0,75\",\"120,5\"\n");
    ASSERT_EQ(reading.tracks.size(), 1U);
    EXPECT_FLOAT_EQ(reading.tracks[0].affect.valence, -0.75F);
    EXPECT_FLOAT_EQ(reading.tracks[0].tempo_bpm, 120.5F);
    EXPECT_FALSE(read("title,artist,tempo_bpm\na,b,\"1,205\"\n").report) << "may be a thousand";
}

TEST(HeaderNames, AreKnownInAnyCaseAndAsMusicProgramsWriteThem) {
    for (const auto& [title, artist] : {std::pair{"Название", "ИСПОЛНИТЕЛЬ"},
                                        {"Track Name", "Artist Name(s)"},
                                        {"Songtitel", "Sänger"},
                                        {"Morceau", "Interprète"},
                                        {"トラック名", "演奏者"},
                                        {"노래제목", "가수이름"},
                                        {"Canción", "Cantante"}}) {
        EXPECT_EQ(field_of_header(title), TrackField::title) << title;
        EXPECT_EQ(field_of_header(artist), TrackField::artist) << artist;
    }
}

TEST(HeaderNames, AreKnownInSeveralLanguages) {
    const std::pair<const char*, TrackField> names[] = {
        {"제목", TrackField::title},
        {"곡명", TrackField::title},
        {"노래 제목", TrackField::title},
        {"가수", TrackField::artist},
        {"아티스트", TrackField::artist},
        {"앨범", TrackField::album},
        {"장르", TrackField::genre},
        {"언어", TrackField::language},
        {"기분", TrackField::mood},
        {"재생 시간(초)", TrackField::duration_s},
        {"템포", TrackField::tempo_bpm},
        {"링크", TrackField::uri},
        {"Title", TrackField::title},
        {"ARTIST", TrackField::artist},
        {"Track Name", TrackField::title},
        {"Titel", TrackField::title},
        {"KÜNSTLER", TrackField::artist},
        {"Interpret", TrackField::artist},
        {"Durée", TrackField::duration_s},
        {"Título", TrackField::title},
        {"Género", TrackField::genre},
        {"曲名", TrackField::title},
        {"アーティスト", TrackField::artist},
        {"歌手", TrackField::artist},
        {"duration_ms", TrackField::duration_ms},
        {" BPM ", TrackField::tempo_bpm},
    };
    for (const auto& [header, field] : names)
        EXPECT_EQ(field_of_header(header), field) << header;
    for (const char* header : {"", "번호", "duration", "tempo", "비고", "youtube_top_url"})
        EXPECT_FALSE(field_of_header(header)) << header;
}

TEST(HeaderNames, ReadAKoreanTableAndSayWhichColumnIsWhich) {
    const Reading reading =
        read("번호,곡명,가수,앨범,장르,재생시간,기분,19금\n1,밤편지,아이유,밤편지,발라드,4:13,calm,X\n");
    ASSERT_EQ(reading.tracks.size(), 1U);
    EXPECT_EQ(reading.tracks[0].title, "밤편지");
    EXPECT_EQ(reading.tracks[0].genre, "발라드");
    EXPECT_EQ(reading.tracks[0].duration_ms, 253'000U);
    EXPECT_FALSE(reading.tracks[0].is_explicit);
    const auto& columns = reading.report->columns;
    const auto title = std::find_if(columns.begin(), columns.end(),
                                    [](const ColumnUse& use) { return use.field == TrackField::title; });
    ASSERT_NE(title, columns.end());
    EXPECT_EQ(title->column, "곡명");
    // What a file calls by the field's own name comes first.
    EXPECT_EQ(read("Song,title,artist\nwrong,right,a\n").tracks.at(0).title, "right");
}

TEST(HeaderNames, SayWhatIsMissing) {
    const Reading reading = read("이름만\n봄날\n");
    ASSERT_FALSE(reading.report);
    EXPECT_EQ(reading.report.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(reading.report.error().field, "title");
    EXPECT_NE(reading.report.error().message.find("이름만"), std::string::npos);
    EXPECT_EQ(read("title;no\nx;y\n").report.error().field, "artist");
}

}  // namespace
}  // namespace bgm
