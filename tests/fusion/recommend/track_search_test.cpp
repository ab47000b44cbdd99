// A few words find the tracks that they ask for: names by the names, feelings by the moods, and each track
// says why it is there.
#include "fusion/recommend/track_search.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "fusion/catalogue/catalogue_builder.hpp"

namespace bgm {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

struct Row {
    std::string id = {}, title = {}, artist = {}, genre = {};
    Mood mood = Mood::joyful;
    float tempo_bpm = 0;
    std::vector<float> embedding = {};
    std::uint16_t year = 0;
};

Catalogue built_of(const std::vector<Row>& rows) {
    CatalogueBuilder builder;
    for (const Row& row : rows) {
        Track track;
        track.track_id = row.id;
        track.title = row.title;
        track.artist = row.artist;
        track.genre = row.genre;
        track.tempo_bpm = row.tempo_bpm;
        track.year = row.year;
        track.moods[static_cast<std::size_t>(row.mood)] = 1;
        TrackSound sound{.moods = {}, .affect = {}, .embedding_model = "ear", .embedding = row.embedding};
        EXPECT_TRUE(builder.add(track, row.embedding.empty() ? nullptr : &sound));
    }
    auto built = builder.finish();
    EXPECT_TRUE(built);
    return std::move(*built);
}

Catalogue sample() {
    return built_of({
        {.id = "a",
         .title = "Piano Sonata No. 14",
         .artist = "Ludwig van Beethoven",
         .genre = "classical",
         .mood = Mood::calm,
         .tempo_bpm = 56},
        {.id = "b",
         .title = "Heart of Gold",
         .artist = "The Miners",
         .genre = "rock",
         .mood = Mood::energizing,
         .tempo_bpm = 140},
        {.id = "c",
         .title = "Storm for Piano",
         .artist = "Nobody",
         .genre = "classical",
         .mood = Mood::scary,
         .tempo_bpm = 150},
        {.id = "d",
         .title = "고요한 바다",
         .artist = "아무개",
         .genre = "kpop",
         .mood = Mood::calm,
         .tempo_bpm = 80},
        {.id = "e",
         .title = "Sad",
         .artist = "Jazz Messengers",
         .genre = "jazz",
         .mood = Mood::joyful,
         .tempo_bpm = 200},
    });
}

std::vector<std::string> ids(const Catalogue& catalogue, const std::string& text) {
    std::vector<std::string> all;
    for (const SearchHit& hit : search_tracks(catalogue, read_search(text), 10))
        all.emplace_back(catalogue.track_id(hit.track_index));
    return all;
}

TEST(TrackSearch, FindsFeelingsAndNamesTogether) {
    const Catalogue catalogue = sample();
    const SearchWish wish = read_search("잔잔한 피아노");
    std::size_t total = 0;
    const auto hits = search_tracks(catalogue, wish, 3, {}, &total);
    ASSERT_EQ(hits.size(), 3U);
    EXPECT_EQ(total, 5U);
    EXPECT_EQ(catalogue.track_id(hits[0].track_index), "a");
    EXPECT_GT(hits[0].score, 0.8F);
    EXPECT_THAT(hits[0].reason(catalogue, wish), StartsWith("피아노 in title; calm, beautiful "));
    EXPECT_GT(hits[0].score, hits[1].score);
    EXPECT_EQ(ids(catalogue, "calm piano"), ids(catalogue, "잔잔한 피아노"));
    EXPECT_EQ(ids(catalogue, "무서운 피아노로")[0], "c");
}

TEST(TrackSearch, FindsNamesByAnySpelling) {
    const Catalogue catalogue = sample();
    EXPECT_THAT(ids(catalogue, "베토벤"), ElementsAre("a"));
    EXPECT_THAT(ids(catalogue, "BEETHOVEN"), ElementsAre("a"));
    EXPECT_EQ(ids(catalogue, "바다의 노래")[0], "d") << "the others only suit the sea";
    EXPECT_THAT(ids(catalogue, "K-Pop"), ElementsAre("d"));
    EXPECT_THAT(ids(catalogue, "재즈"), ElementsAre("e"));
    EXPECT_THAT(ids(catalogue, "art"), IsEmpty()) << "stands within a word alone";
    EXPECT_THAT(ids(catalogue, "gold heart"), ElementsAre("b"));
    EXPECT_THAT(ids(catalogue, "xylophone"), IsEmpty());
    EXPECT_THAT(ids(catalogue, "the music"), IsEmpty());
}

// Idea: a title that is a mood's word is found by it before what feels so.
TEST(TrackSearch, TheWholeTextFoundIsFound) {
    const Catalogue catalogue = sample();
    const SearchWish wish = read_search("sad");
    const auto hits = search_tracks(catalogue, wish, 10);
    const auto sad = std::ranges::find_if(
        hits, [&](const auto& hit) { return catalogue.track_id(hit.track_index) == "e"; });
    ASSERT_NE(sad, hits.end());
    EXPECT_EQ(*sad->words, 1);
    EXPECT_THAT(sad->reason(catalogue, wish), HasSubstr("sad in title; sad "));
    EXPECT_EQ(sad, hits.begin());
}

TEST(TrackSearch, HearsTempo) {
    const Catalogue catalogue = sample();
    EXPECT_EQ(ids(catalogue, "느린 피아노")[0], "a");
    EXPECT_EQ(ids(catalogue, "fast piano")[0], "c");
    EXPECT_THAT(ids(catalogue, "under 90 bpm"), ElementsAre("a", "d"));
    const SearchWish piano = read_search("piano over 120 bpm");
    EXPECT_EQ(search_tracks(catalogue, piano, 1)[0].score, 1) << "what says the tempo is no name";
    const SearchWish wish = read_search("slow");
    EXPECT_THAT(ids(catalogue, "slow"), ElementsAre("a", "d"));
    EXPECT_EQ(search_tracks(catalogue, wish, 1)[0].reason(catalogue, wish), "56 bpm");
    EXPECT_FALSE(search_tracks(built_of({{.id = "x", .title = "X"}}), wish, 1).size());
}

// Idea: a search is read as a wish is: what is denied is left out, not looked for.
TEST(TrackSearch, LeavesOutWhatIsDenied) {
    const Catalogue catalogue = sample();
    EXPECT_THAT(ids(catalogue, "piano, not scary"), ElementsAre("a"));
    EXPECT_THAT(ids(catalogue, "무섭지 않은 피아노"), ElementsAre("a"));
    EXPECT_THAT(ids(catalogue, "calm, no classical"),
                AllOf(Not(Contains("a")), Not(Contains("c")), Contains("d")));
    EXPECT_THAT(ids(catalogue, "클래식 말고 잔잔한 노래"), AllOf(Not(Contains("a")), Contains("d")));
    EXPECT_THAT(ids(catalogue, "without xylophone"), IsEmpty());
}

// Idea: what is only denied, or only an era, asks for all the others.
TEST(TrackSearch, FindsWhatPassesWhereNothingElseIsSaid) {
    const Catalogue catalogue = sample();
    EXPECT_THAT(ids(catalogue, "클래식 말고"), ElementsAre("b", "d", "e"));
    EXPECT_THAT(ids(catalogue, "not scary, not calm"), ElementsAre("b", "e"));
    const Catalogue dated = built_of({{.id = "a", .title = "A", .year = 1979},
                                      {.id = "b", .title = "B", .year = 1984},
                                      {.id = "c", .title = "C"},
                                      {.id = "d", .title = "D", .year = 1989}});
    EXPECT_THAT(ids(dated, "80s"), ElementsAre("b", "d"));
    EXPECT_THAT(ids(dated, "1980년대 음악"), ElementsAre("b", "d"));
    EXPECT_THAT(ids(dated, "after 1980"), ElementsAre("b", "d"));
    EXPECT_THAT(ids(dated, "from 1985 on"), ElementsAre("d"));
    EXPECT_THAT(ids(dated, "music from before 1980"), ElementsAre("a"));
    EXPECT_THAT(ids(dated, "80s trombone"), IsEmpty()) << "a word that is said is looked for";
    const SearchWish wish = read_search("music of the 80s, not sad");
    const auto hits = search_tracks(dated, wish, 10);
    ASSERT_EQ(hits.size(), 2U);
    EXPECT_EQ(hits[0].score, 1);
    EXPECT_EQ(hits[0].reason(dated, wish), "1984; not sad");
}

TEST(TrackSearch, TakesAWordOnce) {
    const Catalogue catalogue = sample();
    const SearchWish wish = read_search("gold gold gold heart");
    const auto hits = search_tracks(catalogue, wish, 1);
    ASSERT_EQ(hits.size(), 1U);
    EXPECT_EQ(hits[0].reason(catalogue, wish), "gold in title; heart in title");
}

// Idea: a moment is looked for by name and by what suits it.
TEST(TrackSearch, TakesAMomentForAFeelingAndForAName) {
    const Catalogue catalogue = built_of({{.id = "rain", .title = "Rain", .mood = Mood::energizing},
                                          {.id = "quiet", .title = "Etude", .mood = Mood::calm},
                                          {.id = "loud", .title = "Stomp", .mood = Mood::energizing}});
    const SearchWish wish = read_search("a rainy day");
    const auto hits = search_tracks(catalogue, wish, 10);
    ASSERT_FALSE(hits.empty());
    EXPECT_EQ(catalogue.track_id(hits[0].track_index), "quiet");
    EXPECT_THAT(hits[0].reason(catalogue, wish), HasSubstr("for rainy "));
    EXPECT_EQ(ids(catalogue, "rain")[0], "rain");
}

// Idea: where a model reads texts in the space of the sounds, what sounds so comes first.
TEST(TrackSearch, TakesAPlaceInTheSoundSpace) {
    const Catalogue catalogue = built_of({{.id = "a", .title = "A", .embedding = {1, 0}},
                                          {.id = "b", .title = "B", .embedding = {0.6F, 0.8F}},
                                          {.id = "c", .title = "C"}});
    SearchWish wish = read_search("hammers on a tin roof");
    EXPECT_THAT(search_tracks(catalogue, wish, 10), IsEmpty());
    wish.place = {.model = "ear", .embedding = {0, 3}};
    const auto hits = search_tracks(catalogue, wish, 10);
    ASSERT_EQ(hits.size(), 1U);
    EXPECT_EQ(catalogue.track_id(hits[0].track_index), "b");
    EXPECT_NEAR(*hits[0].sound, 0.8, 1e-5);
    EXPECT_THAT(hits[0].reason(catalogue, wish), HasSubstr("sounds like it 80 %"));
    wish.place.embedding = {0, 3, 0};
    EXPECT_THAT(search_tracks(catalogue, wish, 10), IsEmpty());
    wish.place.embedding = {0, std::nanf("")};
    EXPECT_THAT(search_tracks(catalogue, wish, 10), IsEmpty());
    wish.place = {.model = "another ear", .embedding = {0, 3}};
    EXPECT_THAT(search_tracks(catalogue, wish, 10), IsEmpty()) << "another space";
}

TEST(TrackSearch, LeavesOutWhatIsFilteredAndKeepsTheBest) {
    const Catalogue catalogue = sample();
    const SearchWish wish = read_search("calm");
    const auto all = search_tracks(catalogue, wish, 10);
    const auto two = search_tracks(catalogue, wish, 2);
    ASSERT_EQ(two.size(), 2U);
    EXPECT_EQ(two[0].track_index, all[0].track_index);
    EXPECT_EQ(two[1].track_index, all[1].track_index);
    std::size_t total = 0;
    const auto others = search_tracks(
        catalogue, wish, 1, [&](std::uint32_t index) { return index != all[0].track_index; }, &total);
    ASSERT_EQ(others.size(), 1U);
    EXPECT_EQ(others[0].track_index, all[1].track_index);
    EXPECT_EQ(total, 4U);
}

TEST(TrackSearch, BrokenTextIsHarmless) {
    const Catalogue catalogue = sample();
    for (const std::string& text :
         {std::string(), std::string(" \t\n"), std::string("\xFF\xFE\x80"), std::string(10'000, 'a'),
          std::string("\0calm", 5), std::string("((()))")})
        static_cast<void>(search_tracks(catalogue, read_search(text), 10));
}

}  // namespace
}  // namespace bgm
