// Wishes in the path of a post: what a wish states holds in every track that is picked, and what could not be
// met is said.
#include "daemon/pipeline/wish_reading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <random>

#include "daemon/pipeline/recommender.hpp"
#include "fusion/catalogue/catalogue_builder.hpp"
#include "tests/fusion/wish/wish_lines.hpp"

namespace bgm {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Tracks of every kind that the tables ask for, and of some that they do not.
const Catalogue& catalogue() {
    static const Catalogue kCatalogue = [] {
        constexpr std::array kGenres{"rock",       "pop",
                                     "k-pop",      "jazz",
                                     "blues",      "hip hop",
                                     "r&b",        "electronic",
                                     "classical",  "metal",
                                     "indie",      "folk",
                                     "ballad",     "soundtrack",
                                     "bossa nova", "lo-fi",
                                     "trot",       "country",
                                     "ambient",    "city pop",
                                     "funk",       "reggae",
                                     "latin",      "punk",
                                     "children",   "korean traditional",
                                     "carol",      "polka"};
        constexpr std::array kLanguages{"", "en", "ko", "ja", "fr", "es"};
        std::mt19937 random(7);
        const auto below = [&](std::size_t n) { return random() % n; };
        CatalogueBuilder builder;
        for (int i = 0; i < 6000; ++i) {
            Track track;
            track.track_id = track.artist = std::to_string(i);
            track.genre = kGenres.at(below(kGenres.size()));
            track.language = kLanguages.at(below(kLanguages.size()));
            track.duration_ms = 60'000 + static_cast<std::uint32_t>(below(300'000));
            track.tempo_bpm = below(10) == 0 ? 0 : 50 + static_cast<float>(below(120));
            track.year = below(10) == 0 ? 0 : 1955 + static_cast<std::uint32_t>(below(70));
            track.is_explicit = below(5) == 0;
            track.moods[below(kMoodCount)] = 0.7F;
            track.moods[below(kMoodCount)] += 0.3F;
            EXPECT_TRUE(builder.add(track));
        }
        return *builder.finish();
    }();
    return kCatalogue;
}

v1::Post wish_of(const std::string& text) {
    v1::Post post;
    post.set_tenant("t");
    post.set_post_id(text.substr(0, 20));
    post.set_text(text);
    post.set_kind(v1::WISH);
    return post;
}

DecidedMood decided_for(const WishReading& reading) {
    DecidedMood decided;
    decided.pick.set_tenant("t");
    decided.pick.set_post_id("p");
    *decided.pick.mutable_understood() = reading.understood;
    std::vector<Evidence> evidence;
    if (reading.target) evidence.push_back(*reading.target);
    decided.mood = fuse(evidence);
    decided.pick.set_mood(std::string(name(decided.mood.top)));
    return decided;
}

v1::Pick pick_for(const std::string& text) {
    const auto reading = read_wish_of(wish_of(text), 50);
    EXPECT_TRUE(reading);
    auto pick = recommend(catalogue(), match_request(reading->post, 5), decided_for(*reading));
    EXPECT_TRUE(pick) << pick.error().to_string();
    return *pick;
}

/// The ends of "1990-1999", "120-" or "-90"; 0 and a million where open.
std::pair<double, double> range(const std::string& text) {
    const std::size_t dash = text.find('-');
    return {dash == 0 ? 0 : std::stod(text.substr(0, dash)),
            dash + 1 == text.size() ? 1e6 : std::stod(text.substr(dash + 1))};
}

bool holds(const std::string& stated, const TrackView& track) {
    const std::size_t colon = std::min(stated.find(':'), stated.size() - 1);
    const std::string key = stated.substr(0, colon), value = stated.substr(colon + 1);
    const auto genre = [&](const std::string& wanted) {
        const std::string_view own = track.genre == "k-pop" ? "kpop" : track.genre;
        return own == wanted;
    };
    if (key == "nogenre") return !genre(value);
    if (key == "nolang") return track.language != value;
    if (key == "tempo")
        return track.tempo_bpm > 0 && track.tempo_bpm >= range(value).first &&
               track.tempo_bpm <= range(value).second;
    if (key == "year") {
        const auto [from, to] = range(value);
        if (from > to) return track.year >= from || track.year <= to;
        return track.year >= std::max(from, 1.0) && track.year <= to;
    }
    if (key == "seconds") return track.duration_ms > 0 && track.duration_ms <= std::stoul(value) * 1000;
    if (stated == "instrumental") return track.language.empty();
    if (stated == "sung") return !track.language.empty();
    if (stated == "clean") return !track.is_explicit;
    if (key == "avoid") {
        const auto mood = *mood_from_name(value);
        const float share = track.moods[static_cast<std::size_t>(mood)];
        return share < 0.25F && share < *std::max_element(track.moods.begin(), track.moods.end());
    }
    return true;
}

TEST(WishReading, WhatAWishStatesHoldsInEveryTrack) {
    for (const char* const file : {"wishes_en.tsv", "wishes_ko.tsv"}) {
        int full = 0;
        const auto lines = testing::wish_lines(file);
        for (const testing::WishLine& line : lines) {
            const v1::Pick pick = pick_for(line.text);
            int wanted = 5;
            std::vector<std::string> genres, languages;
            for (const std::string& stated : line.stated) {
                if (stated.starts_with("tracks:")) wanted = std::stoi(stated.substr(7));
                if (stated.starts_with("genre:")) genres.push_back(stated.substr(6));
                if (stated.starts_with("lang:")) languages.push_back(stated.substr(5));
            }
            EXPECT_TRUE(pick.tracks_size() == wanted || pick.understood().unmet_size() > 0) << line.text;
            EXPECT_LE(pick.tracks_size(), wanted) << line.text;
            full += pick.tracks_size() == wanted ? 1 : 0;
            for (const v1::PickTrack& entry : pick.tracks()) {
                const TrackView track = catalogue().track(*catalogue().find(entry.track_id()));
                for (const std::string& stated : line.stated)
                    EXPECT_TRUE(holds(stated, track))
                        << line.text << ": " << stated << " in " << entry.track_id();
                const bool of_genre =
                    std::any_of(genres.begin(), genres.end(), [&](const std::string& genre) {
                        return genre == track.genre || (genre == "kpop" && track.genre == "k-pop");
                    });
                EXPECT_TRUE(genres.empty() || of_genre) << line.text << ": " << track.genre;
                EXPECT_TRUE(languages.empty() ||
                            std::ranges::find(languages, track.language) != languages.end())
                    << line.text << ": " << track.language;
            }
        }
        std::cout << file << ": all tracks wished for in " << full << " of " << lines.size() << " wishes\n";
        EXPECT_GT(full, 50);
    }
}

TEST(WishReading, SaysWhatCouldNotBeMet) {
    EXPECT_THAT(pick_for("gospel from the 90s").understood().unmet(),
                ElementsAre(HasSubstr("no track is gospel")));
    EXPECT_THAT(pick_for("songs from before 1950").understood().unmet(),
                ElementsAre("no track is known to have come out up to 1949"));
    EXPECT_THAT(pick_for("music over 250 bpm").understood().unmet(),
                ElementsAre("no track is known to have a tempo from 251 bpm on"));
    const v1::Pick few =
        pick_for("French korean traditional from 1970 to 1970, under 2 minutes, between 60 and 61 bpm");
    EXPECT_LT(few.tracks_size(), 5);
    EXPECT_THAT(few.understood().unmet(), SizeIs(1));
    const v1::Pick piano = pick_for("calm piano");
    EXPECT_THAT(piano.understood().unmet(), ElementsAre(HasSubstr("it may not play in these: piano")));
    EXPECT_THAT(piano.tracks(), SizeIs(5)) << "the rest of it is met";
    EXPECT_THAT(pick_for("calm").understood().unmet(), IsEmpty());
    const auto many = read_wish_of(wish_of("노래 90곡"), 50);
    EXPECT_EQ(many->post.options().tracks(), 50U);
    EXPECT_THAT(many->understood.unmet(), ElementsAre("no more than 50 tracks can be asked for"));
}

TEST(WishReading, AnInstrumentIsLookedForInTitlesAndGenres) {
    CatalogueBuilder builder;
    const auto add = [&](const char* id, const char* title, const char* genre) {
        Track track;
        track.track_id = track.artist = id;
        track.title = title;
        track.genre = genre;
        track.moods[static_cast<std::size_t>(Mood::calm)] = 1;
        EXPECT_TRUE(builder.add(track));
    };
    add("a", "Harp Nocturne", "classical");
    add("b", "Piano Sonata no. 3", "classical");
    add("c", "Slow", "solo piano");
    add("d", "피아노가 있는 방", "ballad");
    add("e", "Pianola Rag", "ragtime");
    add("f", "Slow", "기타");
    const auto catalogue = builder.finish();
    const auto picked = [&](const std::string& text) {
        const auto reading = read_wish_of(wish_of(text), 50);
        return *recommend(*catalogue, match_request(reading->post, 5), decided_for(*reading));
    };
    const v1::Pick piano = picked("calm piano, 3 songs");
    std::vector<std::string> ids;
    for (const v1::PickTrack& track : piano.tracks())
        ids.push_back(track.track_id());
    EXPECT_THAT(ids, ::testing::UnorderedElementsAre("b", "c", "d"));
    EXPECT_THAT(piano.understood().unmet(), IsEmpty());
    EXPECT_THAT(piano.tracks(0).reason().text(), HasSubstr("names piano"));
    EXPECT_THAT(picked("calm, no 90s").understood().unmet(),
                Contains("when some of these came out is not known"));
    const v1::Pick harp = picked("잔잔한 하프 세 곡");
    EXPECT_THAT(harp.tracks(), SizeIs(3));
    EXPECT_EQ(harp.tracks(0).track_id(), "a");
    EXPECT_THAT(harp.understood().unmet(), ElementsAre(HasSubstr("only the first 1 names it: harp")));
    EXPECT_THAT(picked("guitar, 2 songs").understood().unmet(),
                ElementsAre(HasSubstr("may not play in these: guitar")))
        << "a genre of others is none";
}

TEST(WishReading, ThePostsOwnOptionsWin) {
    v1::Post post = wish_of("slow sad rock from the 80s, no rap");
    post.mutable_options()->add_genres("jazz");
    post.mutable_options()->set_max_tempo(60);
    post.mutable_options()->add_avoid_moods("scary");
    post.mutable_context()->set_local_hour(12);
    post.mutable_context()->set_weather("rain");
    const auto reading = read_wish_of(post, 50);
    ASSERT_TRUE(reading);
    const v1::PickOptions& options = reading->post.options();
    EXPECT_THAT(options.genres(), ElementsAre("jazz"));
    EXPECT_EQ(options.max_tempo(), 60U);
    EXPECT_EQ(options.era().from_year(), 1980U);
    EXPECT_THAT(options.avoid_moods(), ElementsAre("scary"));
    EXPECT_THAT(options.avoid_genres(), Contains("hip hop"));
    EXPECT_EQ(reading->post.context().weather(), "rain");
    EXPECT_THAT(reading->understood.moods(), ElementsAre("sad"));
    post.set_text("calm for the night");
    EXPECT_EQ(read_wish_of(post, 50)->post.context().local_hour(), 23U) << "the moment that is meant";
}

TEST(WishReading, IsOnlyForWishes) {
    v1::Post post = wish_of("sad songs please");
    post.set_kind(v1::POST);
    EXPECT_FALSE(read_wish_of(post, 50));
}

}  // namespace
}  // namespace bgm
